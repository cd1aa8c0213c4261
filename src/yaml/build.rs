//! From the parser's events to one value.

use std::collections::HashMap;

use saphyr_parser::{Event, Input, Parser, Span, Tag};
use serde_json::{Map, Value};

use super::{scalar, Problem};

/// Deeper than any deployment is described.
const DEEPEST: usize = 128;

/// Values in all, those behind aliases counted each time: a few aliases of aliases are billions.
const MOST: usize = 1_000_000;

/// The document, or null for a file without one.
pub fn document<I: Input>(parser: &mut Parser<'_, I>) -> Result<Value, Problem> {
    let mut builder = Builder {
        parser,
        anchors: HashMap::new(),
        count: 0,
    };
    let mut found = None;
    loop {
        let (event, span) = builder.next()?;
        match event {
            Event::StreamEnd => return Ok(found.unwrap_or(Value::Null)),
            Event::DocumentStart(_) if found.is_some() => {
                return Err(Problem::at(
                    span,
                    "a second document begins; only one is read",
                ))
            }
            Event::DocumentStart(_) => {
                let (event, span) = builder.next()?;
                found = Some(builder.node(event, span, 0)?);
            }
            _ => {}
        }
    }
}

struct Anchor {
    value: Value,
    count: usize,
}

struct Builder<'a, 'input, I: Input> {
    parser: &'a mut Parser<'input, I>,
    anchors: HashMap<usize, Anchor>,
    count: usize,
}

impl<'input, I: Input> Builder<'_, 'input, I> {
    fn next(&mut self) -> Result<(Event<'input>, Span), Problem> {
        match self.parser.next_event() {
            Some(event) => Ok(event?),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn count(&mut self, values: usize, span: Span) -> Result<(), Problem> {
        self.count += values;
        if self.count > MOST {
            return Err(Problem::at(span, format!("more than {MOST} values")));
        }
        Ok(())
    }

    fn node(&mut self, event: Event<'input>, span: Span, depth: usize) -> Result<Value, Problem> {
        if depth > DEEPEST {
            return Err(Problem::at(span, format!("more than {DEEPEST} levels")));
        }
        let before = self.count;
        self.count(1, span)?;
        let (value, anchor, tag) = match event {
            Event::Alias(id) => {
                let Some(anchor) = self.anchors.get(&id) else {
                    return Err(Problem::at(span, "the alias stands inside its own anchor"));
                };
                let (value, values) = (anchor.value.clone(), anchor.count);
                self.count(values, span)?;
                return Ok(value);
            }
            Event::Scalar(text, style, anchor, tag) => {
                (scalar::value(&text, style, tag.as_deref()), anchor, tag)
            }
            Event::SequenceStart(anchor, tag) => (self.sequence(depth)?, anchor, tag),
            Event::MappingStart(anchor, tag) => (self.mapping(depth)?, anchor, tag),
            _ => return Err(Problem::at(span, "a value is missing")),
        };
        let value = match tag.as_deref() {
            Some(tag) => tagged(value, tag),
            None => value,
        };
        if anchor > 0 {
            let count = self.count - before;
            let value = value.clone();
            self.anchors.insert(anchor, Anchor { value, count });
        }
        Ok(value)
    }

    fn sequence(&mut self, depth: usize) -> Result<Value, Problem> {
        let mut list = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Value::Array(list)),
                (event, span) => list.push(self.node(event, span, depth + 1)?),
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, Problem> {
        let mut map = Map::new();
        let mut merged = Map::new();
        loop {
            let (event, span) = self.next()?;
            let key = match event {
                Event::MappingEnd => break,
                Event::Scalar(text, ..) => text.into_owned(),
                // Only texts are names in JSON, and an alias may stand for one.
                other => match self.node(other, span, depth + 1)? {
                    Value::String(text) => text,
                    _ => return Err(Problem::at(span, "a key is not a scalar")),
                },
            };
            let (event, at) = self.next()?;
            let value = self.node(event, at, depth + 1)?;
            if key == "<<" {
                merge(&mut merged, value).map_err(|text| Problem::at(at, text))?;
            } else if map.insert(key.clone(), value).is_some() {
                return Err(Problem::at(span, format!("{key:?} stands here twice")));
            }
        }
        // What is written out beats what is merged in.
        for (key, value) in merged {
            map.entry(key).or_insert(value);
        }
        Ok(Value::Object(map))
    }
}

/// Adds what a merge key names: a mapping, or a list of them of which the first beats the next.
fn merge(merged: &mut Map<String, Value>, value: Value) -> Result<(), &'static str> {
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                merged.entry(key).or_insert(value);
            }
            Ok(())
        }
        Value::Array(list) if list.iter().all(Value::is_object) => {
            list.into_iter().try_for_each(|entry| merge(merged, entry))
        }
        _ => Err("<< merges mappings only"),
    }
}

/// A local tag is a CloudFormation function; its long form is what Serverless makes of it, too.
///
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>
fn tagged(value: Value, tag: &Tag) -> Value {
    if tag.handle != "!" || tag.suffix.is_empty() {
        return value;
    }
    let name = match tag.suffix.as_str() {
        "Ref" | "Condition" => tag.suffix.clone(),
        function => format!("Fn::{function}"),
    };
    let value = match value {
        Value::String(text) if tag.suffix == "GetAtt" => match text.split_once('.') {
            Some((resource, attribute)) => vec![resource, attribute].into(),
            None => text.into(),
        },
        other => other,
    };
    Value::Object(Map::from_iter([(name, value)]))
}

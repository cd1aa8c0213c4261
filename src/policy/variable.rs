//! Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, and
//! the escapes `${*}`, `${?}`, `${$}`.
//!
//! They exist only under Version 2012-10-17; elsewhere the text stands for
//! itself.

use super::condition_key::KeyValue;
use super::glob::Token;

/// A text with variables in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// As the policy spells it.
    pub written: String,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// `${*}`: the character itself, never a wildcard.
    Escape(char),
    Variable {
        key: String,
        default: Option<String>,
    },
}

/// How far a template could be filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filled {
    /// Entirely.
    Known,
    /// A value is not known; it stands as `*` in the tokens, so what does not
    /// match then cannot match at all.
    Unknown,
    /// A variable has no value and no default: the text matches nothing.
    Missing,
}

impl Template {
    /// Splits a text into pieces; `variables` says whether `${…}` has a
    /// meaning here.
    pub fn parse(written: &str, variables: bool) -> Template {
        let mut pieces = Vec::new();
        let mut text = String::new();
        let mut rest = written;
        while let Some((before, after)) = rest.split_once("${").filter(|_| variables) {
            let Some((inner, tail)) = split_at_brace(after) else {
                break;
            };
            text.push_str(before);
            pieces.push(Piece::Text(std::mem::take(&mut text)));
            pieces.push(variable(inner));
            rest = tail;
        }
        text.push_str(rest);
        pieces.push(Piece::Text(text));
        Template {
            written: written.to_owned(),
            pieces,
        }
    }

    /// The same for a resource, in whose last part alone variables have a
    /// meaning: `arn:aws:s3:::bucket/${aws:username}`.
    pub fn parse_resource(written: &str, variables: bool) -> Template {
        let tail = written
            .match_indices(':')
            .nth(4)
            .map_or(0, |(at, _)| at + 1);
        let (head, tail) = written.split_at_checked(tail).unwrap_or(("", written));
        let mut template = Template::parse(tail, variables);
        template.written = written.to_owned();
        template.pieces.insert(0, Piece::Text(head.to_owned()));
        template
    }

    /// Fills in the variables. `wildcards` says whether `*` and `?` written in
    /// the policy are wildcards; in a variable's value they never are.
    pub fn fill(
        &self,
        wildcards: bool,
        value_of: &dyn Fn(&str) -> KeyValue,
    ) -> (Vec<Token>, Filled) {
        let mut tokens = Vec::with_capacity(self.written.len());
        let mut filled = Filled::Known;
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) if wildcards => tokens.extend(super::glob::tokens(text)),
                Piece::Text(text) => tokens.extend(text.chars().map(Token::Char)),
                Piece::Escape(c) => tokens.push(Token::Char(*c)),
                Piece::Variable { key, default } => match (value_of(key), default) {
                    (KeyValue::Values(values), _) if values.len() == 1 => {
                        tokens.extend(values.iter().flat_map(|v| v.chars()).map(Token::Char));
                    }
                    (KeyValue::Absent, Some(default)) => {
                        tokens.extend(default.chars().map(Token::Char));
                    }
                    (KeyValue::Absent, None) => filled = Filled::Missing,
                    // A key with several values is no variable in IAM either.
                    (KeyValue::Values(_) | KeyValue::Unknown(_), _) => {
                        tokens.push(Token::Any);
                        if filled == Filled::Known {
                            filled = Filled::Unknown;
                        }
                    }
                },
            }
        }
        (tokens, filled)
    }

    /// The condition keys that the variables read.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Variable { key, .. } => Some(key.as_str()),
            Piece::Text(_) | Piece::Escape(_) => None,
        })
    }
}

/// The closing brace; one inside the quotes of a default does not close.
fn split_at_brace(text: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let at = text.char_indices().find_map(|(at, c)| {
        quoted ^= c == '\'';
        (c == '}' && !quoted).then_some(at)
    })?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

fn variable(inner: &str) -> Piece {
    match inner {
        "*" => return Piece::Escape('*'),
        "?" => return Piece::Escape('?'),
        "$" => return Piece::Escape('$'),
        _ => {}
    }
    let (key, default) = match inner.split_once(',') {
        Some((key, default)) => (key, Some(default.trim())),
        None => (inner, None),
    };
    let unquoted = default.map(|text| {
        let inside = text.strip_prefix('\'').and_then(|t| t.strip_suffix('\''));
        inside.unwrap_or(text).to_owned()
    });
    Piece::Variable {
        key: key.trim().to_owned(),
        default: unquoted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(text: &str, variables: bool) -> (String, Filled) {
        let value_of = |key: &str| match key {
            "aws:username" => KeyValue::Values(vec!["ann*".into()]),
            "aws:gone" => KeyValue::Absent,
            _ => KeyValue::Unknown("not known"),
        };
        let (tokens, filled) = Template::parse(text, variables).fill(true, &value_of);
        let text = tokens.iter().map(|token| match token {
            Token::Char('*') => "[*]".to_owned(),
            Token::Char(c) => c.to_string(),
            Token::Any => "*".to_owned(),
            Token::One => "?".to_owned(),
        });
        (text.collect(), filled)
    }

    #[test]
    fn values_never_become_wildcards() {
        assert_eq!(
            fill("h/${aws:username}/*", true),
            ("h/ann[*]/*".into(), Filled::Known)
        );
        assert_eq!(fill("${*}${?}${$}", true).0, "[*]?$");
    }

    #[test]
    fn unknown_absent_default() {
        assert_eq!(fill("a${x}b", true), ("a*b".into(), Filled::Unknown));
        assert_eq!(fill("a${aws:gone}b", true).1, Filled::Missing);
        assert_eq!(
            fill("a${aws:gone, 'n}o'}b", true),
            ("an}ob".into(), Filled::Known)
        );
    }

    #[test]
    fn in_a_resource_only_the_last_part() {
        let template = Template::parse_resource("arn:${a}:s3:::${aws:username}/${b:c}", true);
        assert_eq!(template.keys().collect::<Vec<_>>(), ["aws:username", "b:c"]);
        let (tokens, _) = template.fill(true, &|_| KeyValue::one("x"));
        assert!(super::super::glob::matches(&tokens, "arn:${a}:s3:::x/x"));
        let whole = Template::parse_resource("${aws:username}", true);
        assert_eq!(whole.keys().count(), 1);
    }

    #[test]
    fn elsewhere_the_text_stands_for_itself() {
        assert_eq!(fill("${aws:username}", false).0, "${aws:username}");
        assert_eq!(fill("a${open", true).0, "a${open");
    }
}

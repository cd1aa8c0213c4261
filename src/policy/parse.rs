//! From JSON to the policy document: every element is known or refused.

use super::document::{
    Condition, Effect, Listed, Policy, PrincipalElement, PrincipalId, Statement, Version,
};
use super::error::PolicyError;
use super::json::{self, error_at, push_key, shown, Json, Member, Node};
use super::operator::Operator;
use super::variable::Template;
use crate::similar::did_you_mean;

/// The elements of a document.
const DOCUMENT: &[&str] = &["Version", "Id", "Statement"];

/// The elements of a statement.
const STATEMENT: &[&str] = &[
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// The kinds of principal.
const PRINCIPALS: &[&str] = &["AWS", "Service", "Federated", "CanonicalUser"];

/// Reads a document; see [`Policy::parse`].
///
/// # Errors
/// Reason and position of the first thing that is wrong.
pub fn policy(text: &str) -> Result<Policy, PolicyError> {
    let root = json::read(text)?;
    let parser = Parser { text };
    parser.document(&Spot {
        node: &root,
        path: String::new(),
    })
}

/// A value and where it stands.
struct Spot<'a> {
    node: &'a Node,
    path: String,
}

impl<'a> Spot<'a> {
    fn member(&self, member: &'a Member) -> Spot<'a> {
        Spot {
            node: &member.value,
            path: push_key(&self.path, &member.name),
        }
    }

    /// The items of a list, or the value itself where a scalar is allowed.
    fn items(&self) -> Vec<Spot<'a>> {
        let Json::List(items) = &self.node.json else {
            return vec![Spot {
                node: self.node,
                path: self.path.clone(),
            }];
        };
        let spots = items.iter().enumerate().map(|(index, node)| Spot {
            node,
            path: format!("{}[{index}]", self.path),
        });
        spots.collect()
    }
}

struct Parser<'a> {
    text: &'a str,
}

impl Parser<'_> {
    fn fail<T>(&self, spot: &Spot, reason: impl Into<String>) -> Result<T, PolicyError> {
        Err(error_at(self.text, spot.node.offset, &spot.path, reason))
    }

    fn missing<T>(&self, spot: &Spot, name: &str) -> Result<T, PolicyError> {
        let path = push_key(&spot.path, name);
        let reason = format!("the required element {name} is missing");
        Err(error_at(self.text, spot.node.offset, &path, reason))
    }

    /// The members of an object, all of them with a known name.
    fn object<'n>(&self, spot: &Spot<'n>, known: &[&str]) -> Result<&'n [Member], PolicyError> {
        let members = self.any_object(spot)?;
        let stranger = members.iter().find(|m| !known.contains(&m.name.as_str()));
        let Some(stranger) = stranger else {
            return Ok(members);
        };
        let hint = did_you_mean(&stranger.name, known.iter().copied());
        let reason = format!("unknown element {}{hint}", shown(&stranger.name));
        let path = push_key(&spot.path, &stranger.name);
        Err(error_at(self.text, stranger.offset, &path, reason))
    }

    fn any_object<'n>(&self, spot: &Spot<'n>) -> Result<&'n [Member], PolicyError> {
        match &spot.node.json {
            Json::Object(members) => Ok(members),
            other => self.fail(spot, format!("expected an object, found {}", other.kind())),
        }
    }

    fn text_of<'n>(&self, spot: &Spot<'n>) -> Result<&'n str, PolicyError> {
        match &spot.node.json {
            Json::Text(text) => Ok(text),
            other => self.fail(spot, format!("expected a string, found {}", other.kind())),
        }
    }

    /// A string or a list of strings, at least one.
    fn texts<'n>(&self, spot: &Spot<'n>) -> Result<Vec<(&'n str, Spot<'n>)>, PolicyError> {
        let items = spot.items();
        if items.is_empty() {
            return self.fail(spot, "an empty list matches nothing; S3 refuses it");
        }
        let texts = items.into_iter().map(|item| {
            let text = self.text_of(&item)?;
            Ok((text, item))
        });
        texts.collect()
    }

    fn document(&self, spot: &Spot) -> Result<Policy, PolicyError> {
        let members = self.object(spot, DOCUMENT)?;
        let version = match find(spot, members, "Version") {
            None => Version::V2008,
            Some(version) => self.version(&version)?,
        };
        if let Some(id) = find(spot, members, "Id") {
            self.text_of(&id)?;
        }
        let Some(statement) = find(spot, members, "Statement") else {
            return self.missing(spot, "Statement");
        };
        let items = statement.items();
        if items.is_empty() {
            return self.fail(&statement, "a policy needs at least one statement");
        }
        let statements = items.iter().enumerate();
        Ok(Policy {
            version,
            statements: statements
                .map(|(index, item)| self.statement(item, index, version))
                .collect::<Result<_, _>>()?,
        })
    }

    fn version(&self, spot: &Spot) -> Result<Version, PolicyError> {
        match self.text_of(spot)? {
            "2012-10-17" => Ok(Version::V2012),
            "2008-10-17" => Ok(Version::V2008),
            other => {
                let reason = format!(
                    "unknown version {}; the versions are 2012-10-17 and 2008-10-17",
                    shown(other)
                );
                self.fail(spot, reason)
            }
        }
    }

    fn statement(
        &self,
        spot: &Spot,
        index: usize,
        version: Version,
    ) -> Result<Statement, PolicyError> {
        let members = self.object(spot, STATEMENT)?;
        let sid = match find(spot, members, "Sid") {
            Some(sid) => self.text_of(&sid)?,
            None => "",
        };
        let Some(effect) = find(spot, members, "Effect") else {
            return self.missing(spot, "Effect");
        };
        let variables = version == Version::V2012;
        let conditions = match find(spot, members, "Condition") {
            Some(condition) => self.conditions(&condition, variables)?,
            None => Vec::new(),
        };
        Ok(Statement {
            sid: match sid {
                "" => format!("Statement[{index}]"),
                sid => sid.to_owned(),
            },
            effect: self.effect(&effect)?,
            principal: self.principal(spot, members)?,
            action: self.listed(spot, members, ["Action", "NotAction"], |text, at| {
                self.action(text, at)
            })?,
            resource: self.listed(spot, members, ["Resource", "NotResource"], |text, _| {
                Ok(Template::parse_resource(text, variables))
            })?,
            conditions,
        })
    }

    fn effect(&self, spot: &Spot) -> Result<Effect, PolicyError> {
        match self.text_of(spot)? {
            "Allow" => Ok(Effect::Allow),
            "Deny" => Ok(Effect::Deny),
            other => {
                let reason = format!(
                    "Effect must be Allow or Deny, spelt exactly so, not {}",
                    shown(other)
                );
                self.fail(spot, reason)
            }
        }
    }

    fn action(&self, text: &str, spot: &Spot) -> Result<String, PolicyError> {
        if text == "*" || text.contains(':') {
            return Ok(text.to_owned());
        }
        let reason = format!(
            "{} is not an action; write service:Name, such as s3:PutObject",
            shown(text)
        );
        self.fail(spot, reason)
    }

    /// The element under its plain or its `Not…` name: exactly one of the two.
    fn listed<T>(
        &self,
        spot: &Spot,
        members: &[Member],
        [plain, not]: [&str; 2],
        item: impl Fn(&str, &Spot) -> Result<T, PolicyError>,
    ) -> Result<Listed<T>, PolicyError> {
        let (element, negated) = match (find(spot, members, plain), find(spot, members, not)) {
            (Some(element), None) => (element, false),
            (None, Some(element)) => (element, true),
            (None, None) => return self.missing(spot, plain),
            (Some(_), Some(element)) => {
                let reason = format!("a statement has {plain} or {not}, not both");
                return self.fail(&element, reason);
            }
        };
        let texts = self.texts(&element)?;
        let items = texts.iter().map(|(text, at)| item(text, at));
        Ok(Listed {
            negated,
            items: items.collect::<Result<_, _>>()?,
        })
    }

    fn principal(&self, spot: &Spot, members: &[Member]) -> Result<PrincipalElement, PolicyError> {
        let plain = find(spot, members, "Principal");
        let not = find(spot, members, "NotPrincipal");
        match (plain, not) {
            (None, None) => Ok(PrincipalElement::Missing),
            (Some(element), None) => self.principals(&element).map(PrincipalElement::Any),
            (None, Some(element)) => self.principals(&element).map(PrincipalElement::Not),
            (Some(_), Some(element)) => self.fail(
                &element,
                "a statement has Principal or NotPrincipal, not both",
            ),
        }
    }

    fn principals(&self, spot: &Spot) -> Result<Vec<PrincipalId>, PolicyError> {
        if let Json::Text(text) = &spot.node.json {
            return match text.as_str() {
                "*" => Ok(vec![PrincipalId::Everyone]),
                other => {
                    let other = shown(other);
                    let reason = format!("{other} must stand in an object: {{\"AWS\": {other}}}");
                    self.fail(spot, reason)
                }
            };
        }
        let mut ids = Vec::new();
        for member in self.object(spot, PRINCIPALS)? {
            for (text, _) in self.texts(&spot.member(member))? {
                ids.push(match member.name.as_str() {
                    "AWS" if text == "*" => PrincipalId::Everyone,
                    "AWS" => PrincipalId::Aws(text.to_owned()),
                    "Service" => PrincipalId::Service(text.to_owned()),
                    "Federated" => PrincipalId::Federated(text.to_owned()),
                    _ => PrincipalId::CanonicalUser(text.to_owned()),
                });
            }
        }
        if ids.is_empty() {
            return self.fail(spot, "no principal is named");
        }
        Ok(ids)
    }

    fn conditions(&self, spot: &Spot, variables: bool) -> Result<Vec<Condition>, PolicyError> {
        let mut conditions = Vec::new();
        for member in self.any_object(spot)? {
            let keys = spot.member(member);
            let operator = match Operator::parse(&member.name) {
                Ok(operator) => operator,
                Err(reason) => {
                    return Err(error_at(self.text, member.offset, &keys.path, reason));
                }
            };
            let variables = variables && operator.has_variables();
            for key in self.any_object(&keys)? {
                let values = keys.member(key);
                if !key.name.contains(':') {
                    let reason = format!(
                        "{} is not a condition key; write prefix:name, such as aws:SourceIp",
                        shown(&key.name)
                    );
                    return Err(error_at(self.text, key.offset, &values.path, reason));
                }
                conditions.push(Condition {
                    operator: operator.clone(),
                    key: key.name.clone(),
                    values: self.values(&values, variables)?,
                });
            }
        }
        Ok(conditions)
    }

    fn values(&self, spot: &Spot, variables: bool) -> Result<Vec<Template>, PolicyError> {
        let values = spot.items().into_iter().map(|item| match &item.node.json {
            Json::Text(text) => Ok(Template::parse(text, variables)),
            Json::Number(text) => Ok(Template::parse(text, false)),
            Json::Bool(known) => Ok(Template::parse(&known.to_string(), false)),
            other => {
                let reason = format!(
                    "expected a string, number or boolean, found {}",
                    other.kind()
                );
                self.fail(&item, reason)
            }
        });
        values.collect()
    }
}

fn find<'n>(spot: &Spot<'n>, members: &'n [Member], name: &str) -> Option<Spot<'n>> {
    let member = members.iter().find(|member| member.name == name)?;
    Some(spot.member(member))
}

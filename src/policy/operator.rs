//! The condition operators, as a table.
//!
//! Source: IAM User Guide, "IAM JSON policy elements: Condition operators".

use super::json::shown;
use super::tri::Tri;
use crate::similar::did_you_mean;

/// How one value of the request is compared with one value of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Character by character.
    Text,
    /// Character by character, ignoring case.
    TextIgnoringCase,
    /// With `*` and `?`.
    Pattern,
    /// As decimal numbers.
    Number(Relation),
    /// As instants.
    Date(Relation),
    /// As `true` or `false`.
    Bool,
    /// As base64.
    Binary,
    /// An address in a range.
    Ip,
    /// Part by part, with `*` and `?`.
    Arn,
    /// Whether the key is there at all.
    Null,
}

/// An order between two values: request first, policy second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// Equal.
    Equal,
    /// Less than.
    Less,
    /// Less than or equal.
    LessOrEqual,
    /// Greater than.
    Greater,
    /// Greater than or equal.
    GreaterOrEqual,
}

impl Relation {
    /// Whether two values stand in this relation.
    pub fn holds<T: PartialOrd>(self, actual: &T, wanted: &T) -> bool {
        match self {
            Relation::Equal => actual == wanted,
            Relation::Less => actual < wanted,
            Relation::LessOrEqual => actual <= wanted,
            Relation::Greater => actual > wanted,
            Relation::GreaterOrEqual => actual >= wanted,
        }
    }
}

/// One operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The name as the IAM User Guide writes it.
    pub name: &'static str,
    /// How values are compared.
    pub kind: Kind,
    /// True for "none of the values", which is also true without the key.
    pub negated: bool,
    /// What is worth knowing.
    pub reason: &'static str,
}

const fn row(name: &'static str, kind: Kind, negated: bool, reason: &'static str) -> Row {
    Row {
        name,
        kind,
        negated,
        reason,
    }
}

/// All operators.
#[rustfmt::skip]
pub const OPERATORS: &[Row] = &[
    row("StringEquals", Kind::Text, false, "case counts; no wildcards"),
    row("StringNotEquals", Kind::Text, true, "NOR over the values; true without the key"),
    row("StringEqualsIgnoreCase", Kind::TextIgnoringCase, false, "no wildcards"),
    row("StringNotEqualsIgnoreCase", Kind::TextIgnoringCase, true, "NOR; true without the key"),
    row("StringLike", Kind::Pattern, false, "* and ? in the policy's value only; case counts"),
    row("StringNotLike", Kind::Pattern, true, "NOR; true without the key"),
    row("NumericEquals", Kind::Number(Relation::Equal), false, "integers or decimals"),
    row("NumericNotEquals", Kind::Number(Relation::Equal), true, "NOR; true without the key"),
    row("NumericLessThan", Kind::Number(Relation::Less), false, "how TLS versions are required"),
    row("NumericLessThanEquals", Kind::Number(Relation::LessOrEqual), false, "request's number first"),
    row("NumericGreaterThan", Kind::Number(Relation::Greater), false, "request's number first"),
    row("NumericGreaterThanEquals", Kind::Number(Relation::GreaterOrEqual), false, "request's number first"),
    row("DateEquals", Kind::Date(Relation::Equal), false, "ISO 8601 or epoch seconds"),
    row("DateNotEquals", Kind::Date(Relation::Equal), true, "NOR; true without the key"),
    row("DateLessThan", Kind::Date(Relation::Less), false, "before"),
    row("DateLessThanEquals", Kind::Date(Relation::LessOrEqual), false, "at or before"),
    row("DateGreaterThan", Kind::Date(Relation::Greater), false, "after"),
    row("DateGreaterThanEquals", Kind::Date(Relation::GreaterOrEqual), false, "at or after"),
    row("Bool", Kind::Bool, false, "JSON true and \"true\" are the same"),
    row("BinaryEquals", Kind::Binary, false, "base64 on both sides"),
    row("IpAddress", Kind::Ip, false, "IPv4 or IPv6, address or CIDR range"),
    row("NotIpAddress", Kind::Ip, true, "NOR; true without the key"),
    row("ArnEquals", Kind::Arn, false, "the same as ArnLike, wildcards included"),
    row("ArnLike", Kind::Arn, false, "wildcards stay within their colon-separated part"),
    row("ArnNotEquals", Kind::Arn, true, "the same as ArnNotLike; true without the key"),
    row("ArnNotLike", Kind::Arn, true, "NOR; true without the key"),
    row("Null", Kind::Null, false, "\"true\": the key is absent; \"false\": it is there"),
];

/// How several values in the request are taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Qualifier {
    /// No prefix: meant for keys with one value.
    Single,
    /// `ForAllValues:`, also true without any value.
    ForAllValues,
    /// `ForAnyValue:`, false without any value.
    ForAnyValue,
}

/// An operator with its prefix and suffix, as a policy uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// As the policy spells it.
    pub written: String,
    /// The operator itself.
    pub row: &'static Row,
    /// The prefix.
    pub qualifier: Qualifier,
    /// True with the suffix `IfExists`.
    pub if_exists: bool,
}

impl Operator {
    /// Reads an operator name. Case does not count, as in IAM.
    ///
    /// # Errors
    /// The reason why there is no such operator.
    pub fn parse(written: &str) -> Result<Operator, String> {
        let (qualifier, rest) = match written.split_once(':') {
            None => (Qualifier::Single, written),
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("ForAllValues") => {
                (Qualifier::ForAllValues, rest)
            }
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("ForAnyValue") => {
                (Qualifier::ForAnyValue, rest)
            }
            Some((prefix, _)) => {
                let names = ["ForAllValues", "ForAnyValue"];
                let hint = did_you_mean(prefix, names);
                return Err(format!(
                    "unknown condition qualifier {}{hint}",
                    shown(prefix)
                ));
            }
        };
        let (name, if_exists) = strip_if_exists(rest);
        let row = OPERATORS
            .iter()
            .find(|row| row.name.eq_ignore_ascii_case(name))
            .ok_or_else(|| {
                let hint = did_you_mean(name, OPERATORS.iter().map(|row| row.name));
                format!("unknown condition operator {}{hint}", shown(written))
            })?;
        if row.kind == Kind::Null && if_exists {
            return Err("IfExists cannot be added to Null, which asks just that".to_owned());
        }
        Ok(Operator {
            written: written.to_owned(),
            row,
            qualifier,
            if_exists,
        })
    }

    /// The result when the request does not carry the key at all.
    pub fn when_absent(&self) -> Tri {
        if self.if_exists {
            return Tri::True;
        }
        Tri::from(match self.qualifier {
            Qualifier::ForAllValues => true,
            Qualifier::ForAnyValue => false,
            Qualifier::Single => self.row.negated,
        })
    }

    /// Whether `*` and `?` in the policy's value are wildcards.
    pub fn has_wildcards(&self) -> bool {
        matches!(self.row.kind, Kind::Pattern | Kind::Arn)
    }

    /// Whether `${…}` in the policy's value is a variable. IAM replaces
    /// variables for string and ARN operators only.
    pub fn has_variables(&self) -> bool {
        matches!(
            self.row.kind,
            Kind::Text | Kind::TextIgnoringCase | Kind::Pattern | Kind::Arn
        )
    }
}

fn strip_if_exists(name: &str) -> (&str, bool) {
    const SUFFIX: &str = "IfExists";
    let split = name.len().checked_sub(SUFFIX.len());
    match split.and_then(|at| name.split_at_checked(at)) {
        Some((stem, suffix)) if suffix.eq_ignore_ascii_case(SUFFIX) => (stem, true),
        _ => (name, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefix_suffix_and_case() {
        let operator = Operator::parse("foranyvalue:stringNotLikeIFEXISTS").expect("an operator");
        assert_eq!(operator.row.name, "StringNotLike");
        assert_eq!(operator.qualifier, Qualifier::ForAnyValue);
        assert!(operator.if_exists);
    }

    #[test]
    fn misspelt() {
        let reason = |name| Operator::parse(name).expect_err("not an operator");
        assert!(reason("StringEqual").contains("\"StringEquals\""));
        assert!(reason("ForAll:StringEquals").contains("qualifier"));
        assert!(reason("NullIfExists").contains("Null"));
        assert!(reason("äIfExist").contains("unknown"));
    }

    #[test]
    fn without_the_key() {
        let absent = |name| Operator::parse(name).expect("an operator").when_absent();
        assert_eq!(absent("StringEquals"), Tri::False);
        assert_eq!(absent("StringNotEquals"), Tri::True);
        assert_eq!(absent("StringEqualsIfExists"), Tri::True);
        assert_eq!(absent("ForAllValues:StringEquals"), Tri::True);
        assert_eq!(absent("ForAnyValue:StringNotEquals"), Tri::False);
    }
}

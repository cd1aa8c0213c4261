//! One value of the request against one value of the policy.

use super::arn::{self, ArnMatch};
use super::condition_key::KeyValue;
use super::date;
use super::glob::{matches, Token};
use super::ip;
use super::operator::{Kind, Operator, Relation};
use super::tri::Tri;
use super::variable::{Filled, Template};

/// A value of the policy, with its variables filled in.
pub struct Wanted<'a> {
    template: &'a Template,
    tokens: Vec<Token>,
    filled: Filled,
}

impl<'a> Wanted<'a> {
    /// Fills in the variables.
    pub fn new(
        operator: &Operator,
        template: &'a Template,
        value_of: &dyn Fn(&str) -> KeyValue,
    ) -> Wanted<'a> {
        let (mut tokens, filled) = template.fill(operator.has_wildcards(), value_of);
        if operator.row.kind == Kind::TextIgnoringCase {
            tokens = fold(tokens);
        }
        Wanted {
            template,
            tokens,
            filled,
        }
    }
}

/// Whether a value matches, before negation.
///
/// A value of the wrong kind (not a number, not an ARN) or a variable without
/// a value does not match; under a negated operator it is unknown, since
/// evaluators disagree on whether "does not match" is then true.
pub fn matches_value(operator: &Operator, actual: &str, wanted: &Wanted) -> Tri {
    let ill_formed = match operator.row.negated {
        true => Tri::Unknown,
        false => Tri::False,
    };
    if wanted.filled == Filled::Missing {
        return ill_formed;
    }
    match compare(operator.row.kind, actual, wanted) {
        // With an unknown variable the tokens match whatever it could be.
        Some(true) if wanted.filled == Filled::Unknown => Tri::Unknown,
        Some(known) => Tri::from(known),
        None => ill_formed,
    }
}

/// `None` when one of the two is not of the operator's kind.
fn compare(kind: Kind, actual: &str, wanted: &Wanted) -> Option<bool> {
    let written = wanted.template.written.as_str();
    match kind {
        Kind::Text | Kind::Pattern => Some(matches(&wanted.tokens, actual)),
        Kind::TextIgnoringCase => Some(matches(&wanted.tokens, &actual.to_lowercase())),
        Kind::Number(relation) => by(relation, number(actual), number(written)),
        Kind::Date(relation) => by(relation, date::parse(actual), date::parse(written)),
        Kind::Bool => Some(boolean(actual)? == boolean(written)?),
        Kind::Binary => Some(unpadded(actual) == unpadded(written)),
        Kind::Ip => Some(ip::parse_cidr(written)?.contains(actual.parse().ok()?)),
        Kind::Arn => match arn::compare(&wanted.tokens, actual) {
            ArnMatch::Yes => Some(true),
            ArnMatch::No => Some(false),
            ArnMatch::NotAnArn => None,
        },
        // Null asks about the key, not about a value.
        Kind::Null => None,
    }
}

fn by<T: PartialOrd>(relation: Relation, actual: Option<T>, wanted: Option<T>) -> Option<bool> {
    Some(relation.holds(&actual?, &wanted?))
}

fn fold(tokens: Vec<Token>) -> Vec<Token> {
    let folded = tokens.into_iter().flat_map(|token| match token {
        Token::Char(c) => c.to_lowercase().map(Token::Char).collect(),
        wildcard => vec![wildcard],
    });
    folded.collect()
}

/// Rust also reads `inf` and `nan`, which are no numbers in a policy.
fn number(text: &str) -> Option<f64> {
    let plain = text
        .bytes()
        .all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    plain.then(|| text.parse().ok()).flatten()
}

/// `true` or `false` in any case.
pub fn boolean(text: &str) -> Option<bool> {
    match () {
        () if text.eq_ignore_ascii_case("true") => Some(true),
        () if text.eq_ignore_ascii_case("false") => Some(false),
        () => None,
    }
}

fn unpadded(base64: &str) -> &str {
    base64.trim_end_matches('=')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(operator: &str, actual: &str, wanted: &str) -> Tri {
        let operator = Operator::parse(operator).expect("an operator");
        let template = Template::parse(wanted, true);
        let value_of = |_: &str| KeyValue::Unknown("not known");
        matches_value(
            &operator,
            actual,
            &Wanted::new(&operator, &template, &value_of),
        )
    }

    #[test]
    fn kinds() {
        #[rustfmt::skip]
        let cases = [
            ("StringEquals", "aws:kms", "aws:kms", Tri::True),
            ("StringEquals", "AWS:KMS", "aws:kms", Tri::False),
            ("StringEquals", "abc", "a*", Tri::False),
            ("StringEqualsIgnoreCase", "ÄES256", "äes256", Tri::True),
            ("StringLike", "aws:kms:dsse", "aws:kms*", Tri::True),
            ("NumericLessThan", "1.2", "1.20", Tri::False),
            ("NumericLessThan", "1.2", "1.3", Tri::True),
            ("NumericEquals", "10", "1e1", Tri::True),
            ("NumericEquals", "x", "1", Tri::False),
            ("NumericNotEquals", "inf", "1", Tri::Unknown),
            ("DateLessThan", "2024-01-01T00:00:00Z", "2024-01-01T00:00:01Z", Tri::True),
            ("DateGreaterThan", "1709209845", "2024-01-01T00:00:00Z", Tri::True),
            ("Bool", "True", "true", Tri::True),
            ("Bool", "yes", "true", Tri::False),
            ("BinaryEquals", "QmluYQ==", "QmluYQ", Tri::True),
            ("NotIpAddress", "10.1.2.3", "10.0.0.0/8", Tri::True),
            ("NotIpAddress", "10.1.2.3", "ten", Tri::Unknown),
            ("ArnEquals", "arn:a:b:c:d:e", "arn:*:b:c:d:*", Tri::True),
            ("ArnLike", "alias/x", "arn:a:b:c:d:e", Tri::False),
            ("ArnNotLike", "alias/x", "arn:a:b:c:d:e", Tri::Unknown),
        ];
        for (operator, actual, wanted, expected) in cases {
            assert_eq!(
                is(operator, actual, wanted),
                expected,
                "{operator} {actual} {wanted}"
            );
        }
    }

    #[test]
    fn an_unknown_variable_cannot_match_what_its_text_excludes() {
        assert_eq!(
            is("StringEquals", "home/ann", "home/${aws:username}"),
            Tri::Unknown
        );
        assert_eq!(
            is("StringEquals", "work/ann", "home/${aws:username}"),
            Tri::False
        );
    }
}

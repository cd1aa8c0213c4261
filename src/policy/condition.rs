//! One condition against the request.

use super::compare::{boolean, matches_value, Wanted};
use super::condition_key::{KeyValue, Keys};
use super::document::Condition;
use super::operator::{Kind, Qualifier};
use super::tri::Tri;

/// What came of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What the request has under the key.
    pub actual: KeyValue,
    /// Whether the condition holds.
    pub result: Tri,
}

/// Evaluates one condition.
pub fn evaluate(condition: &Condition, keys: &Keys) -> Outcome {
    let actual = keys.get(&condition.key);
    let result = match (&actual, condition.operator.row.kind) {
        (actual, Kind::Null) => null(condition, actual),
        (KeyValue::Absent, _) => condition.operator.when_absent(),
        (KeyValue::Unknown(_), _) => Tri::Unknown,
        (KeyValue::Values(values), _) => compare(condition, values, keys),
    };
    Outcome { actual, result }
}

/// `Null` holds when the key is absent and "true" is wanted, or the reverse.
fn null(condition: &Condition, actual: &KeyValue) -> Tri {
    let absent = match actual {
        KeyValue::Absent => Tri::True,
        KeyValue::Values(_) => Tri::False,
        KeyValue::Unknown(_) => Tri::Unknown,
    };
    let results = condition.values.iter().map(|value| {
        match boolean(&value.written) {
            Some(true) => absent,
            Some(false) => !absent,
            // S3 refuses other values.
            None => Tri::Unknown,
        }
    });
    Tri::any(results)
}

fn compare(condition: &Condition, actual: &[String], keys: &Keys) -> Tri {
    let operator = &condition.operator;
    let value_of = |key: &str| keys.get(key);
    let wanted: Vec<Wanted> = condition
        .values
        .iter()
        .map(|template| Wanted::new(operator, template, &value_of))
        .collect();
    let matches_any =
        |value: &String| Tri::any(wanted.iter().map(|w| matches_value(operator, value, w)));
    let holds = |value| match operator.row.negated {
        true => !matches_any(value),
        false => matches_any(value),
    };
    match (operator.qualifier, operator.row.negated) {
        (Qualifier::ForAllValues, _) => Tri::all(actual.iter().map(holds)),
        (Qualifier::ForAnyValue, _) => Tri::any(actual.iter().map(holds)),
        // Without a prefix: one match among several values is a match, and
        // the negated operators are its opposite.
        (Qualifier::Single, true) => Tri::all(actual.iter().map(holds)),
        (Qualifier::Single, false) => Tri::any(actual.iter().map(holds)),
    }
}

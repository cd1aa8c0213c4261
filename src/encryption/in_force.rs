//! Which entries of an `encryption` setting hold for a stage, before they are parsed.

use super::settings::{unknown, Setting, SETTINGS};
use super::stages::choose;
use super::Source;
use crate::error::{Error, Result};
use crate::value::Value;

/// Where the entries stand, and what each of them sets.
#[derive(Debug, PartialEq)]
pub struct InForce {
    /// From `encryption` to the entries: nothing, `default`, or `stages` and a name.
    pub path: Vec<String>,
    /// The key as it was written and the setting's name. A word alone is the algorithm, without a key.
    pub entries: Vec<(Option<String>, &'static str)>,
}

/// Lets a caller that holds settings of several origins put them together.
pub fn in_force(encryption: &Value, stage: &Value) -> Result<InForce> {
    let chosen = choose(encryption, stage)?;
    let path = match (chosen.source, stage) {
        (Source::Stage, Value::String(name)) => vec!["stages".to_owned(), name.clone()],
        _ if chosen.place == "encryption.default" => vec!["default".to_owned()],
        _ => Vec::new(),
    };
    let entries = match chosen.value {
        Value::Null => Vec::new(),
        Value::String(_) => vec![(None, name(Setting::Algorithm))],
        Value::Object(entries) => entries
            .iter()
            .filter(|(_, value)| *value != Value::Null)
            .map(|(key, _)| match Setting::from_spelling(key) {
                Some(setting) => Ok((Some(key.clone()), name(setting))),
                None => Err(unknown(&chosen.place, key)),
            })
            .collect::<Result<_>>()?,
        other => {
            return Err(Error::wrong_type(
                &chosen.place,
                other,
                "Give an algorithm or an object of settings",
            ))
        }
    };
    Ok(InForce { path, entries })
}

fn name(setting: Setting) -> &'static str {
    SETTINGS
        .iter()
        .find(|row| row.setting == setting)
        .map_or("", |row| row.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::String(text.into())
    }

    fn object(entries: &[(&str, Value)]) -> Value {
        let entries = entries
            .iter()
            .map(|(key, value)| ((*key).to_owned(), value.clone()));
        Value::Object(entries.collect())
    }

    fn told(
        encryption: &Value,
        stage: &Value,
    ) -> (Vec<String>, Vec<(Option<String>, &'static str)>) {
        match in_force(encryption, stage) {
            Ok(InForce { path, entries }) => (path, entries),
            Err(error) => panic!("{}", error.message),
        }
    }

    #[test]
    fn a_word_an_object_and_stages() {
        let algorithm = vec![(None, "serverSideEncryption")];
        assert_eq!(told(&Value::Null, &Value::Null), (vec![], vec![]));
        assert_eq!(
            told(&text("AES256"), &Value::Null),
            (vec![], algorithm.clone())
        );
        let settings = object(&[("kms_key_id", text("alias/x")), ("bucketKey", Value::Null)]);
        let entries = vec![(Some("kms_key_id".to_owned()), "sseKMSKeyId")];
        assert_eq!(told(&settings, &Value::Null), (vec![], entries.clone()));
        let stages = object(&[
            ("stages", object(&[("prod", settings)])),
            ("default", text("AES256")),
        ]);
        let prod = vec!["stages".to_owned(), "prod".to_owned()];
        assert_eq!(told(&stages, &text("prod")), (prod, entries));
        assert_eq!(
            told(&stages, &text("dev")),
            (vec!["default".to_owned()], algorithm)
        );
    }

    #[test]
    fn what_is_wrong_is_an_error() {
        assert!(in_force(&Value::Bool(true), &Value::Null).is_err());
        assert!(in_force(&object(&[("kmsKey", text("x"))]), &Value::Null).is_err());
        assert!(in_force(&text("AES256"), &text("")).is_err());
    }
}

//! The KMS encryption context: string pairs, bound to the ciphertext, logged in clear by CloudTrail.

use std::fmt;

use base64::{engine::general_purpose::STANDARD, Engine};
use serde_json::Map;

use crate::error::{Error, Result};
use crate::value::Value;

/// At least one pair; no empty name or value; no name that AWS reserves.
#[derive(Clone)]
pub struct EncryptionContext {
    pairs: Map<String, serde_json::Value>,
    header: String,
}

/// The same pairs are the same context, however their JSON was written.
impl PartialEq for EncryptionContext {
    fn eq(&self, other: &EncryptionContext) -> bool {
        self.pairs == other.pairs
    }
}

const FORM: &str =
    "Give an object of strings, such as { app: 'api' }, or base64 of such an object's JSON";

impl EncryptionContext {
    /// Takes an object of strings, or the SDK's form (base64 of its JSON), which is sent unchanged.
    pub fn parse(setting: &str, value: &Value) -> Result<EncryptionContext> {
        match value {
            Value::Object(entries) => {
                let mut pairs = Map::new();
                for (name, value) in entries {
                    let Value::String(text) = value else {
                        return Err(Error::wrong_type(&format!("{setting}.{name}"), value, FORM));
                    };
                    pairs.insert(name.clone(), text.clone().into());
                }
                let json = serde_json::Value::Object(pairs.clone()).to_string();
                EncryptionContext::checked(setting, pairs, STANDARD.encode(json))
            }
            Value::String(text) => {
                let pairs = decode(text).ok_or_else(|| {
                    Error::invalid(setting, "is not base64 of a JSON object of strings", FORM)
                })?;
                EncryptionContext::checked(setting, pairs, text.clone())
            }
            other => Err(Error::wrong_type(setting, other, FORM)),
        }
    }

    /// The pairs in one order, however they were written. Holds their values: never to be shown.
    pub fn canonical(&self) -> String {
        let sorted: std::collections::BTreeMap<_, _> = self.pairs.iter().collect();
        serde_json::json!(sorted).to_string()
    }

    fn checked(
        setting: &str,
        pairs: Map<String, serde_json::Value>,
        header: String,
    ) -> Result<EncryptionContext> {
        if pairs.is_empty() {
            return Err(Error::invalid(
                setting,
                "has no pairs",
                "Leave it out, or give at least one",
            ));
        }
        for (name, value) in &pairs {
            if name.to_ascii_lowercase().starts_with("aws:") {
                return Err(Error::invalid(
                    &format!("{setting}.{name}"),
                    "is reserved by AWS",
                    "Choose a name that does not begin with aws:",
                ));
            }
            if name.is_empty() || value.as_str() == Some("") {
                return Err(Error::invalid(
                    setting,
                    &format!("has an empty name or value ({name:?})"),
                    "KMS takes neither: leave the pair out",
                ));
            }
        }
        Ok(EncryptionContext { pairs, header })
    }

    pub fn header(&self) -> &str {
        &self.header
    }

    pub fn names(&self) -> Vec<String> {
        self.pairs.keys().cloned().collect()
    }

    /// Whether a reply's context holds every pair that was asked; S3 may add its own.
    pub fn is_within(&self, reported: &str) -> bool {
        decode(reported)
            .is_some_and(|there| self.pairs.iter().all(|(k, v)| there.get(k) == Some(v)))
    }
}

fn decode(text: &str) -> Option<Map<String, serde_json::Value>> {
    let json = STANDARD.decode(text).ok()?;
    let map: Map<String, serde_json::Value> = serde_json::from_slice(&json).ok()?;
    map.values().all(|v| v.is_string()).then_some(map)
}

/// Values are the user's own; names are enough to recognize a context.
impl fmt::Debug for EncryptionContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EncryptionContext")
            .field(&self.names())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(pairs: &[(&str, &str)]) -> Value {
        Value::Object(
            pairs
                .iter()
                .map(|(k, v)| ((*k).to_owned(), Value::String((*v).to_owned())))
                .collect(),
        )
    }

    #[test]
    fn both_forms_are_one_context() {
        let one = EncryptionContext::parse("c", &object(&[("app", "api"), ("stage", "prod")]))
            .expect("valid");
        assert_eq!(
            one.header(),
            STANDARD.encode(r#"{"app":"api","stage":"prod"}"#)
        );
        let two =
            EncryptionContext::parse("c", &Value::String(one.header().to_owned())).expect("valid");
        assert_eq!(one, two);
        assert!(!format!("{one:?}").contains("prod"));
    }

    #[test]
    fn what_kms_would_refuse() {
        for bad in [
            object(&[]),
            object(&[("aws:s3:arn", "x")]),
            object(&[("AWS:x", "x")]),
            object(&[("a", "")]),
            object(&[("", "a")]),
            Value::Object(vec![("a".into(), Value::Number(1.0))]),
            Value::String(r#"{"a":"b"}"#.into()),
            Value::String("[object Object]".into()),
            Value::String(STANDARD.encode(r#"{"a":1}"#)),
            Value::String(STANDARD.encode("[]")),
            Value::Bool(true),
        ] {
            assert!(EncryptionContext::parse("c", &bad).is_err(), "{bad:?}");
        }
    }
}

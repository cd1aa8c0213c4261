//! A value as a caller wrote it, before any rule has looked at it.
//!
//! JavaScript values arrive here without napi, so the rules that read them can be tested alone.

use std::fmt;

use serde_json::Value as Json;

/// Plain data: what JSON can say, plus bytes, dates and "something else".
#[derive(Clone, PartialEq)]
pub enum Value {
    /// `null` and `undefined`: the setting is not given.
    Null,
    Bool(bool),
    Number(f64),
    String(String),
    Bytes(Vec<u8>),
    /// Milliseconds since 1970.
    Date(f64),
    Array(Vec<Value>),
    /// Entries in the order in which they were written.
    Object(Vec<(String, Value)>),
    /// A function, symbol or bigint: never valid, kept so that an error can name it.
    Other(&'static str),
}

impl Value {
    /// The type in the words that a JavaScript user would use.
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Bytes(_) => "bytes",
            Value::Date(_) => "a Date",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
            Value::Other(name) => name,
        }
    }

    /// The entry `name` of an object, unless it is `null`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Object(entries) => entries
                .iter()
                .find(|(key, value)| key == name && *value != Value::Null)
                .map(|(_, value)| value),
            _ => None,
        }
    }
}

impl From<Json> for Value {
    fn from(json: Json) -> Value {
        match json {
            Json::Null => Value::Null,
            Json::Bool(flag) => Value::Bool(flag),
            Json::Number(number) => Value::Number(number.as_f64().unwrap_or(f64::NAN)),
            Json::String(text) => Value::String(text),
            Json::Array(list) => Value::Array(list.into_iter().map(Value::from).collect()),
            Json::Object(entries) => {
                let entries = entries.into_iter();
                Value::Object(entries.map(|(key, value)| (key, value.into())).collect())
            }
        }
    }
}

/// Values may be keys or state: Debug tells types only.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Object(entries) => f
                .debug_list()
                .entries(entries.iter().map(|(k, v)| (k, v.type_name())))
                .finish(),
            other => f.write_str(other.type_name()),
        }
    }
}

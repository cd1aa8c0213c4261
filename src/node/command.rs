//! What the command line needs beside the library: files, names, and what may be shown.

use napi::bindgen_prelude::Unknown;
use napi_derive::napi;
use serde_json::{json, Value as Json};

use super::encryption::{header_list, header_map};
use super::{outcome, value::to_value};
use crate::encryption::in_force;
use crate::s3::REDACTED;
use crate::similar;
use crate::yaml;

/// `{ value: document }` or `{ error }`; `name` is how the error calls the file.
#[napi(ts_return_type = "Outcome")]
pub fn parse_yaml(text: String, name: String) -> Json {
    outcome(yaml::parse(&text, &name))
}

/// `; did you mean "X"?`, or nothing.
#[napi]
pub fn did_you_mean(typed: String, names: Vec<String>) -> String {
    similar::did_you_mean(&typed, names.iter().map(String::as_str))
}

/// The entries of `encryption` that hold for `stage`: `{ value: { path, entries: [{ key, setting }] } }`
/// or `{ error }`. `path` leads to them, and a setting that is one word has one entry without a key.
#[napi(ts_return_type = "Outcome")]
pub fn encryption_in_force(encryption: Unknown, stage: Unknown) -> napi::Result<Json> {
    let (encryption, stage) = (to_value(encryption)?, to_value(stage)?);
    let told = in_force(&encryption, &stage).map(|found| {
        let entries: Vec<Json> = found
            .entries
            .iter()
            .map(|(key, setting)| json!({ "key": key, "setting": setting }))
            .collect();
        json!({ "path": found.path, "entries": entries })
    });
    Ok(outcome(told))
}

/// As `encryptionHeaders`, without what nobody may see.
#[napi(ts_return_type = "Outcome")]
pub fn shown_headers(
    encryption: Unknown,
    stage: Unknown,
    operation: Unknown,
) -> napi::Result<Json> {
    let shown = header_list(encryption, stage, operation)?.map(|mut list| {
        for header in list.iter_mut().filter(|header| header.sensitive) {
            header.value = REDACTED.to_owned();
        }
        header_map(list)
    });
    Ok(outcome(shown))
}

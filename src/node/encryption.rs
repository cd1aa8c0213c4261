//! The header logic as functions of their own.

use napi::bindgen_prelude::Unknown;
use napi_derive::napi;
use serde_json::{json, Map, Value as Json};

use super::{outcome, value::to_value};
use crate::encryption::{headers, params, resolve, Encryption, Header, Operation, SETTINGS};
use crate::error::{Error, Result};
use crate::value::Value;

/// `{ value: fields }` or `{ error }`.
#[napi(ts_return_type = "Outcome")]
pub fn encryption_params(
    encryption: Unknown,
    stage: Unknown,
    operation: Unknown,
) -> napi::Result<Json> {
    let (encryption, stage, operation) = (
        to_value(encryption)?,
        to_value(stage)?,
        to_value(operation)?,
    );
    let fields = || Ok(params(&chosen(&encryption, &stage)?, to_operation(&operation)?).into());
    Ok(outcome(fields()))
}

/// `{ value: headers }` or `{ error }`.
#[napi(ts_return_type = "Outcome")]
pub fn encryption_headers(
    encryption: Unknown,
    stage: Unknown,
    operation: Unknown,
) -> napi::Result<Json> {
    Ok(outcome(
        header_list(encryption, stage, operation)?.map(header_map),
    ))
}

/// The headers that the arguments of `encryption_headers` ask for.
pub(super) fn header_list(
    encryption: Unknown,
    stage: Unknown,
    operation: Unknown,
) -> napi::Result<Result<Vec<Header>>> {
    let (encryption, stage, operation) = (
        to_value(encryption)?,
        to_value(stage)?,
        to_value(operation)?,
    );
    let list = || {
        Ok(headers(
            &chosen(&encryption, &stage)?,
            to_operation(&operation)?,
        ))
    };
    Ok(list())
}

pub(super) fn header_map(list: Vec<Header>) -> Json {
    let map: Map<String, Json> = list
        .into_iter()
        .map(|header| (header.name.to_owned(), header.value.into()))
        .collect();
    map.into()
}

pub(super) fn to_operation(operation: &Value) -> Result<Operation> {
    match operation {
        Value::Null => Ok(Operation::PutObject),
        Value::String(name) => Operation::parse("operation", name),
        other => Err(Error::wrong_type(
            "operation",
            other,
            "Give an operation's name, such as 'PutObject'",
        )),
    }
}

/// Without a bucket to ask there is no mirror, and no header at all would be a guess.
fn chosen(encryption: &Value, stage: &Value) -> Result<Encryption> {
    let choice = resolve(&Value::Null, encryption, stage)?;
    choice.map(|choice| choice.encryption).ok_or_else(|| {
        Error::missing(
            "encryption",
            "Say which encryption ('bucket-default' sends no header); only uploadState can ask the bucket for its default",
        )
    })
}

/// The one list of settings: name, field of the SDK's input, other spellings.
#[napi(
    ts_return_type = "Array<{ name: string, input: string, aliases: Array<{ spelling: string, host: string }> }>"
)]
pub fn encryption_settings() -> Json {
    SETTINGS
        .iter()
        .map(|row| {
            let aliases: Vec<Json> = row
                .aliases
                .iter()
                .map(|(spelling, host)| json!({ "spelling": spelling, "host": host }))
                .collect();
            json!({ "name": row.name, "input": row.input, "aliases": aliases })
        })
        .collect()
}

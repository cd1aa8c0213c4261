//! Signing a request that a host made itself.

use std::time::SystemTime;

use napi::bindgen_prelude::Unknown;
use napi_derive::napi;
use serde_json::{Map, Value as Json};

use super::{outcome, value::to_value};
use crate::error::{Error, Result};
use crate::s3::{self, Credentials, Unsigned};
use crate::value::Value;

/// `request` is `{ method, url, headers }`. `{ value: headers }` or `{ error }`.
#[napi(ts_return_type = "Outcome")]
pub fn sign_request(request: Unknown, region: Unknown, credentials: Unknown) -> napi::Result<Json> {
    let (request, region, credentials) = (
        to_value(request)?,
        to_value(region)?,
        to_value(credentials)?,
    );
    Ok(outcome(sign(&request, &region, &credentials)))
}

fn sign(request: &Value, region: &Value, credentials: &Value) -> Result<Json> {
    let Value::String(region) = region else {
        return Err(Error::wrong_type(
            "region",
            region,
            "Give the Region to sign for",
        ));
    };
    let unsigned = Unsigned {
        method: text(request, "method")?,
        url: text(request, "url")?,
        headers: match request.get("headers") {
            Some(Value::Object(entries)) => entries
                .iter()
                .map(|(name, value)| match value {
                    Value::String(text) => Ok((name.clone(), text.clone())),
                    other => Err(Error::wrong_type(
                        &format!("headers.{name}"),
                        other,
                        "Give a string",
                    )),
                })
                .collect::<Result<_>>()?,
            _ => Vec::new(),
        },
    };
    let credentials = Credentials::parse(credentials)?;
    let signed = s3::sign_request(&unsigned, region, &credentials, SystemTime::now())?;
    let map: Map<String, Json> = signed
        .into_iter()
        .map(|(name, value)| (name, value.into()))
        .collect();
    Ok(map.into())
}

fn text(request: &Value, name: &str) -> Result<String> {
    match request.get(name) {
        Some(Value::String(text)) => Ok(text.clone()),
        _ => Err(Error::missing(name, "Give it as a string")),
    }
}

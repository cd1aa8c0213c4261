//! The only room that knows Node: values in, values out, promises.
//!
//! Errors cross as data, `{ error: { origin, properties } }`; the facade makes them real ones, with
//! the caller's stack.

pub mod check;
pub mod command;
pub mod encryption;
pub mod line;
pub mod policy;
mod runtime;
pub mod seal;
pub mod sign;
pub mod upload;
mod value;

use napi_derive::napi;
use serde_json::{Map, Value as Json};

use crate::error::Result;

/// `{ value }` or `{ error }`.
fn outcome(result: Result<Json>) -> Json {
    // Moved, where `json!` would copy.
    let (name, value) = match result {
        Ok(value) => ("value", value),
        Err(error) => ("error", error.to_json()),
    };
    Json::Object(Map::from_iter([(name.to_owned(), value)]))
}

/// The version of this addon, which must be the package's.
#[napi]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

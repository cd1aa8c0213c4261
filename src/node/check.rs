//! `checkBucket`.

use napi::bindgen_prelude::{PromiseRaw, Unknown};
use napi::Env;
use napi_derive::napi;
use serde_json::Value as Json;

use super::upload::SharedGateway;
use super::{outcome, value::to_value};
use crate::s3::Credentials;
use crate::upload::Check;

/// The names that the facade reads of the argument, beside those of a configuration.
#[napi]
pub fn check_names() -> Vec<&'static str> {
    crate::upload::check_names().collect()
}

/// Resolves to `{ value: report }` or `{ error }`.
#[napi(ts_return_type = "Promise<Outcome>")]
pub fn check_bucket<'env>(
    env: &'env Env,
    gateway: &SharedGateway,
    options: Unknown,
    credentials: Unknown,
) -> napi::Result<PromiseRaw<'env, Json>> {
    let check = Check::parse(&to_value(options)?, gateway.gateway.clone());
    let credentials = Credentials::parse(&to_value(credentials)?);
    env.spawn_future(async move {
        let report = match (check, credentials) {
            (Ok(check), Ok(credentials)) => check.run(credentials).await,
            (Err(error), _) | (_, Err(error)) => Err(error),
        };
        Ok(outcome(report))
    })
}

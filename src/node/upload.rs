//! `uploadState`, from the facade's arguments to its promise.

use bytes::Bytes;
use napi::bindgen_prelude::{Either, PromiseRaw, Uint8Array, Unknown};
use napi::Env;
use napi_derive::napi;
use serde_json::{json, Value as Json};

use super::{outcome, value::to_value};
use crate::s3::Credentials;
use crate::upload::{config_names, input_names, Body, Outcome, Plan};
use crate::value::Value;

/// The names that the facade reads of its arguments: `{ input, config }`.
#[napi(ts_return_type = "{ input: string[], config: string[] }")]
pub fn argument_names() -> Json {
    let input: Vec<&str> = input_names().collect();
    let config: Vec<&str> = config_names().collect();
    json!({ "input": input, "config": config })
}

/// An upload whose arguments have been checked; it is sent once.
#[napi]
pub struct PreparedUpload {
    plan: Option<Plan>,
}

/// Checks everything that can be checked without the network, and copies the body.
///
/// `body` is a string, bytes, `{ path }` or null (it comes with `send`).
#[napi(ts_return_type = "PreparedUpload | Outcome")]
pub fn prepare_upload(
    params: Unknown,
    body: Unknown,
    is_json: bool,
    config: Unknown,
    environment: Unknown,
    roots: Option<String>,
) -> napi::Result<Either<PreparedUpload, Json>> {
    let body = match to_value(body)? {
        Value::String(text) => Body::Bytes(Bytes::from(text)),
        Value::Bytes(bytes) => Body::Bytes(Bytes::from(bytes)),
        file => match file.get("path") {
            Some(Value::String(path)) => Body::Path(path.clone()),
            _ => Body::Later,
        },
    };
    let plan = Plan::parse(
        &to_value(params)?,
        body,
        is_json,
        &to_value(config)?,
        &to_value(environment)?,
        roots,
    );
    Ok(match plan {
        Ok(plan) => Either::A(PreparedUpload { plan: Some(plan) }),
        Err(error) => Either::B(json!({ "error": error.to_json() })),
    })
}

#[napi]
impl PreparedUpload {
    /// Resolves to `{ value: { result, warning? } }` or `{ error }`; it never rejects for S3's sake.
    #[napi(ts_return_type = "Promise<Outcome>")]
    pub fn send<'env>(
        &mut self,
        env: &'env Env,
        credentials: Unknown,
        body: Option<Uint8Array>,
    ) -> napi::Result<PromiseRaw<'env, Json>> {
        let plan = self
            .plan
            .take()
            .ok_or_else(|| napi::Error::from_reason("a prepared upload is sent once"))?;
        let credentials = Credentials::parse(&to_value(credentials)?);
        let body = body.map(|bytes| Bytes::from(bytes.to_vec()));
        env.spawn_future(async move {
            let done = match credentials {
                Ok(credentials) => plan.run(credentials, body).await,
                Err(error) => Err(error),
            };
            Ok(outcome(done.map(|done| {
                let Outcome { result, warning } = done;
                let warning = warning.map(|w| json!({ "code": w.code, "message": w.message }));
                json!({ "result": result, "warning": warning })
            })))
        })
    }
}

//! The encryption of a put that the host sends itself.

use std::sync::Arc;

use napi::bindgen_prelude::{PromiseRaw, Unknown};
use napi::Env;
use napi_derive::napi;
use serde_json::{json, Value as Json};

use super::encryption::{header_map, to_operation};
use super::{outcome, value::to_value};
use crate::upload::Seal;

#[napi]
pub struct ChosenEncryption {
    seal: Arc<Seal>,
}

impl ChosenEncryption {
    pub(super) fn new(seal: Seal) -> ChosenEncryption {
        ChosenEncryption {
            seal: Arc::new(seal),
        }
    }
}

#[napi]
impl ChosenEncryption {
    /// `{ source, stage?, requested }`.
    #[napi]
    pub fn report(&self) -> Json {
        self.seal.report()
    }

    /// What the process is to be warned of.
    #[napi(ts_return_type = "{ code: string, message: string } | null")]
    pub fn warning(&self) -> Json {
        let warning = self.seal.warning.as_ref();
        warning.map_or(
            Json::Null,
            |w| json!({ "code": w.code, "message": w.message }),
        )
    }

    /// `{ value: headers }` or `{ error }`.
    #[napi(ts_return_type = "Outcome")]
    pub fn headers(&self, operation: Unknown) -> napi::Result<Json> {
        let operation = to_operation(&to_value(operation)?);
        Ok(outcome(
            operation.map(|operation| header_map(self.seal.headers(operation))),
        ))
    }

    /// `{ value: fields }` or `{ error }`.
    #[napi(ts_return_type = "Outcome")]
    pub fn params(&self, operation: Unknown) -> napi::Result<Json> {
        let operation = to_operation(&to_value(operation)?);
        Ok(outcome(
            operation.map(|operation| self.seal.params(operation).into()),
        ))
    }

    /// `{ value: report }` or `{ error }`.
    #[napi(ts_return_type = "Outcome")]
    pub fn verify(&self, output: Unknown, operation: Unknown) -> napi::Result<Json> {
        let output = to_value(output)?;
        let operation = to_operation(&to_value(operation)?);
        Ok(outcome(operation.and_then(|operation| {
            self.seal.verify(&output, operation)
        })))
    }

    /// The hint for S3's refusal, if there is one.
    #[napi(ts_return_type = "Promise<string | null>")]
    pub fn explain<'env>(
        &self,
        env: &'env Env,
        refusal: Unknown,
    ) -> napi::Result<PromiseRaw<'env, Option<String>>> {
        let (seal, refusal) = (self.seal.clone(), to_value(refusal)?);
        env.spawn_future(async move { Ok(seal.explain(&refusal).await) })
    }
}

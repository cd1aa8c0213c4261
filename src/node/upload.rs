//! `uploadState` and `StateUploader`, from the facade's arguments to their promises.

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use napi::bindgen_prelude::{Buffer, Either, FromNapiValue, PromiseRaw, Uint8Array, Unknown};
use napi::{Env, JsValue, ValueType};
use napi_derive::napi;
use serde_json::{json, Map, Value as Json};
use tokio::sync::mpsc;

use super::seal::ChosenEncryption;
use super::{outcome, value::to_value};
use crate::error::Result;
use crate::s3::{Credentials, Gateway, ENVIRONMENT};
use crate::upload::{config_names, input_names, option_names, Body, Control, Done, Outcome, Plan};
use crate::value::Value;

/// Bytes above this are not copied: they go as several parts, and a copy would double the memory.
const COPIED: usize = 5 * 1024 * 1024;

/// Chunks of a stream that wait in the addon; beyond them the stream is held back.
const CHUNKS: usize = 4;

/// The names that the facade reads of its arguments and of the environment.
#[napi(
    ts_return_type = "{ input: string[], config: string[], options: string[], environment: string[] }"
)]
pub fn argument_names() -> Json {
    let input: Vec<&str> = input_names().collect();
    let config: Vec<&str> = config_names().collect();
    let options: Vec<&str> = option_names().collect();
    json!({ "input": input, "config": config, "options": options, "environment": *ENVIRONMENT })
}

/// A configuration that uploads share.
#[napi]
pub struct SharedGateway {
    pub(super) gateway: Arc<Gateway>,
}

#[napi(ts_return_type = "SharedGateway | Outcome")]
pub fn open_gateway(
    config: Unknown,
    environment: Unknown,
    roots: Option<String>,
) -> napi::Result<Either<SharedGateway, Json>> {
    let gateway = Gateway::parse(
        to_value(config)?,
        to_value(environment)?,
        roots.map(Arc::from),
    );
    Ok(match gateway {
        Ok(gateway) => Either::A(SharedGateway {
            gateway: Arc::new(gateway),
        }),
        Err(error) => Either::B(json!({ "error": error.to_json() })),
    })
}

#[napi]
impl SharedGateway {
    /// Checks everything that can be checked without the network, and copies the body.
    ///
    /// `body` is a string, bytes, `{ path, start?, end? }`, or null for a stream: its chunks come
    /// with `push`.
    #[napi(ts_return_type = "PreparedUpload | Outcome")]
    pub fn prepare(
        &self,
        params: Unknown,
        body: Unknown,
        is_json: bool,
        options: Unknown,
    ) -> napi::Result<Either<PreparedUpload, Json>> {
        let (body, chunks) = to_body(body)?;
        let plan = Plan::parse(
            &to_value(params)?,
            body,
            is_json,
            &to_value(options)?,
            self.gateway.clone(),
        );
        Ok(match plan {
            Ok(plan) => Either::A(PreparedUpload {
                control: plan.control(),
                plan: Some(plan),
                chunks,
            }),
            Err(error) => Either::B(json!({ "error": error.to_json() })),
        })
    }
}

fn to_body(body: Unknown) -> napi::Result<(Body, Option<mpsc::Sender<Bytes>>)> {
    if body.get_type()? == ValueType::Object && body.is_typedarray()? {
        let bytes = Uint8Array::from_unknown(body)?;
        let bytes = if bytes.len() > COPIED {
            Bytes::from_owner(bytes)
        } else {
            Bytes::copy_from_slice(&bytes)
        };
        return Ok((Body::Bytes(bytes), None));
    }
    Ok(match to_value(body)? {
        Value::String(text) => (Body::Bytes(Bytes::from(text)), None),
        Value::Null => {
            let (sender, receiver) = mpsc::channel(CHUNKS);
            (Body::Stream(receiver), Some(sender))
        }
        file => {
            let number = |name: &str| match file.get(name) {
                Some(Value::Number(number)) => Some(*number as u64),
                _ => None,
            };
            let body = Body::File {
                path: match file.get("path") {
                    Some(Value::String(path)) => path.clone(),
                    _ => String::new(),
                },
                start: number("start").unwrap_or(0),
                end: number("end"),
            };
            (body, None)
        }
    })
}

/// What `sign` resolves to.
#[napi(object)]
pub struct SignedRequest {
    /// `{ value: { url, method, headers } }` or `{ error }`.
    pub outcome: Json,
    pub body: Option<Buffer>,
}

/// An upload whose arguments have been checked; it is sent once.
#[napi]
pub struct PreparedUpload {
    plan: Option<Plan>,
    chunks: Option<mpsc::Sender<Bytes>>,
    control: Arc<Control>,
}

#[napi]
impl PreparedUpload {
    /// Resolves to the JSON of `{ value: { result, warning? }, record? }` or `{ error, record? }`; it
    /// never rejects for S3's sake.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn send<'env>(
        &mut self,
        env: &'env Env,
        credentials: Unknown,
    ) -> napi::Result<PromiseRaw<'env, String>> {
        let (plan, credentials) = self.take(credentials)?;
        // Boxed: the future is moved several times before it runs.
        let sending = Box::pin(async move {
            match credentials {
                Ok(credentials) => plan.run(credentials).await,
                Err(error) => Done {
                    outcome: Err(error),
                    record: None,
                },
            }
        });
        env.spawn_future(async move {
            let Done {
                outcome: done,
                record,
            } = sending.await;
            let told = done.map(|Outcome { result, warning }| {
                let mut told = Map::from_iter([("result".to_owned(), result)]);
                if let Some(w) = warning {
                    let warning = json!({ "code": w.code, "message": w.message });
                    told.insert("warning".into(), warning);
                }
                told.into()
            });
            let mut told = outcome(told);
            if let Some(record) = record {
                told["record"] = record;
            }
            // As text: JSON.parse makes objects faster than calls for each property do.
            Ok(told.to_string())
        })
    }

    /// Only reads the policy of the bucket: resolves to `{ value: policy | null }` or `{ error }`.
    #[napi(ts_return_type = "Promise<Outcome>")]
    pub fn bucket_policy<'env>(
        &mut self,
        env: &'env Env,
        credentials: Unknown,
    ) -> napi::Result<PromiseRaw<'env, Json>> {
        self.ask(env, credentials, |plan, credentials| async {
            plan.bucket_policy(credentials).await.map(Json::from)
        })
    }

    /// Only chooses the encryption.
    #[napi(ts_return_type = "Promise<ChosenEncryption | Outcome>")]
    pub fn seal<'env>(
        &mut self,
        env: &'env Env,
        credentials: Unknown,
    ) -> napi::Result<PromiseRaw<'env, Either<ChosenEncryption, Json>>> {
        let (plan, credentials) = self.take(credentials)?;
        env.spawn_future(async move {
            let chosen = match credentials {
                Ok(credentials) => plan.seal(credentials).await,
                Err(error) => Err(error),
            };
            Ok(match chosen {
                Ok(seal) => Either::A(ChosenEncryption::new(seal)),
                Err(error) => Either::B(json!({ "error": error.to_json() })),
            })
        })
    }

    /// Resolves to `{ value: explanation }` or `{ error }`.
    #[napi(ts_return_type = "Promise<Outcome>")]
    pub fn explain<'env>(
        &mut self,
        env: &'env Env,
        credentials: Unknown,
    ) -> napi::Result<PromiseRaw<'env, Json>> {
        self.ask(env, credentials, Plan::explain_upload)
    }

    /// Resolves to `{ outcome, body? }`: the body beside a request that is signed.
    #[napi]
    pub fn sign<'env>(
        &mut self,
        env: &'env Env,
        credentials: Unknown,
    ) -> napi::Result<PromiseRaw<'env, SignedRequest>> {
        let (plan, credentials) = self.take(credentials)?;
        env.spawn_future(async move {
            let signed = match credentials {
                Ok(credentials) => plan.sign(credentials).await,
                Err(error) => Err(error),
            };
            let (value, body) = match signed {
                Ok((value, body)) => (Ok(value), Some(body.to_vec().into())),
                Err(error) => (Err(error), None),
            };
            Ok(SignedRequest {
                outcome: outcome(value),
                body,
            })
        })
    }

    /// Resolves to `{ value }` of `question`, or `{ error }`.
    fn ask<'env, Answer>(
        &mut self,
        env: &'env Env,
        credentials: Unknown,
        question: impl FnOnce(Plan, Credentials) -> Answer + Send + 'static,
    ) -> napi::Result<PromiseRaw<'env, Json>>
    where
        Answer: Future<Output = Result<Json>> + Send + 'static,
    {
        let (plan, credentials) = self.take(credentials)?;
        env.spawn_future(async move {
            Ok(outcome(match credentials {
                Ok(credentials) => question(plan, credentials).await,
                Err(error) => Err(error),
            }))
        })
    }

    fn take(&mut self, credentials: Unknown) -> napi::Result<(Plan, Result<Credentials>)> {
        let plan = self
            .plan
            .take()
            .ok_or_else(|| napi::Error::from_reason("a prepared upload is sent once"))?;
        Ok((plan, Credentials::parse(&to_value(credentials)?)))
    }

    /// One chunk of the stream. Resolves when there is room for the next: to false if nobody
    /// wants it any more.
    #[napi(ts_return_type = "Promise<boolean>")]
    pub fn push<'env>(&self, env: &'env Env, chunk: &[u8]) -> napi::Result<PromiseRaw<'env, bool>> {
        let chunk = Bytes::copy_from_slice(chunk);
        let chunks = self.chunks.clone();
        env.spawn_future(async move {
            Ok(match chunks {
                Some(chunks) => chunks.send(chunk).await.is_ok(),
                None => false,
            })
        })
    }

    /// The stream has ended.
    #[napi]
    pub fn end(&mut self) {
        self.chunks = None;
    }

    /// Stops the upload: its promise resolves to an `AbortError` when S3 has been told.
    #[napi]
    pub fn cancel(&mut self) {
        self.control.cancel();
    }

    #[napi(ts_return_type = "{ loaded: number, total?: number, part: number }")]
    pub fn progress(&self) -> Json {
        let progress = self.control.progress();
        json!({ "loaded": progress.loaded, "total": progress.total, "part": progress.part })
    }
}

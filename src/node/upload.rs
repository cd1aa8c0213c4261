//! `uploadState` and `StateUploader`, from the facade's arguments to their answers.

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use napi::bindgen_prelude::{Buffer, Either, FromNapiValue, PromiseRaw, Uint8Array, Unknown};
use napi::{Env, JsValue, ValueType};
use napi_derive::napi;
use serde_json::{json, Map, Value as Json};
use tokio::sync::mpsc;
use zeroize::Zeroizing;

use super::line::{Caller, Line};
use super::seal::ChosenEncryption;
use super::{outcome, value::to_value};
use crate::error::{Error, Origin, Result};
use crate::s3::{Credentials, Gateway, Roots, ENVIRONMENT};
use crate::upload::{config_names, input_names, option_names, Body, Control, Done, Outcome, Plan};
use crate::value::Value;

/// Chunks of a stream that wait in the addon; beyond them the stream is held back.
const CHUNKS: usize = 4;

/// The event loop waits for a chunk to be copied.
const LARGEST_CHUNK: usize = 8 * 1024 * 1024;

/// Its hashes take some tenths of a millisecond.
const SHORT: usize = 128 * 1024;

/// The names that the facade reads of its arguments and of the environment.
#[napi(
    ts_return_type = "{ input: string[], config: string[], options: string[], environment: string[] }"
)]
pub fn argument_names() -> Json {
    let input: Vec<&str> = input_names().collect();
    let config: Vec<&str> = config_names().collect();
    // The sink is no plain data and stays in the facade.
    let options: Vec<&str> = option_names().filter(|name| *name != "audit").collect();
    json!({ "input": input, "config": config, "options": options, "environment": *ENVIRONMENT })
}

/// The error of an upload that the caller stopped before its configuration was complete.
#[napi]
pub fn aborted() -> Json {
    crate::upload::aborted().to_json()
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
) -> napi::Result<Either<SharedGateway, Json>> {
    Ok(
        match Gateway::parse(to_value(config)?, to_value(environment)?) {
            Ok(gateway) => Either::A(SharedGateway {
                gateway: Arc::new(gateway),
            }),
            Err(error) => Either::B(json!({ "error": error.to_json() })),
        },
    )
}

#[napi]
impl SharedGateway {
    /// Whether more than plain http may be spoken with credentials that are given.
    #[napi]
    pub fn speaks_https(&self) -> bool {
        self.gateway.settings.speaks_https()
    }

    /// What to trust for https, as PEM: `bundled` are Node's own, `others` all beside them. To be said
    /// once, before the first upload.
    #[napi]
    pub fn trust(&self, bundled: String, others: String) {
        self.gateway.trust(Roots::new(bundled, others));
    }

    /// Checks everything that can be checked without the network, and copies the body.
    ///
    /// `body` is a string, bytes, `{ path, start?, end? }`, the length of a stream, or null for a stream
    /// that does not tell it: a stream's chunks come with `push`.
    #[napi(ts_return_type = "PreparedUpload | Outcome")]
    pub fn prepare(
        &self,
        params: Unknown,
        body: Unknown,
        is_json: bool,
        options: Unknown,
    ) -> napi::Result<Either<PreparedUpload, Json>> {
        let (body, chunks) = to_body(body)?;
        let is_short = is_short(&body);
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
                is_short,
            }),
            Err(error) => Either::B(json!({ "error": error.to_json() })),
        })
    }

    /// `prepare` and `send` in one call, for an upload of plain data that nobody watches or stops.
    ///
    /// `arguments` is the JSON of `[params, options, credentials]`, which crosses faster than the
    /// objects; `body` is that of `prepare`, but no stream. The answer is that of `send`.
    #[napi]
    pub fn put(
        &self,
        arguments: String,
        body: Unknown,
        is_json: bool,
        line: &Line,
        id: u32,
    ) -> napi::Result<()> {
        let arguments = Zeroizing::new(arguments);
        let (body, _) = to_body(body)?;
        let gateway = self.gateway.clone();
        let is_short = is_short(&body);
        line.run(id, is_short, |caller| async move {
            let planned = read_arguments(&arguments).and_then(|[params, options, credentials]| {
                let plan = Plan::parse(&params, body, is_json, &options, gateway)?;
                Ok((plan, Credentials::parse(&credentials)?))
            });
            drop(arguments);
            answer(planned, caller).await;
        });
        Ok(())
    }
}

/// Whether an upload is no burden to JavaScript's thread.
fn is_short(body: &Body) -> bool {
    matches!(body, Body::Bytes(bytes) if bytes.len() <= SHORT)
}

fn read_arguments(json: &str) -> Result<[Value; 3]> {
    let bad = || Error::new(Origin::Client, "Error", "The facade's JSON cannot be read");
    let [params, options, credentials]: [Json; 3] =
        serde_json::from_str(json).map_err(|_| bad())?;
    Ok([params.into(), options.into(), credentials.into()])
}

/// Runs the upload, if there is one, and tells how it ended.
async fn answer(planned: Result<(Plan, Credentials)>, caller: Caller) {
    let Done {
        outcome: done,
        record,
    } = match planned {
        Ok((plan, credentials)) => plan.run(credentials).await,
        Err(error) => Done {
            outcome: Err(error),
            record: None,
        },
    };
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
    // As text: JSON.parse makes objects faster than calls for each property do. What serde_json made
    // it can write, and by this function faster than as what is displayed.
    if let Ok(text) = serde_json::to_string(&told) {
        caller.tell(text);
    }
}

fn to_body(body: Unknown) -> napi::Result<(Body, Option<mpsc::Sender<Bytes>>)> {
    if body.get_type()? == ValueType::Object && body.is_typedarray()? {
        let bytes = Uint8Array::from_unknown(body)?;
        return Ok((Body::Bytes(Bytes::copy_from_slice(&bytes)), None));
    }
    Ok(match to_value(body)? {
        Value::String(text) => (Body::Bytes(Bytes::from(text)), None),
        Value::Null => stream(CHUNKS, None),
        // Its chunks are large.
        Value::Number(length) => stream(1, Some(length as u64)),
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

fn stream(room: usize, length: Option<u64>) -> (Body, Option<mpsc::Sender<Bytes>>) {
    let (sender, chunks) = mpsc::channel(room);
    (Body::Stream { chunks, length }, Some(sender))
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
    is_short: bool,
}

#[napi]
impl PreparedUpload {
    /// The answer is the JSON of `{ value: { result, warning? }, record? }` or `{ error, record? }`.
    #[napi]
    pub fn send(&mut self, credentials: Unknown, line: &Line, id: u32) -> napi::Result<()> {
        let (plan, credentials) = self.take(credentials)?;
        let planned = credentials.map(|credentials| (plan, credentials));
        line.run(id, self.is_short, |caller| answer(planned, caller));
        Ok(())
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

    /// The bytes of a chunk that is best for a body whose length is known: a part, where that is not large.
    #[napi]
    pub fn piece_length(&self) -> u32 {
        let part = self.plan.as_ref().map_or(0, Plan::part_size);
        part.clamp(1, LARGEST_CHUNK) as u32
    }

    /// One chunk of the stream. Resolves when there is room for the next: to false if nobody
    /// wants it any more. Until then no other may be pushed.
    #[napi(ts_return_type = "Promise<boolean>")]
    pub fn push<'env>(&self, env: &'env Env, chunk: &[u8]) -> napi::Result<PromiseRaw<'env, bool>> {
        let chunks = self.chunks.clone();
        let sent = chunks.as_ref().is_some_and(|chunks| {
            let chunk = Bytes::copy_from_slice(chunk);
            chunks.try_send(chunk).is_ok()
        });
        env.spawn_future(async move {
            Ok(match chunks {
                Some(chunks) if sent => chunks.reserve().await.is_ok(),
                _ => false,
            })
        })
    }

    /// The stream has ended.
    #[napi]
    pub fn end(&mut self) {
        self.chunks = None;
    }

    /// Signs what is still to be sent with other credentials, in the form that `send` takes.
    #[napi]
    pub fn renew(&self, credentials: Unknown) -> napi::Result<()> {
        if let Ok(fresh) = Credentials::parse(&to_value(credentials)?) {
            self.control.renew(fresh);
        }
        Ok(())
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

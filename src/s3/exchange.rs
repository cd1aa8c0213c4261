//! What happened between us and S3 during one operation, attempt by attempt.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::config::interceptors::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_smithy_runtime_api::http::Headers;
use serde_json::Value;

use super::attempts::{Attempts, Teller};
use super::secrets::Secrets;
use crate::error::{Error, Metadata};
use crate::lock::lock;

#[derive(Debug, Default)]
struct Record {
    attempts: u32,
    delay_ms: u64,
    waiting_since: Option<Instant>,
    url: Option<String>,
    status: Option<u16>,
    request_id: Option<String>,
    extended_request_id: Option<String>,
    cf_id: Option<String>,
    bucket_region: Option<String>,
    headers: Headers,
    secrets: Secrets,
    teller: Option<Teller>,
}

/// Cloned into the request as an interceptor; the original is read afterwards.
#[derive(Debug, Clone, Default)]
pub(super) struct Exchange(Arc<Mutex<Record>>);

impl Exchange {
    /// `secret` is sent on the way, and not to S3.
    pub fn new(secret: Option<(&str, &str)>) -> Exchange {
        let exchange = Exchange::default();
        exchange.with(|record| record.secrets.add(secret.into_iter()));
        exchange
    }

    /// Its attempts go into the audit record.
    pub fn tell(&self, attempts: &Attempts, operation: &'static str) {
        self.with(|record| {
            record.teller = Some(Teller {
                attempts: attempts.clone(),
                operation,
                began: None,
            });
        });
    }

    fn with<T>(&self, f: impl FnOnce(&mut Record) -> T) -> T {
        f(&mut lock(&self.0))
    }

    pub fn metadata(&self) -> Metadata {
        self.with(|record| Metadata {
            http_status: record.status,
            request_id: record.request_id.clone(),
            extended_request_id: record.extended_request_id.clone(),
            cf_id: record.cf_id.clone(),
            attempts: (record.attempts > 0).then_some(record.attempts),
            total_retry_delay: (record.attempts > 0).then_some(record.delay_ms),
        })
    }

    /// The Region that S3 named in `x-amz-bucket-region`.
    pub fn bucket_region(&self) -> Option<String> {
        self.with(|record| record.bucket_region.clone())
    }

    /// The headers of the last answer to the SDK's client.
    pub fn headers(&self) -> Headers {
        self.with(|record| std::mem::take(&mut record.headers))
    }

    /// Takes what was sent in secret out of what came back.
    pub fn redact(&self, error: &mut Error) {
        self.with(|record| {
            let error = &mut **error;
            let elements = error.extra.iter_mut().filter_map(|(_, value)| match value {
                Value::String(text) => Some(text),
                _ => None,
            });
            let texts = [&mut error.name, &mut error.message].into_iter();
            let url = record.url.as_deref().unwrap_or_default();
            record.secrets.redact(texts.chain(elements), url);
        });
    }

    /// The object's URL as it was requested, without the query.
    pub fn url(&self) -> Option<String> {
        self.with(|record| record.url.clone())
    }
}

impl Exchange {
    /// An attempt begins, at `uri`.
    pub fn begin<'a>(&self, uri: &str, headers: impl Iterator<Item = (&'a str, &'a str)>) {
        let url = uri.split_once('?').map_or(uri, |(url, _)| url).to_owned();
        self.with(|record| {
            record.attempts += 1;
            record.url = Some(url);
            record.secrets.add(headers);
            record.status = None;
            if let Some(teller) = &mut record.teller {
                teller.began = Some(Instant::now());
            }
            if let Some(since) = record.waiting_since.take() {
                record.delay_ms += since.elapsed().as_millis() as u64;
            }
        });
    }

    /// An attempt has ended, with an answer or without.
    pub fn end(&self, response: Option<&HttpResponse>) {
        self.with(|record| {
            record.waiting_since = Some(Instant::now());
            if let Some(teller) = &record.teller {
                let url = record.url.as_deref().unwrap_or_default();
                teller.tell(response, |code| record.secrets.redact([code], url));
            }
            let Some(response) = response else {
                return;
            };
            let header = |name: &str| response.headers().get(name).map(str::to_owned);
            record.status = Some(response.status().as_u16());
            record.request_id = header("x-amz-request-id");
            record.extended_request_id = header("x-amz-id-2");
            record.cf_id = header("x-amz-cf-id");
            record.bucket_region = header("x-amz-bucket-region");
        });
    }
}

impl Intercept for Exchange {
    fn name(&self) -> &'static str {
        "stateseal::Exchange"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request();
        self.begin(request.uri(), request.headers().iter());
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.end(context.response());
        if let Some(response) = context.response() {
            self.with(|record| record.headers = response.headers().clone());
        }
        Ok(())
    }
}

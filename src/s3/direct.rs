//! Sending one signed request without the SDK's machinery, which costs more than all the rest of a
//! small put.
//!
//! What is tried again, and when, is what `retry` tells the SDK's clients too.

use std::borrow::Cow;
use std::time::Duration;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::put_object::PutObjectError;
use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use aws_sigv4::http_request::SignableBody;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::Headers;
use bytes::Bytes;
use http::{HeaderName, HeaderValue};

use super::client::Connection;
use super::clock::ahead_of_this_machine;
use super::endpoint::Endpoint;
use super::exchange::Exchange;
use super::failure::{failure, from_response, is_error, Failure, UNAVAILABLE};
use super::retry::{wish, Retry};
use super::sign::{signature, Scope};

/// A request that can be sent several times.
pub(super) struct Request {
    pub method: &'static str,
    pub url: String,
    /// Names in lower case.
    pub headers: Vec<(Cow<'static, str>, String)>,
    pub body: Bytes,
}

/// In the SDK's type, which says what kind of failure it was.
type Problem = SdkError<PutObjectError, HttpResponse>;

impl Request {
    /// All headers of the first attempt.
    pub async fn sign(
        &self,
        connection: &Connection,
        endpoint: &Endpoint,
    ) -> Result<Vec<(String, String)>, Failure> {
        let ahead = connection.wire.clock.ahead();
        let added = self.signature(connection, endpoint, ahead).await?;
        let own = self.headers.iter();
        let own = own.map(|(name, value)| (name.to_string(), value.clone()));
        let added = added.into_iter();
        Ok(own
            .chain(added.map(|(name, value)| (name.to_owned(), value)))
            .collect())
    }

    /// The headers that sign it now; S3's clock is thought to be `ahead` of this machine's.
    async fn signature(
        &self,
        connection: &Connection,
        endpoint: &Endpoint,
        ahead: i64,
    ) -> Result<Vec<(&'static str, String)>, Failure> {
        let wire = &connection.wire;
        let identity = wire.identity.get().await.map_err(|error| {
            let error: Problem =
                SdkError::dispatch_failure(ConnectorError::other(error.into(), None));
            failure(error, &connection.untold_exchange())
        })?;
        let scope = Scope {
            identity,
            region: &endpoint.signing_region,
            name: &endpoint.signing_name,
            time: ahead_of_this_machine(ahead),
        };
        let body = SignableBody::Bytes(&self.body);
        Ok(signature(
            self.method,
            &self.url,
            &self.headers,
            body,
            &scope,
        )?)
    }

    /// Sends it once, to whatever service it is for, and gives back the answer as it is.
    pub async fn once(
        &self,
        connection: &Connection,
        endpoint: &Endpoint,
        exchange: &Exchange,
    ) -> Result<HttpResponse, Failure> {
        let ahead = connection.wire.clock.ahead();
        let signature = self.signature(connection, endpoint, ahead).await?;
        exchange.begin(&self.url, self.all(&signature));
        let answered = answer(self.to_http(signature), connection).await;
        answered.map_err(|error| failure(*error, exchange))
    }

    /// Sends it, again and again where that may help, until S3 has accepted it: the reply's headers.
    pub async fn send(
        &self,
        connection: &Connection,
        endpoint: &Endpoint,
        exchange: &Exchange,
    ) -> Result<Headers, Failure> {
        let quota = &connection.wire.quota;
        let most = connection.settings.max_attempts;
        let invocation = invocation_id();
        let (mut number, mut paid) = (1, None);
        loop {
            let headers = [
                ("amz-sdk-invocation-id", invocation.clone()),
                ("amz-sdk-request", format!("attempt={number}; max={most}")),
            ];
            let tried = self.attempt(connection, endpoint, exchange, headers).await;
            let (failure, wish) = match tried {
                Ok(reply) => {
                    quota.succeed(paid);
                    return Ok(reply);
                }
                Err(failed) => failed,
            };
            let retry = failure.retry.filter(|_| number < most);
            let Some((retry, cost)) = retry.and_then(|retry| Some((retry, quota.take(retry)?)))
            else {
                return Err(failure);
            };
            tokio::time::sleep(retry.delay(number, wish)).await;
            paid = Some(cost);
            number += 1;
        }
    }

    /// One try; with a failure what the server wishes that we wait.
    async fn attempt(
        &self,
        connection: &Connection,
        endpoint: &Endpoint,
        exchange: &Exchange,
        unsigned: [(&'static str, String); 2],
    ) -> Result<Headers, (Failure, Option<Duration>)> {
        let clock = &connection.wire.clock;
        let ahead = clock.ahead();
        let signature = self.signature(connection, endpoint, ahead).await;
        let mut headers = signature.map_err(|failure| (failure, None))?;
        headers.extend(unsigned);
        exchange.begin(&self.url, self.all(&headers));
        let answered = answer(self.to_http(headers), connection).await;
        exchange.end(answered.as_ref().ok());
        let mut response = answered.map_err(|error| (failure(*error, exchange), None))?;
        if response.status().is_success() {
            return Ok(std::mem::take(response.headers_mut()));
        }
        let mut failed = from_response(&response);
        if clock.set_by(&response, ahead) {
            failed.retry = failed.retry.or(Some(Retry::Transient));
        }
        failed.error.metadata = exchange.metadata();
        failed.redirect = failed.redirect.and(exchange.bucket_region());
        exchange.redact(&mut failed.error);
        Err((failed, wish(response.headers())))
    }

    /// Its headers and those that were added.
    fn all<'a>(
        &'a self,
        added: &'a [(&'static str, String)],
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        let own = self.headers.iter();
        let added = added.iter().map(|(name, value)| (*name, value.as_str()));
        own.map(|(name, value)| (name.as_ref(), value.as_str()))
            .chain(added)
    }

    fn to_http(&self, added: Vec<(&'static str, String)>) -> http::Result<http::Request<SdkBody>> {
        let mut request = http::Request::new(SdkBody::from(self.body.clone()));
        *request.method_mut() = self.method.parse()?;
        *request.uri_mut() = self.url.parse()?;
        let headers = request.headers_mut();
        headers.reserve(self.headers.len() + added.len());
        for (name, value) in &self.headers {
            headers.append(
                HeaderName::try_from(&**name)?,
                HeaderValue::try_from(value)?,
            );
        }
        for (name, value) in added {
            headers.append(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
        }
        Ok(request)
    }
}

/// The response with its whole body.
async fn answer(
    request: http::Result<http::Request<SdkBody>>,
    connection: &Connection,
) -> Result<HttpResponse, Box<Problem>> {
    let request = request.map_err(SdkError::construction_failure)?;
    let call = connection.wire.connector.exchange(request);
    let whole = async {
        let mut response = call.await.map_err(SdkError::dispatch_failure)?;
        let body = ByteStream::new(response.take_body()).collect().await;
        let body =
            body.map_err(|error| SdkError::dispatch_failure(ConnectorError::io(error.into())))?;
        *response.body_mut() = SdkBody::from(body.into_bytes());
        if is_error(&response) {
            let status = UNAVAILABLE.try_into();
            *response.status_mut() = status.map_err(SdkError::construction_failure)?;
        }
        Ok(response)
    };
    let Some(ms) = connection.settings.request_timeout else {
        return whole.await;
    };
    match tokio::time::timeout(Duration::from_millis(ms), whole).await {
        Ok(answered) => answered,
        Err(_) => Err(Box::new(SdkError::timeout_error(format!(
            "no answer after {ms} ms"
        )))),
    }
}

/// A random UUID, by which S3's owners find the attempts of one request.
fn invocation_id() -> String {
    let random = u128::from(fastrand::u64(..)) << 64 | u128::from(fastrand::u64(..));
    let uuid = random & !(0xf << 76 | 0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let hex = format!("{uuid:032x}");
    [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ]
    .join("-")
}

//! Requests that are made ready and signed, and not sent.

use std::sync::{Arc, Mutex};

use aws_sdk_s3::config::http::HttpRequest;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::primitives::SdkBody;
use aws_sdk_s3::Client;
use aws_smithy_runtime_api::client::http::{
    http_client_fn, HttpConnector, HttpConnectorFuture, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::client::Connection;
use crate::error::{Error, Origin};
use crate::lock::lock;

/// A request as it would go over the wire.
pub struct Signed {
    pub method: String,
    pub url: String,
    /// Names in lower case, `host` included.
    pub headers: Vec<(String, String)>,
}

impl Signed {
    pub(super) fn new(method: &str, url: &str, mut headers: Vec<(String, String)>) -> Signed {
        let host = url.parse::<http::Uri>().ok();
        let host = host.as_ref().and_then(|uri| uri.authority());
        if let (Some(host), false) = (host, headers.iter().any(|(name, _)| name == "host")) {
            headers.insert(0, ("host".into(), host.to_string()));
        }
        Signed {
            method: method.to_owned(),
            url: url.to_owned(),
            headers,
        }
    }
}

pub(super) fn no_request() -> Error {
    Error::new(Origin::Client, "Error", "No request was made")
}

#[derive(Debug, Clone, Default)]
struct Capture(Arc<Mutex<Option<HttpRequest>>>);

impl HttpConnector for Capture {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        *lock(&self.0) = Some(request);
        let success = 200u16
            .try_into()
            .map(|status| HttpResponse::new(status, SdkBody::empty()));
        HttpConnectorFuture::ready(success.map_err(|_| {
            aws_smithy_runtime_api::client::result::ConnectorError::other("no answer".into(), None)
        }))
    }
}

/// A connection whose requests end here.
pub struct DryRun {
    pub connection: Connection,
    capture: Capture,
}

impl DryRun {
    pub fn of(connection: &Connection) -> DryRun {
        let capture = Capture::default();
        let connector = SharedHttpConnector::new(capture.clone());
        let config = connection
            .client()
            .config()
            .to_builder()
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .retry_config(RetryConfig::disabled())
            .build();
        DryRun {
            connection: connection.with_client(Client::from_conf(config)),
            capture,
        }
    }

    /// The request that was made last.
    pub fn request(&self) -> Option<Signed> {
        let captured = lock(&self.capture.0);
        let request = captured.as_ref()?;
        let headers = request.headers().iter();
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Some(Signed::new(
            request.method(),
            request.uri(),
            headers.collect(),
        ))
    }
}

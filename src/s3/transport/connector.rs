//! One request and its answer over HTTP/1.1, as the SDK's clients ask for it.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{ready, Context, Poll};
use std::time::Duration;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::BoxError;
use aws_sdk_s3::primitives::SdkBody;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::retry::ErrorKind;
use bytes::Bytes;
use http::header::{Entry, HOST, PROXY_AUTHORIZATION};
use http::uri::{PathAndQuery, Scheme, Uri};
use http::{HeaderValue, Request, Response};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::network::{Network, Target};
use super::pool::{Home, Lease, Place};
use crate::event_loop;

#[derive(Debug, Clone)]
pub(in crate::s3) struct Connector {
    pub(super) network: Arc<Network>,
    /// To resolve the name, to connect, and for TLS.
    pub(super) connect_timeout: Option<Duration>,
    /// Until the head of the answer is there.
    pub(super) read_timeout: Option<Duration>,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let connector = self.clone();
        HttpConnectorFuture::new(async move {
            let request = request.try_into_http1x();
            let request = request.map_err(|error| ConnectorError::user(error.into()))?;
            connector.exchange(request).await
        })
    }
}

impl Connector {
    pub fn exchange(
        &self,
        request: Request<SdkBody>,
    ) -> impl Future<Output = Result<HttpResponse, ConnectorError>> + Send + '_ {
        // Boxed at once: the future of every put would be as large.
        let sent = Box::pin(self.send(request));
        within(self.read_timeout, "HTTP read", sent)
    }

    async fn send(&self, mut request: Request<SdkBody>) -> Result<HttpResponse, ConnectorError> {
        let target = self.network.target(request.uri());
        let target = target.map_err(ConnectorError::user)?;
        address(&mut request, &target).map_err(ConnectorError::user)?;
        let home = match event_loop::current() {
            // What is between us and the server is none of the event loop's business.
            Some(number) if target.proxy.is_none() => Home::EventLoop(number),
            _ => Home::Runtime,
        };
        let server = self.network.pool.server(&target.scheme, &target.authority);
        loop {
            let (mut lease, is_new) = match server.place(home).await {
                Place::Connection(lease) => (lease, false),
                Place::Seat(seat) => {
                    // Boxed: it is rare and large.
                    let opened = Box::pin(async {
                        let opened = self.network.open(&target, home, seat);
                        opened.await.map_err(ConnectorError::io)
                    });
                    let opened = within(self.connect_timeout, "HTTP connect", opened).await?;
                    (Lease::new(&server, opened), true)
                }
            };
            let Some(sender) = lease.sender() else {
                continue;
            };
            match sender.try_send_request(request).await {
                Ok(response) => return answer(response, lease),
                Err(mut failed) => match failed.take_message() {
                    // The server closed a connection that was idle: it has seen nothing of the request.
                    Some(unsent) if !is_new => request = unsent,
                    _ => return Err(classify(failed.into_error())),
                },
            }
        }
    }
}

/// What HTTP/1.1 wants to read of the URL, the host among the headers.
fn address(request: &mut Request<SdkBody>, target: &Target) -> Result<(), BoxError> {
    if let Entry::Vacant(host) = request.headers_mut().entry(HOST) {
        host.insert(HeaderValue::try_from(target.host())?);
    }
    match &target.proxy {
        // Plain http goes to a proxy as it is, with the whole URL.
        Some(proxy) if target.scheme == Scheme::HTTP => {
            if let Some(authorization) = proxy.basic_auth() {
                let headers = request.headers_mut();
                headers
                    .entry(PROXY_AUTHORIZATION)
                    .or_insert_with(|| authorization.clone());
            }
        }
        _ => {
            let path = request.uri().path_and_query().cloned();
            *request.uri_mut() = Uri::from(path.unwrap_or(PathAndQuery::from_static("/")));
        }
    }
    Ok(())
}

fn answer(response: Response<Incoming>, lease: Lease) -> Result<HttpResponse, ConnectorError> {
    let is_refusal = !response.status().is_success();
    let response = response.map(|incoming| {
        if incoming.is_end_stream() {
            lease.give_back(is_refusal);
            return SdkBody::empty();
        }
        SdkBody::from_body_1_x(Answer {
            incoming,
            is_refusal,
            lease: Some(lease),
        })
    });
    HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
}

/// The body of an answer, which keeps the connection until it was read.
struct Answer {
    incoming: Incoming,
    is_refusal: bool,
    lease: Option<Lease>,
}

impl Body for Answer {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.incoming).poll_frame(context));
        match &frame {
            Some(Err(_)) => self.lease = None,
            Some(Ok(_)) if !self.incoming.is_end_stream() => {}
            _ => {
                if let Some(lease) = self.lease.take() {
                    lease.give_back(self.is_refusal);
                }
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

async fn within<T>(
    limit: Option<Duration>,
    what: &'static str,
    work: impl Future<Output = Result<T, ConnectorError>>,
) -> Result<T, ConnectorError> {
    let Some(limit) = limit else {
        return work.await;
    };
    match tokio::time::timeout(limit, work).await {
        Ok(done) => done,
        Err(_) => Err(ConnectorError::timeout(Box::new(TooLong { what, limit }))),
    }
}

#[derive(Debug)]
struct TooLong {
    what: &'static str,
    limit: Duration,
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} timeout after {:?}", self.what, self.limit)
    }
}

impl StdError for TooLong {}

/// By which the SDK's clients know whether another try may help.
fn classify(error: hyper::Error) -> ConnectorError {
    let of_system = error
        .source()
        .is_some_and(|source| source.is::<std::io::Error>());
    if error.is_timeout() {
        ConnectorError::timeout(error.into())
    } else if error.is_user() {
        ConnectorError::user(error.into())
    } else if error.is_closed() || error.is_canceled() || of_system {
        ConnectorError::io(error.into())
    } else if error.is_incomplete_message() {
        ConnectorError::other(error.into(), Some(ErrorKind::TransientError))
    } else {
        ConnectorError::other(error.into(), None)
    }
}

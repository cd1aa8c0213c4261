//! How a server is reached: its name, the proxy before it, and TLS.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use aws_sdk_s3::error::BoxError;
use aws_sdk_s3::primitives::SdkBody;
use http::uri::{Authority, Scheme, Uri};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::ClientConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio_rustls::TlsConnector;
use tower_service::Service as _;

use super::pool::{Connection, Home, Pool, Seat, Service};
use crate::event_loop::Socket;

type Sender = SendRequest<SdkBody>;

/// Node limits their bytes, to 16 KiB, not their number: hardly more fit in.
const MOST_HEADERS: usize = 512;

/// One way to servers, with the connections that are open.
pub(super) struct Network {
    pub pool: Pool,
    proxy: Option<Matcher>,
    /// Nothing where only plain http is spoken.
    tls: Option<Arc<ClientConfig>>,
    tcp: HttpConnector,
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Network")
    }
}

/// Where a request goes.
pub(super) struct Target {
    pub scheme: Scheme,
    pub authority: Authority,
    pub proxy: Option<Intercept>,
    uri: Uri,
}

impl Target {
    /// Without a user, and without the port that goes without saying.
    pub fn host(&self) -> String {
        let default = match self.scheme == Scheme::HTTP {
            true => 80,
            false => 443,
        };
        let host = self.authority.host();
        match self.authority.port_u16().filter(|port| *port != default) {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }
}

/// For what can be read and written, whatever it is.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}
type Any = Box<dyn Stream>;

/// Who is to be spoken to, and as whom that must prove itself.
type Tls = (TlsConnector, ServerName<'static>);

impl Network {
    pub fn new(proxy: Option<Matcher>, tls: Option<Arc<ClientConfig>>) -> Network {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        // A state is one small request: waiting for more bytes would only delay it.
        tcp.set_nodelay(true);
        Network {
            pool: Pool::default(),
            proxy,
            tls,
            tcp,
        }
    }

    pub fn target(&self, uri: &Uri) -> Result<Target, BoxError> {
        let is_http = |scheme: &&Scheme| **scheme == Scheme::HTTP || **scheme == Scheme::HTTPS;
        match (uri.scheme().filter(is_http), uri.authority()) {
            (Some(scheme), Some(authority)) => Ok(Target {
                scheme: scheme.clone(),
                authority: authority.clone(),
                proxy: self.proxy.as_ref().and_then(|proxy| proxy.intercept(uri)),
                uri: uri.clone(),
            }),
            _ => Err("not a URL of http or https".into()),
        }
    }

    /// Opens a connection that is served at `home`.
    pub async fn open(
        &self,
        target: &Target,
        home: Home,
        seat: Seat,
    ) -> Result<Connection, BoxError> {
        let tls = match target.scheme == Scheme::HTTPS {
            true => Some(self.tls(target.authority.host())?),
            false => None,
        };
        let (told, opened) = oneshot::channel();
        let service = match (&target.proxy, home) {
            (None, Home::EventLoop(_)) => {
                let stream = self.connect(&target.uri).await?;
                let socket = Socket::new(stream.into_std()?)?;
                Service::new(seat, |seat| {
                    tokio::task::spawn_local(serve(socket, tls, told, seat)).abort_handle()
                })
            }
            (None, Home::Runtime) => {
                let stream = self.connect(&target.uri).await?;
                Service::new(seat, |seat| {
                    tokio::spawn(serve(stream, tls, told, seat)).abort_handle()
                })
            }
            (Some(proxy), _) => {
                let stream = self.through(proxy, target).await?;
                Service::new(seat, |seat| {
                    tokio::spawn(serve(stream, tls, told, seat)).abort_handle()
                })
            }
        };
        Ok(service.connection(opened.await??))
    }

    async fn connect(&self, uri: &Uri) -> Result<TcpStream, BoxError> {
        Ok(self.tcp.clone().call(uri.clone()).await?.into_inner())
    }

    /// A stream that ends at the server, for https, or else at the proxy.
    async fn through(&self, proxy: &Intercept, target: &Target) -> Result<Any, BoxError> {
        let at = proxy.uri();
        let mut to_proxy = ToProxy {
            tcp: self.tcp.clone(),
            tls: match at.scheme() == Some(&Scheme::HTTPS) {
                true => Some(self.tls(at.host().unwrap_or_default())?),
                false => None,
            },
        };
        if target.scheme == Scheme::HTTP {
            return Ok(to_proxy.call(at.clone()).await?.into_inner());
        }
        let mut tunnel = Tunnel::new(at.clone(), to_proxy);
        if let Some(authorization) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(authorization.clone());
        }
        Ok(tunnel.call(target.uri.clone()).await?.into_inner())
    }

    fn tls(&self, host: &str) -> Result<Tls, BoxError> {
        let config = self.tls.clone().ok_or("https was not made ready")?;
        let name = host.trim_matches(['[', ']']).to_owned();
        Ok((TlsConnector::from(config), ServerName::try_from(name)?))
    }
}

/// Connects to a proxy, over TLS where that is how it is spoken to.
struct ToProxy {
    tcp: HttpConnector,
    tls: Option<Tls>,
}

impl tower_service::Service<Uri> for ToProxy {
    type Response = TokioIo<Any>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<TokioIo<Any>, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.tcp.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, at: Uri) -> Self::Future {
        let connecting = self.tcp.call(at);
        let tls = self.tls.clone();
        Box::pin(async move {
            let stream = connecting.await?.into_inner();
            let stream: Any = match tls {
                None => Box::new(stream),
                Some((tls, name)) => Box::new(tls.connect(name, stream).await?),
            };
            Ok(TokioIo::new(stream))
        })
    }
}

/// Speaks TLS, if there is to be any, and HTTP over `stream` until it is closed.
async fn serve<S>(
    stream: S,
    tls: Option<Tls>,
    mut told: oneshot::Sender<Result<Sender, BoxError>>,
    seat: Seat,
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    match tls {
        None => speak(stream, told).await,
        Some((tls, name)) => {
            let shaken = tokio::select! {
                shaken = tls.connect(name, stream) => shaken,
                () = told.closed() => return,
            };
            match shaken {
                Ok(stream) => speak(stream, told).await,
                Err(error) => {
                    let _ = told.send(Err(error.into()));
                }
            }
        }
    }
    // The socket is closed by now.
    drop(seat);
}

async fn speak<S>(stream: S, told: oneshot::Sender<Result<Sender, BoxError>>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut http = Builder::new();
    http.max_headers(MOST_HEADERS);
    match http.handshake(TokioIo::new(stream)).await {
        Ok((sender, connection)) => {
            let _ = told.send(Ok(sender));
            // How it ends is told to the request that is under way, if there is one.
            let _ = connection.await;
        }
        Err(error) => {
            let _ = told.send(Err(error.into()));
        }
    }
}

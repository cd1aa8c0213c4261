//! The HTTP client: rustls on ring, trusting what Node trusts, through a proxy if there is one.

mod connector;
mod network;
mod pool;
mod roots;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_s3::config::SharedHttpClient;
use aws_smithy_runtime_api::client::http::{
    http_client_fn, HttpConnectorSettings, SharedHttpConnector,
};
use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;

pub(super) use self::connector::Connector;
use self::network::Network;
pub use self::roots::Roots;
use super::settings::Settings;
use crate::error::{Error, Result};
use crate::lock::lock;

/// The short things first: two ways that differ seldom have equal certificates.
type Way = (Option<String>, Option<String>, Option<u64>, Option<Roots>);

/// One way to the network, with one pool of connections.
#[derive(Debug, Clone)]
pub(super) struct Transport {
    /// For requests that the SDK's clients do not make.
    pub connector: Connector,
    /// For the SDK's clients, which have timeouts of their own for some.
    pub client: SharedHttpClient,
}

/// More than a process deploys with. Of one that is forgotten the connections close when the last upload
/// lets go of it.
const KEPT: usize = 16;

static TRANSPORTS: Mutex<Vec<(Way, Transport)>> = Mutex::new(Vec::new());

pub(super) fn transport(
    settings: &Settings,
    proxy: Option<&str>,
    roots: Option<&Roots>,
) -> Result<Transport> {
    let way = (
        proxy.map(str::to_owned),
        settings.no_proxy.clone(),
        settings.connection_timeout,
        roots.cloned(),
    );
    if let Some(known) = kept(&way, None) {
        return Ok(known);
    }
    // Outside of the lock: it may take milliseconds.
    let built = build(settings, proxy, roots)?;
    Ok(kept(&way, Some(&built)).unwrap_or(built))
}

/// The one that is kept for `way`, which from now on is `new` where there is none yet.
fn kept(way: &Way, new: Option<&Transport>) -> Option<Transport> {
    let mut transports = lock(&TRANSPORTS);
    let known = transports.iter().position(|(known, _)| known == way);
    let transport = match known {
        Some(at) => transports.remove(at).1,
        None => new?.clone(),
    };
    transports.truncate(KEPT - 1);
    transports.insert(0, (way.clone(), transport.clone()));
    Some(transport)
}

fn build(settings: &Settings, url: Option<&str>, roots: Option<&Roots>) -> Result<Transport> {
    let no_proxy = settings.no_proxy.as_deref().unwrap_or_default();
    let proxy = match url {
        Some(url) if !entries(no_proxy).any(|entry| entry == "*") => Some(proxy(url, no_proxy)?),
        _ => None,
    };
    let network = Arc::new(Network::new(proxy, roots.map(Roots::read).transpose()?));
    let own = Connector {
        network: network.clone(),
        connect_timeout: settings.connection_timeout.map(Duration::from_millis),
        read_timeout: None,
    };
    let client = http_client_fn(move |http: &HttpConnectorSettings, _| {
        SharedHttpConnector::new(Connector {
            network: network.clone(),
            connect_timeout: http.connect_timeout(),
            read_timeout: http.read_timeout(),
        })
    });
    Ok(Transport {
        connector: own,
        client,
    })
}

/// Instance and container metadata answer on these addresses, and never through a proxy.
const METADATA: &str = "169.254.169.254,169.254.170.2,169.254.170.23,[fd00:ec2::254]";

fn entries(no_proxy: &str) -> impl Iterator<Item = &str> {
    no_proxy
        .split(|c: char| c == ',' || c.is_whitespace())
        .filter(|entry| !entry.is_empty())
}

/// The parser knows no ports; a host that is excepted with one is excepted.
fn without_port(entry: &str) -> &str {
    match entry.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') && port.parse::<u16>().is_ok() => host,
        _ => entry,
    }
}

fn proxy(url: &str, no_proxy: &str) -> Result<Matcher> {
    // A leading dot is what the SDK's parser knows of wildcards.
    let own = entries(no_proxy).map(|entry| without_port(entry.strip_prefix('*').unwrap_or(entry)));
    let rules: Vec<&str> = own.chain([METADATA]).collect();
    let is_usable = |uri: &Uri| {
        let scheme = uri.scheme_str();
        matches!(scheme, Some("http" | "https")) && uri.host().is_some()
    };
    // The parser's own error would quote the URL, and with it a password.
    if !url.parse().is_ok_and(|uri| is_usable(&uri)) {
        return Err(Error::invalid(
            "proxy",
            "cannot be used",
            "Give a URL such as http://proxy.example.com:3128",
        ));
    }
    Ok(Matcher::builder().all(url).no(rules.join(",")).build())
}

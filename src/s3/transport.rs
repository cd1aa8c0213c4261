//! The HTTP client: rustls on ring, trusting what Node trusts, through a proxy if there is one.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_s3::config::SharedHttpClient;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{rustls_provider::CryptoMode, Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{
    http_client_fn, HttpClient, HttpConnectorSettings, SharedHttpConnector,
};
use rustls::pki_types::{pem::PemObject, CertificateDer};

use super::settings::Settings;
use crate::error::{Error, Origin, Result};

/// Certificates to trust, as PEM.
#[derive(Clone, PartialEq)]
pub struct Roots {
    /// Node's own, which are as good as their makers could make them.
    pub bundled: Arc<str>,
    /// From elsewhere: of these those are taken that rustls can read.
    pub others: Arc<str>,
}

/// The short things first: two ways that differ seldom have equal certificates.
type Way = (Option<String>, Option<String>, Option<u64>, Option<Roots>);

/// One way to the network, with one pool of connections.
#[derive(Debug, Clone)]
pub(super) struct Transport {
    /// For requests to S3.
    pub connector: SharedHttpConnector,
    /// For the SDK's clients: the same connector, and others for other timeouts.
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
    let mut transports = TRANSPORTS
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    let known = transports.iter().position(|(known, _)| *known == way);
    let transport = match known {
        Some(at) => transports.remove(at).1,
        None => build(settings, proxy, roots)?,
    };
    transports.truncate(KEPT - 1);
    transports.insert(0, (way, transport.clone()));
    Ok(transport)
}

fn build(settings: &Settings, url: Option<&str>, roots: Option<&Roots>) -> Result<Transport> {
    let no_proxy = settings.no_proxy.as_deref().unwrap_or_default();
    let proxy = match url {
        Some(url) if !entries(no_proxy).any(|entry| entry == "*") => proxy(url, no_proxy)?,
        _ => ProxyConfig::disabled(),
    };
    let tls = roots.map(trust).transpose()?;
    // The SDK's own https builder takes no proxy beside a trust store.
    let connect = move |http: Option<HttpConnectorSettings>| {
        let mut builder = Connector::builder();
        builder.set_connector_settings(http);
        builder.set_proxy_config(Some(proxy.clone()));
        // A state is one small request: waiting for more bytes would only delay it.
        builder.set_enable_tcp_nodelay(true);
        builder.set_sleep_impl(Some(SharedAsyncSleep::new(TokioSleep::new())));
        match &tls {
            None => builder.build_http(),
            Some(context) => builder
                .tls_provider(Provider::Rustls(CryptoMode::Ring))
                .tls_context(context.clone())
                .build(),
        }
    };
    let timeout = settings.connection_timeout.map(Duration::from_millis);
    let mut own = HttpConnectorSettings::builder();
    own.set_connect_timeout(timeout);
    let connector = SharedHttpConnector::new(connect(Some(own.build())));
    let others = Builder::new().build_with_connector_fn(move |http, _| connect(http.cloned()));
    let shared = connector.clone();
    // Metadata services are asked with timeouts of their own.
    let client = http_client_fn(move |http, components| {
        if http.connect_timeout() == timeout && http.read_timeout().is_none() {
            shared.clone()
        } else {
            others.http_connector(http, components)
        }
    });
    Ok(Transport { connector, client })
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

fn proxy(url: &str, no_proxy: &str) -> Result<ProxyConfig> {
    // A leading dot is what the SDK's parser knows of wildcards.
    let own = entries(no_proxy).map(|entry| without_port(entry.strip_prefix('*').unwrap_or(entry)));
    let rules: Vec<&str> = own.chain([METADATA]).collect();
    let rules = rules.join(",");
    // The parser's own error would quote the URL, and with it a password.
    let config = ProxyConfig::all(url).map_err(|_| {
        Error::invalid(
            "proxy",
            "cannot be used",
            "Give a URL such as http://proxy.example.com:3128",
        )
    })?;
    Ok(config.no_proxy(rules))
}

fn trust(roots: &Roots) -> Result<TlsContext> {
    let store = TrustStore::empty()
        .with_pem_certificate(roots.bundled.as_bytes())
        .with_pem_certificate(usable(&roots.others));
    TlsContext::builder()
        .with_trust_store(store)
        .build()
        .map_err(|error| Error::new(Origin::Client, "Error", format!("TLS: {error}")))
}

/// The certificates that rustls takes: the SDK panics on any other.
fn usable(pem: &str) -> Vec<u8> {
    let takes = |cert: &CertificateDer<'_>| {
        let mut store = rustls::RootCertStore::empty();
        store.add(cert.clone().into_owned()).is_ok()
    };
    let parsed: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    if parsed.iter().all(|cert| cert.as_ref().is_ok_and(takes)) {
        return pem.as_bytes().to_vec();
    }
    let mut kept = String::new();
    for cert in parsed.iter().flatten().filter(|cert| takes(cert)) {
        use base64::{engine::general_purpose::STANDARD, Engine};
        kept.push_str("-----BEGIN CERTIFICATE-----\n");
        kept.push_str(&STANDARD.encode(cert));
        kept.push_str("\n-----END CERTIFICATE-----\n");
    }
    kept.into_bytes()
}

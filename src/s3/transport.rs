//! The HTTP client: rustls on ring, trusting what Node trusts.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use aws_sdk_s3::config::SharedHttpClient;
use aws_smithy_http_client::tls::{rustls_provider::CryptoMode, Provider, TlsContext, TrustStore};
use aws_smithy_http_client::Builder;
use rustls::pki_types::{pem::PemObject, CertificateDer};

use crate::error::{Error, Origin, Result};

/// PEM certificates to trust; `None` where only plain http is spoken.
pub type Roots = Option<Arc<str>>;

/// One client, and so one pool of connections, for each set of roots.
static CLIENTS: LazyLock<Mutex<HashMap<Roots, SharedHttpClient>>> = LazyLock::new(Mutex::default);

pub(super) fn http_client(roots: &Roots) -> Result<SharedHttpClient> {
    let mut clients = CLIENTS
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(client) = clients.get(roots) {
        return Ok(client.clone());
    }
    let client = match roots {
        None => Builder::new().build_http(),
        Some(pem) => {
            let context = TlsContext::builder()
                .with_trust_store(TrustStore::empty().with_pem_certificate(usable(pem)))
                .build()
                .map_err(|error| Error::new(Origin::Client, "Error", format!("TLS: {error}")))?;
            Builder::new()
                .tls_provider(Provider::Rustls(CryptoMode::Ring))
                .tls_context(context)
                .build_https()
        }
    };
    clients.insert(roots.clone(), client.clone());
    Ok(client)
}

/// Keeps the certificates that rustls takes: the SDK panics on any other.
fn usable(pem: &str) -> Vec<u8> {
    let mut kept = String::new();
    for cert in CertificateDer::pem_slice_iter(pem.as_bytes()).flatten() {
        if rustls::RootCertStore::empty().add(cert.clone()).is_ok() {
            use base64::{engine::general_purpose::STANDARD, Engine};
            kept.push_str("-----BEGIN CERTIFICATE-----\n");
            kept.push_str(&STANDARD.encode(cert));
            kept.push_str("\n-----END CERTIFICATE-----\n");
        }
    }
    kept.into_bytes()
}

//! Certificates to trust, and TLS that trusts them.

use std::sync::{Arc, Mutex, OnceLock};

use rustls::pki_types::{pem::PemObject, CertificateDer};
use rustls::{ClientConfig, RootCertStore};

use crate::error::{Error, Origin, Result};
use crate::lock::lock;

/// As PEM, and read once.
#[derive(Clone)]
pub struct Roots(Arc<Certificates>);

struct Certificates {
    /// Node's own.
    bundled: String,
    /// From elsewhere.
    others: String,
    read: OnceLock<std::result::Result<Arc<ClientConfig>, rustls::Error>>,
}

/// Most processes trust the same all the time.
static LAST: Mutex<Option<Roots>> = Mutex::new(None);

impl Roots {
    pub fn new(bundled: String, others: String) -> Roots {
        let new = Roots(Arc::new(Certificates {
            bundled,
            others,
            read: OnceLock::new(),
        }));
        let mut last = lock(&LAST);
        match &*last {
            Some(last) if *last == new => last.clone(),
            _ => last.insert(new).clone(),
        }
    }

    /// Takes milliseconds when it is called first.
    pub fn read(&self) -> Result<Arc<ClientConfig>> {
        let read = self.0.read.get_or_init(|| self.0.read());
        let failed = |error| Error::new(Origin::Client, "Error", format!("TLS: {error}"));
        read.clone().map_err(failed)
    }
}

impl PartialEq for Roots {
    fn eq(&self, other: &Roots) -> bool {
        let (one, other) = (&self.0, &other.0);
        Arc::ptr_eq(one, other) || (one.bundled == other.bundled && one.others == other.others)
    }
}

impl Certificates {
    fn read(&self) -> std::result::Result<Arc<ClientConfig>, rustls::Error> {
        let mut store = RootCertStore::empty();
        for pem in [&self.bundled, &self.others] {
            let certificates = CertificateDer::pem_slice_iter(pem.as_bytes()).flatten();
            // Node warns of those that cannot be read, and goes on.
            store.add_parsable_certificates(certificates);
        }
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(ring)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(store)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

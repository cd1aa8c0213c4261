//! What the requests of one caller to one Region share.

use std::sync::{Arc, LazyLock, Mutex};

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_s3::config::endpoint::DefaultResolver;
use aws_sdk_s3::Client;

use super::clock::Clock;
use super::endpoint::{resolve, Endpoint};
use super::identity::Identity;
use super::retry::Quota;
use super::settings::Settings;
use super::transport::Connector;
use super::user_agent;

use crate::lock::lock;

pub(super) struct Wire {
    /// For everything but the one put that stores a state, which is not to wait for it.
    pub client: LazyLock<Client, Box<dyn FnOnce() -> Client + Send>>,
    pub region: String,
    pub connector: Connector,
    pub identity: Arc<Identity>,
    pub clock: Clock,
    pub quota: Quota,
    pub user_agent: [(&'static str, String); 2],
    resolver: DefaultResolver,
    endpoints: Mutex<Vec<(String, Option<Endpoint>)>>,
}

/// Buckets whose endpoint is kept.
const KEPT: usize = 64;

impl Wire {
    pub fn new(
        region: &str,
        settings: &Settings,
        connector: Connector,
        provider: SharedCredentialsProvider,
        client: impl FnOnce(Arc<Identity>, &Clock) -> Client + Send + 'static,
    ) -> Wire {
        let identity = Arc::new(Identity::new(provider));
        let clock = Clock::default();
        let (shared, time) = (identity.clone(), clock.clone());
        Wire {
            client: LazyLock::new(Box::new(move || client(shared, &time))),
            region: region.to_owned(),
            connector,
            identity,
            clock,
            quota: Quota::default(),
            user_agent: user_agent::headers(settings.app_id.as_deref()),
            resolver: DefaultResolver::new(),
            endpoints: Mutex::default(),
        }
    }

    pub async fn endpoint(
        &self,
        settings: &Settings,
        bucket: &str,
        bucket_url: Option<&str>,
    ) -> Option<Endpoint> {
        if let Some((_, known)) = lock(&self.endpoints)
            .iter()
            .find(|(name, _)| name == bucket)
        {
            return known.clone();
        }
        let found = resolve(&self.resolver, settings, &self.region, bucket, bucket_url).await;
        let mut endpoints = lock(&self.endpoints);
        endpoints.truncate(KEPT - 1);
        endpoints.insert(0, (bucket.to_owned(), found.clone()));
        found
    }
}

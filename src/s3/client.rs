//! One configured way to S3.

use std::sync::{Arc, Mutex};

use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    AppName, BehaviorVersion, Builder, Region, RequestChecksumCalculation,
    SharedCredentialsProvider, StalledStreamProtectionConfig,
};
use aws_sdk_s3::Client;
use std::time::Duration;

use super::bucket_url::BucketUrl;
use super::credentials::Credentials;
use super::failure::Failure;
use super::profile;
use super::retry::{self, AsInJavaScript};
use super::settings::{Profile, Settings};
use super::transport::{http_client, Roots};
use crate::error::{name, Error, Result};
use crate::value::Value;

/// A configuration that uploads share: its profile is read once, its clients are kept.
pub struct Gateway {
    /// As given, with what the environment adds.
    pub settings: Settings,
    config: Value,
    environment: Value,
    roots: Roots,
    complete: tokio::sync::OnceCell<Settings>,
    clients: Mutex<Vec<(Key, Client)>>,
}

/// What makes one client different from another of the same configuration.
type Key = (String, Credentials, Option<String>);

/// More than the callers and Regions of a deployment; beyond it the oldest client goes.
const KEPT: usize = 16;

impl Gateway {
    pub fn parse(config: Value, environment: Value, roots: Roots) -> Result<Gateway> {
        Ok(Gateway {
            settings: Settings::parse(&config, &environment, &Profile::default())?,
            config,
            environment,
            roots,
            complete: Default::default(),
            clients: Mutex::default(),
        })
    }

    /// The settings with what the profile adds.
    async fn complete(&self) -> Result<&Settings> {
        let read = || async {
            let profile = profile::read(&self.environment, self.settings.profile.as_deref()).await;
            Settings::parse(&self.config, &self.environment, &profile)
        };
        self.complete.get_or_try_init(read).await
    }

    /// `bucket_url` is the bucket where the setting `bucketEndpoint` makes it one.
    pub async fn connect(
        self: &Arc<Self>,
        credentials: &Credentials,
        bucket_url: Option<String>,
    ) -> Result<Connection> {
        let settings = self.complete().await?;
        // Instance metadata is not asked: where there is none it answers after seconds.
        let region = settings.region.clone().ok_or_else(|| {
            Error::argument(
                name::MISSING,
                "region",
                "is missing",
                "Set region, AWS_REGION, or a region in the profile",
            )
        })?;
        let client = self
            .client(settings, &region, credentials, &bucket_url)
            .await?;
        Ok(Connection {
            client,
            settings: settings.clone(),
            region,
            credentials: credentials.clone(),
            bucket_url,
            gateway: self.clone(),
        })
    }

    async fn client(
        &self,
        settings: &Settings,
        region: &str,
        credentials: &Credentials,
        bucket_url: &Option<String>,
    ) -> Result<Client> {
        let key = (region.to_owned(), credentials.clone(), bucket_url.clone());
        if let Some((_, client)) = self.lock().iter().find(|(known, _)| *known == key) {
            return Ok(client.clone());
        }
        let http = http_client(settings, &self.roots)?;
        let region = Region::new(region.to_owned());
        let provider = credentials.provider(settings, &region, http.clone()).await;
        let mut config = configure(settings, region, provider).http_client(http);
        if let Some(url) = bucket_url {
            config = config.endpoint_resolver(BucketUrl(url.clone()));
        }
        let client = Client::from_conf(config.build());
        let mut clients = self.lock();
        clients.truncate(KEPT - 1);
        clients.insert(0, (key, client.clone()));
        Ok(client)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(Key, Client)>> {
        self.clients
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

fn configure(settings: &Settings, region: Region, provider: SharedCredentialsProvider) -> Builder {
    // By default 3.1 s to connect, DNS and TLS included; JavaScript has no limit.
    let mut timeouts = TimeoutConfig::builder().disable_connect_timeout();
    if let Some(ms) = settings.connection_timeout {
        timeouts = timeouts.connect_timeout(Duration::from_millis(ms));
    }
    if let Some(ms) = settings.request_timeout {
        timeouts = timeouts.operation_attempt_timeout(Duration::from_millis(ms));
    }
    let mut config = Builder::new()
        .behavior_version(BehaviorVersion::latest())
        .region(region)
        .credentials_provider(provider)
        .identity_cache(
            aws_sdk_s3::config::IdentityCache::lazy()
                // As in JavaScript: renewed five minutes before they end.
                .buffer_time(Duration::from_secs(300))
                .build(),
        )
        .force_path_style(settings.force_path_style)
        .use_arn_region(settings.use_arn_region)
        .accelerate(settings.use_accelerate)
        .use_fips(settings.use_fips)
        .use_dual_stack(settings.use_dualstack)
        .retry_config(retry::config(settings))
        .retry_classifier(AsInJavaScript)
        // Its grace period fails uploads behind slow DNS, TLS or proxies; JavaScript has none.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .timeout_config(timeouts.build());
    config.set_endpoint_url(settings.endpoint.clone());
    if settings.checksum_when_required {
        config = config.request_checksum_calculation(RequestChecksumCalculation::WhenRequired);
    }
    // Checked when the settings were parsed.
    config.set_app_name(settings.app_id.clone().and_then(|id| AppName::new(id).ok()));
    config
}

#[derive(Clone)]
pub struct Connection {
    pub(super) client: Client,
    pub settings: Settings,
    region: String,
    credentials: Credentials,
    bucket_url: Option<String>,
    gateway: Arc<Gateway>,
}

impl Connection {
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The same, with another client.
    pub(super) fn with_client(&self, client: Client) -> Connection {
        Connection {
            client,
            ..self.clone()
        }
    }

    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Sends what follows to `region`.
    pub async fn move_to(&mut self, region: String) -> Result<()> {
        if region != self.region {
            let gateway = self.gateway.clone();
            let (credentials, url) = (&self.credentials, &self.bucket_url);
            self.client = gateway
                .client(&self.settings, &region, credentials, url)
                .await?;
            self.region = region;
        }
        Ok(())
    }

    /// Moves to the Region that S3 named, if redirects are to be followed; `true` if it moved.
    pub async fn follow(&mut self, failure: &Failure) -> Result<bool> {
        match &failure.redirect {
            Some(region) if self.settings.follow_region_redirects && *region != self.region => {
                self.move_to(region.clone()).await?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }
}

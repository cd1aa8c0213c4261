//! One configured way to S3.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    AppName, BehaviorVersion, Builder, IdentityCache, Region, RequestChecksumCalculation,
    StalledStreamProtectionConfig,
};
use aws_sdk_s3::Client;
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::spawn_blocking;

use super::attempts::Attempts;
use super::bucket_url::BucketUrl;
use super::clock::{Clock, SetByReplies};
use super::credentials::Credentials;
use super::endpoint::Endpoint;
use super::exchange::Exchange;
use super::failure::Failure;
use super::identity::Shared;
use super::profile;
use super::retry::{self, AsInJavaScript};
use super::settings::{Profile, Settings};
use super::transport::{transport, Roots};
use super::user_agent;
use super::wire::Wire;
use crate::error::{name, Error, Origin, Result};
use crate::lock::lock;
use crate::value::Value;

/// A configuration that uploads share: its profile is read once, its clients are kept.
pub struct Gateway {
    /// Tells it from all others of the process.
    pub id: u64,
    /// As given, with what the environment adds.
    pub settings: Settings,
    config: Value,
    environment: Value,
    /// Nothing where only plain http is spoken.
    roots: OnceLock<Roots>,
    complete: tokio::sync::OnceCell<Arc<Settings>>,
    wires: Mutex<Vec<(Key, Arc<Wire>)>>,
    turns: Semaphore,
}

/// What makes one wire different from another of the same configuration.
type Key = (String, Credentials, Option<String>);

/// Uploads of one configuration at once: the SDK's agent has as many sockets. Without a limit a process
/// runs out of file descriptors.
const AT_ONCE: usize = 50;

/// More than the callers and Regions of a deployment; beyond it the oldest wire goes.
const KEPT: usize = 16;

impl Gateway {
    pub fn parse(config: Value, environment: Value) -> Result<Gateway> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Ok(Gateway {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            settings: Settings::parse(&config, &environment, &Profile::default())?,
            config,
            environment,
            roots: OnceLock::new(),
            complete: Default::default(),
            wires: Mutex::default(),
            turns: Semaphore::new(AT_ONCE),
        })
    }

    /// Waits until an upload may open its file and connections.
    pub async fn turn(&self) -> Result<SemaphorePermit<'_>> {
        let closed = |_| Error::new(Origin::Client, "Error", "The configuration was closed");
        self.turns.acquire().await.map_err(closed)
    }

    /// What to trust for https: to be said once, before the first upload.
    pub fn trust(&self, roots: Roots) {
        let _ = self.roots.set(roots);
    }

    /// The settings with what the profile adds.
    async fn complete(&self) -> Result<&Arc<Settings>> {
        let read = || {
            Box::pin(async {
                let profile =
                    profile::read(&self.environment, self.settings.profile.as_deref()).await;
                Settings::parse(&self.config, &self.environment, &profile).map(Arc::new)
            })
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
        let credentials = credentials.or_keys(settings, &self.environment);
        let wire = self
            .wire(settings, &region, &credentials, &bucket_url)
            .await?;
        Ok(Connection {
            wire,
            settings: settings.clone(),
            credentials,
            bucket_url,
            gateway: self.clone(),
            attempts: None,
            client: None,
        })
    }

    async fn wire(
        &self,
        settings: &Arc<Settings>,
        region: &str,
        credentials: &Credentials,
        bucket_url: &Option<String>,
    ) -> Result<Arc<Wire>> {
        if let Some(wire) = known(&lock(&self.wires), region, credentials, bucket_url) {
            return Ok(wire);
        }
        Box::pin(self.open_wire(settings, region, credentials, bucket_url)).await
    }

    async fn open_wire(
        &self,
        settings: &Arc<Settings>,
        region: &str,
        credentials: &Credentials,
        bucket_url: &Option<String>,
    ) -> Result<Arc<Wire>> {
        let proxy = settings.proxy(bucket_url.as_deref().unwrap_or_default());
        let proxy = proxy.map(str::to_owned);
        let transport = match self.roots.get().cloned() {
            None => transport(settings, proxy.as_deref(), None)?,
            // To read certificates takes milliseconds, and this may be JavaScript's thread.
            Some(roots) => {
                let settings = settings.clone();
                let reading =
                    spawn_blocking(move || transport(&settings, proxy.as_deref(), Some(&roots)));
                let broken = |_| Error::new(Origin::Client, "Error", "The roots were not read");
                reading.await.map_err(broken)??
            }
        };
        let aws_region = Region::new(region.to_owned());
        let provider = credentials
            .provider(
                settings,
                &self.environment,
                &aws_region,
                transport.client.clone(),
            )
            .await;
        let (own, url, client) = (settings.clone(), bucket_url.clone(), transport.client);
        let make = move |identity, clock: &Clock| {
            let mut config =
                configure(&own, aws_region, Shared(identity), clock).http_client(client);
            if let Some(url) = url {
                config = config.endpoint_resolver(BucketUrl(url));
            }
            Client::from_conf(config.build())
        };
        let wire = Wire::new(region, settings, transport.connector, provider, make);
        let wire = Arc::new(wire);
        let mut wires = lock(&self.wires);
        // Another upload may have been quicker; credentials are asked for once.
        if let Some(wire) = known(&wires, region, credentials, bucket_url) {
            return Ok(wire);
        }
        wires.truncate(KEPT - 1);
        let key = (region.to_owned(), credentials.clone(), bucket_url.clone());
        wires.insert(0, (key, wire.clone()));
        Ok(wire)
    }
}

fn known(
    wires: &[(Key, Arc<Wire>)],
    region: &str,
    credentials: &Credentials,
    bucket_url: &Option<String>,
) -> Option<Arc<Wire>> {
    let is_same = |(own_region, own_credentials, own_url): &Key| {
        own_region == region && own_credentials == credentials && own_url == bucket_url
    };
    let found = wires.iter().find(|(key, _)| is_same(key));
    found.map(|(_, wire)| wire.clone())
}

fn configure(settings: &Settings, region: Region, identity: Shared, clock: &Clock) -> Builder {
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
        .credentials_provider(identity)
        // The provider keeps them itself.
        .identity_cache(IdentityCache::no_cache())
        .time_source(clock.clone())
        // Its own correction would be added to the clock's.
        .disable_clock_skew_correction(true)
        .force_path_style(settings.force_path_style)
        .accelerate(settings.use_accelerate)
        .use_fips(settings.use_fips)
        .use_dual_stack(settings.use_dualstack)
        .retry_config(retry::config(settings))
        .interceptor(SetByReplies(clock.clone()))
        .retry_classifier(AsInJavaScript)
        // Its grace period fails uploads behind slow DNS, TLS or proxies; JavaScript has none.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .timeout_config(timeouts.build());
    config.set_endpoint_url(settings.endpoint.clone());
    config.set_use_arn_region(settings.use_arn_region);
    if let Some(framework) = user_agent::framework() {
        config = config.framework_metadata(framework);
    }
    if settings.checksum_when_required {
        config = config.request_checksum_calculation(RequestChecksumCalculation::WhenRequired);
    }
    // Checked when the settings were parsed.
    config.set_app_name(settings.app_id.clone().and_then(|id| AppName::new(id).ok()));
    config
}

#[derive(Clone)]
pub struct Connection {
    pub(super) wire: Arc<Wire>,
    pub settings: Arc<Settings>,
    credentials: Credentials,
    bucket_url: Option<String>,
    gateway: Arc<Gateway>,
    attempts: Option<Attempts>,
    /// In the place of the wire's own, for a dry run.
    client: Option<Client>,
}

impl Connection {
    pub fn region(&self) -> &str {
        &self.wire.region
    }

    /// The same, with another client.
    pub(super) fn with_client(&self, client: Client) -> Connection {
        Connection {
            client: Some(client),
            ..self.clone()
        }
    }

    /// What goes over this connection from now on is told to `attempts`.
    pub fn tell(&mut self, attempts: Attempts) {
        self.attempts = Some(attempts);
    }

    pub(super) fn exchange(&self, operation: &'static str) -> Exchange {
        let exchange = self.untold_exchange();
        if let Some(attempts) = &self.attempts {
            exchange.tell(attempts, operation);
        }
        exchange
    }

    /// One that stays out of the audit record.
    pub(super) fn untold_exchange(&self) -> Exchange {
        // With roles they go to STS, whose errors may quote them.
        let elsewhere = !self.settings.roles.is_empty();
        let token = self.credentials.session_token().filter(|_| elsewhere);
        Exchange::new(token.map(|token| ("x-amz-security-token", token)))
    }

    pub(super) fn client(&self) -> &Client {
        self.client.as_ref().unwrap_or(&self.wire.client)
    }

    pub(super) async fn endpoint(&self, bucket: &str) -> Option<Endpoint> {
        let url = self.bucket_url.as_deref();
        self.wire.endpoint(&self.settings, bucket, url).await
    }

    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The same, signed with other credentials of the caller.
    pub async fn signed_with(&self, credentials: Credentials) -> Result<Connection> {
        let (region, url) = (self.region(), &self.bucket_url);
        let wire = self.gateway.wire(&self.settings, region, &credentials, url);
        Ok(Connection {
            wire: wire.await?,
            credentials,
            ..self.clone()
        })
    }

    /// Sends what follows to `region`.
    pub async fn move_to(&mut self, region: String) -> Result<()> {
        if region != self.wire.region {
            let gateway = self.gateway.clone();
            let (credentials, url) = (&self.credentials, &self.bucket_url);
            self.wire = gateway
                .wire(&self.settings, &region, credentials, url)
                .await?;
        }
        Ok(())
    }

    /// Moves to the Region that S3 named, if redirects are to be followed; `true` if it moved.
    pub async fn follow(&mut self, failure: &Failure) -> Result<bool> {
        match &failure.redirect {
            Some(region)
                if self.settings.follow_region_redirects && *region != self.wire.region =>
            {
                self.move_to(region.clone()).await?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }
}

//! One configured way to S3.

use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{BehaviorVersion, Builder, Region, StalledStreamProtectionConfig};
use aws_sdk_s3::Client;

use super::credentials::{resolve_region, Credentials};
use super::failure::Failure;
use super::settings::Settings;
use super::transport::{http_client, Roots};
use crate::error::Result;

pub struct Connection {
    pub(super) client: Client,
    pub settings: Settings,
    region: String,
}

impl Connection {
    pub async fn open(
        settings: Settings,
        credentials: &Credentials,
        roots: &Roots,
    ) -> Result<Connection> {
        let region = resolve_region(&settings).await?;
        let http = http_client(roots)?;
        let provider = credentials.provider(&settings, &region, http.clone()).await;
        let mut config = Builder::new()
            .behavior_version(BehaviorVersion::latest())
            .region(region.clone())
            .credentials_provider(provider)
            .http_client(http)
            .force_path_style(settings.force_path_style)
            // Explicit: a bad AWS_MAX_ATTEMPTS or AWS_RETRY_MODE would panic in the SDK.
            .retry_config(RetryConfig::standard().with_max_attempts(settings.max_attempts))
            // Its grace period fails uploads behind slow DNS, TLS or proxies; JavaScript has none.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            // 3.1 s by default, DNS and TLS included; JavaScript has none.
            .timeout_config(TimeoutConfig::builder().disable_connect_timeout().build());
        config.set_endpoint_url(settings.endpoint.clone());
        Ok(Connection {
            client: Client::from_conf(config.build()),
            region: region.to_string(),
            settings,
        })
    }

    pub fn region(&self) -> &str {
        &self.region
    }

    /// Sends what follows to `region`.
    pub fn move_to(&mut self, region: String) {
        self.region = region;
    }

    /// Moves to the Region that S3 named, if redirects are to be followed; `true` if it moved.
    pub fn follow(&mut self, failure: &Failure) -> bool {
        match &failure.redirect {
            Some(region) if self.settings.follow_region_redirects && *region != self.region => {
                self.region = region.clone();
                true
            }
            _ => false,
        }
    }

    /// Overrides of the client's configuration that hold for every request now.
    pub(super) fn overrides(&self) -> Builder {
        Builder::new().region(Region::new(self.region.clone()))
    }
}

//! Who signs: given credentials, or the default chain in the order of the SDK for JavaScript.

use aws_config::provider_config::ProviderConfig;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_s3::config::{BehaviorVersion, Region, SharedHttpClient};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::SystemTimeSource;

use super::chain::{chain, keys};
use super::settings::Settings;
use crate::error::{Error, Result};
use crate::value::Value;

/// Secrets stay in the SDK's own type, whose Debug hides them and whose memory is wiped.
#[derive(Debug, Clone, PartialEq)]
pub enum Credentials {
    Given(aws_credential_types::Credentials),
    Chain,
}

impl Credentials {
    /// `null` is the default chain; anything else must be a resolved credentials object.
    pub fn parse(value: &Value) -> Result<Credentials> {
        const REMEDY: &str =
            "Give { accessKeyId, secretAccessKey, sessionToken? } or a function that returns them";
        if *value == Value::Null {
            return Ok(Credentials::Chain);
        }
        if !matches!(value, Value::Object(_)) {
            return Err(Error::wrong_type("credentials", value, REMEDY));
        }
        let part = |part: &str| match value.get(part) {
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
            // `process.env.AWS_SESSION_TOKEN ?? ''` is none.
            Some(Value::String(_)) if part == "sessionToken" => Ok(None),
            None => Ok(None),
            Some(Value::String(_)) => Err(Error::invalid(
                &format!("credentials.{part}"),
                "is empty",
                REMEDY,
            )),
            Some(other) => Err(Error::wrong_type(
                &format!("credentials.{part}"),
                other,
                REMEDY,
            )),
        };
        let required = |name: &str| {
            part(name)?.ok_or_else(|| Error::missing(&format!("credentials.{name}"), REMEDY))
        };
        Ok(Credentials::Given(aws_credential_types::Credentials::new(
            required("accessKeyId")?,
            required("secretAccessKey")?,
            part("sessionToken")?,
            None,
            "stateseal",
        )))
    }

    /// What tells one caller from another, without a secret.
    pub fn identity(&self) -> String {
        match self {
            Credentials::Given(credentials) => credentials.access_key_id().to_owned(),
            Credentials::Chain => String::new(),
        }
    }

    pub(super) fn session_token(&self) -> Option<&str> {
        match self {
            Credentials::Given(credentials) => credentials.session_token(),
            Credentials::Chain => None,
        }
    }

    /// Keys in the environment, which make one caller different from another, take the chain's
    /// place. As in JavaScript, a chosen profile beats them.
    pub(super) fn or_keys(&self, settings: &Settings, environment: &Value) -> Credentials {
        match (self, &settings.profile) {
            (Credentials::Chain, None) => {
                keys(environment).map_or(Credentials::Chain, Credentials::Given)
            }
            _ => self.clone(),
        }
    }

    pub(super) async fn provider(
        &self,
        settings: &Settings,
        environment: &Value,
        region: &Region,
        http: SharedHttpClient,
    ) -> SharedCredentialsProvider {
        let mut provider = self.base(settings, environment, region, http.clone()).await;
        if settings.roles.is_empty() {
            return provider;
        }
        let mut config = aws_config::SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(region.clone())
            .http_client(http)
            .time_source(SystemTimeSource::new())
            .sleep_impl(TokioSleep::new())
            .retry_config(super::retry::config(settings));
        config.set_endpoint_url(settings.sts_endpoint.clone());
        config.set_use_fips(Some(settings.use_fips));
        let config = config.build();
        for role in &settings.roles {
            provider = role.assume(provider, &config).await;
        }
        provider
    }

    async fn base(
        &self,
        settings: &Settings,
        environment: &Value,
        region: &Region,
        http: SharedHttpClient,
    ) -> SharedCredentialsProvider {
        match self {
            Credentials::Given(credentials) => SharedCredentialsProvider::new(credentials.clone()),
            Credentials::Chain => {
                let config = ProviderConfig::without_region()
                    .with_region(Some(region.clone()))
                    .with_http_client(http);
                chain(environment, settings.profile.as_deref(), &config).await
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(entries: &[(&str, &str)]) -> Value {
        Value::Object(
            entries
                .iter()
                .map(|(k, v)| ((*k).into(), Value::String((*v).into())))
                .collect(),
        )
    }

    #[test]
    fn secrets_do_not_show() {
        let parsed = Credentials::parse(&object(&[
            ("accessKeyId", "AKID"),
            ("secretAccessKey", "planted"),
        ]));
        assert!(!format!("{parsed:?}").contains("planted"));
    }

    #[test]
    fn incomplete_credentials_are_named() {
        for (bad, setting) in [
            (
                object(&[("accessKeyId", "AKID")]),
                "credentials.secretAccessKey",
            ),
            (
                object(&[("accessKeyId", ""), ("secretAccessKey", "x")]),
                "credentials.accessKeyId",
            ),
            (object(&[]), "credentials.accessKeyId"),
            (Value::String("AKID".into()), "credentials"),
        ] {
            let error = Credentials::parse(&bad).expect_err(setting);
            assert_eq!(error.setting.as_deref(), Some(setting));
        }
    }
}

//! Who signs: given credentials, or the default chain in the order of the SDK for JavaScript.

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_s3::config::{Region, SharedHttpClient};

use super::settings::Settings;
use crate::error::{name, Error, Result};
use crate::value::Value;

/// Secrets stay in the SDK's own type, whose Debug hides them and whose memory is wiped.
#[derive(Debug, Clone)]
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

    pub(super) async fn provider(
        &self,
        settings: &Settings,
        region: &Region,
        http: SharedHttpClient,
    ) -> SharedCredentialsProvider {
        let config = ProviderConfig::without_region()
            .with_region(Some(region.clone()))
            .with_http_client(http);
        match (self, &settings.profile) {
            (Credentials::Given(credentials), _) => {
                SharedCredentialsProvider::new(credentials.clone())
            }
            // As in JavaScript, a chosen profile beats keys in the environment.
            (Credentials::Chain, Some(profile)) => SharedCredentialsProvider::new(
                ProfileFileCredentialsProvider::builder()
                    .configure(&config)
                    .profile_name(profile)
                    .build(),
            ),
            (Credentials::Chain, None) => {
                let chain = DefaultCredentialsChain::builder()
                    .configure(config)
                    .region(region.clone());
                SharedCredentialsProvider::new(chain.build().await)
            }
        }
    }
}

/// The Region of the settings, else the profile's. Instance metadata is not asked: without one it
/// answers after seconds, and a deployment names its Region.
pub(super) async fn resolve_region(settings: &Settings) -> Result<Region> {
    if let Some(region) = &settings.region {
        return Ok(Region::new(region.clone()));
    }
    use aws_config::meta::region::ProvideRegion;
    let mut builder = ProfileFileRegionProvider::builder();
    if let Some(profile) = &settings.profile {
        builder = builder.profile_name(profile);
    }
    builder.build().region().await.ok_or_else(|| {
        Error::argument(
            name::MISSING,
            "region",
            "is missing",
            "Set region, AWS_REGION, or a region in the profile",
        )
    })
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

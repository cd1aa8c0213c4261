//! Where a setting is looked for: the configuration, then the environment, then the profile.

use std::collections::HashMap;

use super::super::{chain, profile};
use crate::error::{Error, Result};
use crate::value::Value;

/// Entries of the chosen profile.
pub type Profile = HashMap<String, String>;

/// A setting's name, its variables and its entry of a profile: those that the SDK for JavaScript
/// reads. The first that is set counts.
struct Row(&'static str, &'static [&'static str], Option<&'static str>);

const ROWS: &[Row] = &[
    Row("region", &["AWS_REGION"], Some("region")),
    Row("profile", &["AWS_PROFILE"], None),
    Row(
        "endpoint",
        &["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"],
        Some("endpoint_url"),
    ),
    Row(
        "kmsEndpoint",
        &["AWS_ENDPOINT_URL_KMS", "AWS_ENDPOINT_URL"],
        Some("endpoint_url"),
    ),
    Row("forcePathStyle", &[], None),
    Row("followRegionRedirects", &[], None),
    Row(
        "useFipsEndpoint",
        &["AWS_USE_FIPS_ENDPOINT"],
        Some("use_fips_endpoint"),
    ),
    Row(
        "useDualstackEndpoint",
        &["AWS_USE_DUALSTACK_ENDPOINT"],
        Some("use_dualstack_endpoint"),
    ),
    Row("useAccelerateEndpoint", &[], None),
    Row(
        "useArnRegion",
        &["AWS_S3_USE_ARN_REGION"],
        Some("s3_use_arn_region"),
    ),
    Row("bucketEndpoint", &[], None),
    Row("maxAttempts", &["AWS_MAX_ATTEMPTS"], Some("max_attempts")),
    Row("retryMode", &["AWS_RETRY_MODE"], Some("retry_mode")),
    Row("requestTimeout", &[], None),
    Row("connectionTimeout", &[], None),
    Row("noProxy", &["NO_PROXY", "no_proxy"], None),
    Row(
        "requestChecksumCalculation",
        &["AWS_REQUEST_CHECKSUM_CALCULATION"],
        Some("request_checksum_calculation"),
    ),
    Row(
        "userAgentAppId",
        &["AWS_SDK_UA_APP_ID"],
        Some("sdk_ua_app_id"),
    ),
    Row("allowInsecureLoopback", &[], None),
    Row("expectedBucketOwner", &[], None),
];

/// Settings that are not one text, flag or number of [`ROWS`].
const OTHERS: &[&str] = &["proxy", "assumeRole"];

/// Which proxy counts depends on the server's scheme.
const HTTP_PROXY: &[&str] = &["HTTP_PROXY", "http_proxy"];
const HTTPS_PROXY: &[&str] = &["HTTPS_PROXY", "https_proxy"];

/// Read by themselves: they say where the others are, or whether they count.
const IGNORE_ENDPOINTS: &str = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";
pub const STS_ENDPOINT: &str = "AWS_ENDPOINT_URL_STS";

/// The names that are read of the configuration.
pub static SETTING_NAMES: std::sync::LazyLock<Vec<&'static str>> = std::sync::LazyLock::new(|| {
    ROWS.iter()
        .map(|row| row.0)
        .chain(OTHERS.iter().copied())
        .collect()
});

/// The variables that are read.
pub static ENVIRONMENT: std::sync::LazyLock<Vec<&'static str>> = std::sync::LazyLock::new(|| {
    let rows = ROWS.iter().flat_map(|row| row.1);
    rows.chain(HTTP_PROXY)
        .chain(HTTPS_PROXY)
        .chain([&IGNORE_ENDPOINTS, &STS_ENDPOINT])
        .chain(&profile::VARIABLES)
        .chain(chain::VARIABLES)
        .copied()
        .collect()
});

/// The entries that are read of a profile.
pub fn profile_entries() -> impl Iterator<Item = &'static str> {
    ROWS.iter().filter_map(|row| row.2)
}

pub struct Sources<'a> {
    pub config: &'a Value,
    pub environment: &'a Value,
    pub profile: &'a Profile,
}

/// A setting as it was found, and how an error calls its place.
enum Found<'a> {
    Given(&'a Value),
    /// Of the environment or a profile, where everything is text.
    Text(&'a str, String),
}

impl Sources<'_> {
    pub fn variable(&self, name: &str) -> Option<&str> {
        match self.environment.get(name) {
            Some(Value::String(text)) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    fn find(&self, name: &'static str) -> Option<Found<'_>> {
        let Row(_, variables, entry) = ROWS.iter().find(|row| row.0 == name)?;
        if let Some(value) = self.config.get(name) {
            return Some(Found::Given(value));
        }
        let is_endpoint = matches!(name, "endpoint" | "kmsEndpoint");
        let ignored = is_endpoint && self.variable(IGNORE_ENDPOINTS) == Some("true");
        if ignored {
            return None;
        }
        for variable in *variables {
            if let Some(text) = self.variable(variable) {
                return Some(Found::Text(text, (*variable).to_owned()));
            }
        }
        let text = entry.and_then(|entry| self.profile.get(entry))?;
        if text.is_empty() {
            return None;
        }
        Some(Found::Text(
            text,
            format!("{} of the profile", entry.unwrap_or_default()),
        ))
    }

    /// The text and its place.
    pub fn text(&self, name: &'static str) -> Result<Option<(String, String)>> {
        Ok(Some(match self.find(name) {
            None => return Ok(None),
            Some(Found::Text(text, place)) => (text.to_owned(), place),
            Some(Found::Given(Value::String(text))) if !text.is_empty() => {
                (text.clone(), name.to_owned())
            }
            Some(Found::Given(Value::String(_))) => {
                return Err(Error::invalid(
                    name,
                    "is empty",
                    "Give a value or leave it out",
                ))
            }
            Some(Found::Given(other)) => {
                return Err(Error::wrong_type(name, other, "Give a string"))
            }
        }))
    }

    pub fn flag(&self, name: &'static str) -> Result<bool> {
        Ok(self.set_flag(name)?.unwrap_or(false))
    }

    /// For a flag that is neither where it is not set.
    pub fn set_flag(&self, name: &'static str) -> Result<Option<bool>> {
        match self.find(name) {
            None => Ok(None),
            Some(Found::Given(Value::Bool(flag))) => Ok(Some(*flag)),
            Some(Found::Given(other)) => Err(Error::wrong_type(name, other, "Give true or false")),
            Some(Found::Text(text, place)) => match text {
                "true" => Ok(Some(true)),
                "false" => Ok(Some(false)),
                _ => Err(Error::invalid(
                    &place,
                    "is neither true nor false",
                    "Set true or false",
                )),
            },
        }
    }

    pub fn whole(&self, name: &'static str, min: u64, max: u64) -> Result<Option<u64>> {
        let remedy = format!("Give a whole number from {min} to {max}");
        let (number, place) = match self.find(name) {
            None => return Ok(None),
            Some(Found::Given(Value::Number(number))) => (*number, name.to_owned()),
            Some(Found::Given(other)) => return Err(Error::wrong_type(name, other, &remedy)),
            Some(Found::Text(text, place)) => (text.trim().parse().unwrap_or(f64::NAN), place),
        };
        if number.fract() == 0.0 && (min as f64..=max as f64).contains(&number) {
            return Ok(Some(number as u64));
        }
        Err(Error::invalid(&place, &format!("is {number}"), &remedy))
    }

    /// Compared without case, as the SDK does.
    pub fn one_of(
        &self,
        name: &'static str,
        values: &[&'static str],
    ) -> Result<Option<&'static str>> {
        let Some((text, place)) = self.text(name)? else {
            return Ok(None);
        };
        match values
            .iter()
            .find(|value| value.eq_ignore_ascii_case(&text))
        {
            Some(value) => Ok(Some(value)),
            None => Err(Error::invalid(
                &place,
                &format!("is {text:?}"),
                &format!("Give one of {}", values.join(", ")),
            )),
        }
    }

    /// The proxy and its place; `false` means none, whatever the environment says.
    pub fn proxy(&self, plain_http: bool) -> Result<Option<(String, String)>> {
        match self.config.get("proxy") {
            Some(Value::Bool(false)) => return Ok(None),
            Some(Value::String(url)) => return Ok(Some((url.clone(), "proxy".into()))),
            Some(other) => {
                return Err(Error::wrong_type(
                    "proxy",
                    other,
                    "Give the proxy's URL, or false for none",
                ))
            }
            None => {}
        }
        let variables = if plain_http { HTTP_PROXY } else { HTTPS_PROXY };
        Ok(variables.iter().find_map(|name| {
            let url = self.variable(name)?;
            // Curl and npm take a proxy without its scheme.
            let url = if url.contains("://") {
                url.to_owned()
            } else {
                format!("http://{url}")
            };
            Some((url, (*name).to_owned()))
        }))
    }
}

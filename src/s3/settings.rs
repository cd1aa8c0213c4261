//! The part of `S3ClientConfig` that is understood, with the environment it falls back to.

use crate::error::{Error, Result};
use crate::value::Value;

/// The names that are read of the configuration.
pub const SETTING_NAMES: &[&str] = &[
    "region",
    "endpoint",
    "profile",
    "forcePathStyle",
    "followRegionRedirects",
    "maxAttempts",
    "allowInsecureLoopback",
    "expectedBucketOwner",
];

/// Parsed once; nothing behind this checks again.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// `None`: ask the profile.
    pub region: Option<String>,
    /// How an error calls the place of the Region.
    pub region_setting: &'static str,
    pub profile: Option<String>,
    pub endpoint: Option<String>,
    pub force_path_style: bool,
    pub follow_region_redirects: bool,
    /// Attempts in all, the first included. Default 3, as in the SDK.
    pub max_attempts: u32,
    /// SSE-C over plain http to a loopback address.
    pub allow_insecure_loopback: bool,
    pub expected_bucket_owner: Option<String>,
}

impl Settings {
    /// `environment` holds the variables of the process at the time of the call.
    pub fn parse(config: &Value, environment: &Value) -> Result<Settings> {
        let from_environment = |name: &str| match environment.get(name) {
            Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
            _ => None,
        };
        let own_region = text(config, "region")?;
        let region_setting = if own_region.is_some() {
            "region"
        } else {
            "AWS_REGION"
        };
        let region = own_region.or_else(|| from_environment("AWS_REGION"));
        if let Some(region) = &region {
            check_region_name(region, region_setting)?;
        }
        let endpoint = text(config, "endpoint")?
            .or_else(|| from_environment("AWS_ENDPOINT_URL_S3"))
            .or_else(|| from_environment("AWS_ENDPOINT_URL"));
        if let Some(endpoint) = &endpoint {
            check_endpoint(endpoint)?;
        }
        Ok(Settings {
            region,
            region_setting,
            profile: text(config, "profile")?.or_else(|| from_environment("AWS_PROFILE")),
            endpoint,
            force_path_style: flag(config, "forcePathStyle")?,
            follow_region_redirects: flag(config, "followRegionRedirects")?,
            max_attempts: attempts(config)?,
            allow_insecure_loopback: flag(config, "allowInsecureLoopback")?,
            expected_bucket_owner: text(config, "expectedBucketOwner")?,
        })
    }

    pub fn is_plain_http(&self) -> bool {
        self.host().is_some_and(|(scheme, _)| scheme == "http")
    }

    pub fn is_loopback(&self) -> bool {
        self.host().is_some_and(|(_, host)| {
            host == "localhost"
                || host.ends_with(".localhost")
                || host
                    .trim_matches(['[', ']'])
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|ip| ip.is_loopback())
        })
    }

    fn host(&self) -> Option<(String, String)> {
        let uri: http::Uri = self.endpoint.as_deref()?.parse().ok()?;
        Some((uri.scheme_str()?.to_owned(), uri.host()?.to_owned()))
    }
}

fn text(config: &Value, name: &str) -> Result<Option<String>> {
    match config.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Err(Error::invalid(
            name,
            "is empty",
            "Give a value or leave it out",
        )),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(Error::wrong_type(name, other, "Give a string")),
    }
}

fn flag(config: &Value, name: &str) -> Result<bool> {
    match config.get(name) {
        None => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(other) => Err(Error::wrong_type(name, other, "Give true or false")),
    }
}

fn attempts(config: &Value) -> Result<u32> {
    const REMEDY: &str = "Give a whole number from 1 to 100";
    match config.get("maxAttempts") {
        None => Ok(3),
        Some(Value::Number(n)) if n.fract() == 0.0 && (1.0..=100.0).contains(n) => Ok(*n as u32),
        Some(Value::Number(n)) => Err(Error::invalid("maxAttempts", &format!("is {n}"), REMEDY)),
        Some(other) => Err(Error::wrong_type("maxAttempts", other, REMEDY)),
    }
}

/// The Region becomes part of a host name.
fn check_region_name(region: &str, setting: &str) -> Result<()> {
    let label = region.len() <= 63
        && region
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !region.starts_with('-')
        && !region.ends_with('-');
    if label {
        return Ok(());
    }
    Err(Error::invalid(
        setting,
        &format!("is {region:?}, which is not a valid hostname component"),
        "Give the name of a Region, such as us-east-1",
    ))
}

fn check_endpoint(endpoint: &str) -> Result<()> {
    let good = endpoint.parse::<http::Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|h| !h.is_empty())
    });
    if good {
        return Ok(());
    }
    Err(Error::invalid(
        "endpoint",
        "is not an http or https URL",
        "Give a URL such as https://s3.example.com",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(entries: &[(&str, Value)], environment: &[(&str, &str)]) -> Result<Settings> {
        let config = entries
            .iter()
            .map(|(k, v)| ((*k).into(), v.clone()))
            .collect();
        let environment = environment
            .iter()
            .map(|(k, v)| ((*k).into(), Value::String((*v).into())))
            .collect();
        Settings::parse(&Value::Object(config), &Value::Object(environment))
    }

    #[test]
    fn configuration_beats_environment() {
        let region = |list: &[(&str, Value)]| {
            parse(list, &[("AWS_REGION", "eu-west-1")])
                .expect("valid")
                .region
        };
        assert_eq!(region(&[]).as_deref(), Some("eu-west-1"));
        assert_eq!(
            region(&[("region", Value::String("us-east-1".into()))]).as_deref(),
            Some("us-east-1")
        );
        assert_eq!(
            parse(&[], &[("AWS_DEFAULT_REGION", "x")])
                .expect("valid")
                .region,
            None
        );
    }

    #[test]
    fn loopback() {
        for (endpoint, http, loopback) in [
            ("http://127.0.0.1:9000", true, true),
            ("http://[::1]:9000", true, true),
            ("http://localhost", true, true),
            ("https://127.9.9.9", false, true),
            ("http://10.0.0.1", true, false),
            ("http://127.0.0.1.example.com", true, false),
        ] {
            let settings =
                parse(&[("endpoint", Value::String(endpoint.into()))], &[]).expect("valid");
            assert_eq!(
                (settings.is_plain_http(), settings.is_loopback()),
                (http, loopback),
                "{endpoint}"
            );
        }
    }

    #[test]
    fn bad_settings_are_named() {
        for (name, bad) in [
            ("region", Value::String("a/b".into())),
            ("region", Value::Number(1.0)),
            ("region", Value::String(String::new())),
            ("endpoint", Value::String("localhost:9000".into())),
            ("endpoint", Value::String("ftp://x".into())),
            ("forcePathStyle", Value::String("yes".into())),
            ("maxAttempts", Value::Number(0.0)),
            ("maxAttempts", Value::Number(1.5)),
            ("maxAttempts", Value::Number(f64::NAN)),
        ] {
            let error = parse(&[(name, bad)], &[]).expect_err(name);
            assert_eq!(error.setting.as_deref(), Some(name));
        }
    }
}

//! The part of `S3ClientConfig` that is understood, with the environment and the profile behind it.

mod check;
mod sources;

pub use sources::{profile_entries, Profile, ENVIRONMENT, SETTING_NAMES};

use self::sources::{Sources, STS_ENDPOINT};
use super::role::Role;
use crate::error::{Error, Result};
use crate::value::Value;

/// Parsed once; nothing behind this checks again.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    pub region: Option<String>,
    /// How an error calls the place of the Region.
    pub region_setting: String,
    pub profile: Option<String>,
    pub endpoint: Option<String>,
    /// KMS, which only a check of the bucket asks.
    pub kms_endpoint: Option<String>,
    pub force_path_style: bool,
    pub follow_region_redirects: bool,
    pub use_fips: bool,
    pub use_dualstack: bool,
    pub use_accelerate: bool,
    /// The endpoint rules take what is not set for `true`, as in the SDK for JavaScript.
    pub use_arn_region: Option<bool>,
    /// `Bucket` is the URL of the bucket.
    pub bucket_endpoint: bool,
    /// Attempts in all, the first included. Default 3, as in the SDK.
    pub max_attempts: u32,
    pub adaptive_retries: bool,
    /// Milliseconds from the beginning of an attempt to the head of its answer.
    pub request_timeout: Option<u64>,
    /// Milliseconds to connect: DNS, TCP, proxy and TLS together.
    pub connection_timeout: Option<u64>,
    proxies: Proxies,
    pub no_proxy: Option<String>,
    /// Send a checksum only where it is demanded.
    pub checksum_when_required: bool,
    pub app_id: Option<String>,
    /// SSE-C over plain http to a loopback address.
    pub allow_insecure_loopback: bool,
    pub expected_bucket_owner: Option<String>,
    /// Roles to assume, one after the other.
    pub roles: Vec<Role>,
    pub sts_endpoint: Option<String>,
}

/// The proxy of each scheme that may be spoken to S3.
#[derive(Debug, Clone, PartialEq)]
struct Proxies {
    http: Option<String>,
    https: Option<String>,
}

impl Settings {
    /// `environment` holds the variables of the process at the time of the call, `profile` the
    /// entries of the chosen profile (none before it was read).
    pub fn parse(config: &Value, environment: &Value, profile: &Profile) -> Result<Settings> {
        let sources = Sources {
            config,
            environment,
            profile,
        };
        let region = sources.text("region")?;
        let mut use_fips = sources.flag("useFipsEndpoint")?;
        let region = match region {
            None => None,
            Some((region, place)) => {
                check::region(&region, &place)?;
                // Pseudo-Regions of older configurations, as the SDK for JavaScript reads them.
                let real = region
                    .strip_prefix("fips-")
                    .or_else(|| region.strip_suffix("-fips"))
                    .map(str::to_owned);
                use_fips |= real.is_some();
                Some((real.unwrap_or(region), place))
            }
        };
        let endpoint = sources.text("endpoint")?;
        if let Some((endpoint, place)) = &endpoint {
            check::endpoint(endpoint, place)?;
        }
        let endpoint = endpoint.map(|(endpoint, _)| with_slash(without_user(endpoint)));
        let kms_endpoint = sources.text("kmsEndpoint")?;
        // Uploads do not ask KMS: a variable that is wrong must not fail them.
        if let Some((endpoint, place)) = kms_endpoint.as_ref().filter(|kms| kms.1 == "kmsEndpoint")
        {
            check::endpoint(endpoint, place)?;
        }
        let plain_http = endpoint
            .as_deref()
            .is_some_and(|url| Server(url).is_plain_http());
        let bucket_endpoint = sources.flag("bucketEndpoint")?;
        let proxy = |http: bool| match sources.proxy(http)? {
            // What is not used may be wrong. A bucket's own URL may be of either scheme.
            Some((url, place)) if bucket_endpoint || http == plain_http => {
                check::proxy(&url, &place)?;
                Ok(Some(url))
            }
            _ => Ok(None),
        };
        let proxies = Proxies {
            http: proxy(true)?,
            https: proxy(false)?,
        };
        let app_id = sources.text("userAgentAppId")?;
        if let Some((id, place)) = &app_id {
            check::app_id(id, place)?;
        }
        let use_accelerate = sources.flag("useAccelerateEndpoint")?;
        let force_path_style = sources.flag("forcePathStyle")?;
        if use_accelerate && force_path_style {
            return Err(Error::invalid(
                "useAccelerateEndpoint",
                "does not go with forcePathStyle",
                "Leave one of the two out",
            ));
        }
        Ok(Settings {
            region_setting: region
                .as_ref()
                .map_or("region".into(), |(_, place)| place.clone()),
            region: region.map(|(region, _)| region),
            profile: sources.text("profile")?.map(|(name, _)| name),
            endpoint,
            kms_endpoint: kms_endpoint.map(|(endpoint, _)| endpoint),
            force_path_style,
            follow_region_redirects: sources.flag("followRegionRedirects")?,
            use_fips,
            use_dualstack: sources.flag("useDualstackEndpoint")?,
            use_accelerate,
            use_arn_region: sources.set_flag("useArnRegion")?,
            bucket_endpoint,
            max_attempts: sources
                .whole("maxAttempts", 1, 100)?
                .map_or(3, |n| n as u32),
            adaptive_retries: sources.one_of("retryMode", &["standard", "adaptive", "legacy"])?
                == Some("adaptive"),
            // 0 is "none" in Node.
            request_timeout: sources
                .whole("requestTimeout", 0, u32::MAX.into())?
                .filter(|ms| *ms > 0),
            connection_timeout: sources
                .whole("connectionTimeout", 0, u32::MAX.into())?
                .filter(|ms| *ms > 0),
            proxies,
            no_proxy: sources.text("noProxy")?.map(|(list, _)| list),
            checksum_when_required: sources.one_of(
                "requestChecksumCalculation",
                &["WHEN_SUPPORTED", "WHEN_REQUIRED"],
            )? == Some("WHEN_REQUIRED"),
            app_id: app_id.map(|(id, _)| id),
            allow_insecure_loopback: sources.flag("allowInsecureLoopback")?,
            expected_bucket_owner: sources.text("expectedBucketOwner")?.map(|(id, _)| id),
            roles: Role::parse_list(config.get("assumeRole"))?,
            sts_endpoint: sources.variable(STS_ENDPOINT).map(str::to_owned),
        })
    }

    /// Whether more than plain http may be spoken with credentials that are given.
    pub fn speaks_https(&self) -> bool {
        let is_http = |url: &String| Server(url).is_plain_http();
        // Elsewhere a check of the bucket may ask AWS's KMS.
        let is_local_http = |url: &String| is_http(url) && Server(url).is_loopback();
        self.bucket_endpoint
            || !self.roles.is_empty()
            || !self.endpoint.as_ref().is_some_and(is_local_http)
            || !self.kms_endpoint.as_ref().is_none_or(is_http)
            || self
                .proxy("")
                .is_some_and(|url| !Server(url).is_plain_http())
    }

    /// The proxy on the way to `bucket`.
    pub fn proxy(&self, bucket: &str) -> Option<&str> {
        let proxy = match self.server(bucket) {
            Some(server) if server.is_plain_http() => &self.proxies.http,
            _ => &self.proxies.https,
        };
        proxy.as_deref()
    }

    /// The server that requests for `bucket` go to, where that is not AWS's own choice.
    pub fn server<'a>(&'a self, bucket: &'a str) -> Option<Server<'a>> {
        match self.bucket_endpoint {
            true => Some(Server(bucket)),
            false => self.endpoint.as_deref().map(Server),
        }
    }
}

/// A server by its URL.
#[derive(Debug, Clone, Copy)]
pub struct Server<'a>(&'a str);

impl Server<'_> {
    pub fn is_plain_http(self) -> bool {
        let scheme = self.0.split(':').next();
        scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("http"))
    }

    pub fn is_loopback(self) -> bool {
        self.host().is_some_and(|host| {
            host == "localhost"
                || host.ends_with(".localhost")
                || host
                    .trim_matches(['[', ']'])
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|ip| ip.is_loopback())
        })
    }

    pub fn host(self) -> Option<String> {
        let uri: http::Uri = self.0.parse().ok()?;
        uri.host().map(str::to_ascii_lowercase)
    }
}

/// User and password are for no S3: they would be signed as a part of the host's name, and shown.
fn without_user(endpoint: String) -> String {
    let Some((scheme, rest)) = endpoint.split_once("://") else {
        return endpoint;
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
        None => endpoint,
    }
}

/// The SDK puts the bucket right behind the path of an endpoint.
fn with_slash(mut endpoint: String) -> String {
    let has_path = endpoint
        .parse::<http::Uri>()
        .is_ok_and(|uri| uri.query().is_none() && uri.path().len() > 1);
    if has_path && !endpoint.ends_with('/') {
        endpoint.push('/');
    }
    endpoint
}

#[cfg(test)]
mod tests;

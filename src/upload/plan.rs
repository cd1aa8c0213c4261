//! The door: everything that a caller gave, parsed and checked before any network call.

use std::sync::Arc;

use super::control::Control;
use super::source::Body;
use super::trail::Trail;
use super::transfer::{Transfer, TRANSFER_SETTINGS};
use crate::encryption::{
    check_region, check_unknown_field, resolve, Choice, Encryption, Setting, SETTINGS,
};
use crate::error::{Error, Result};
use crate::s3::{field_names, parse_fields, Gateway, Object, Settings, SETTING_NAMES};
use crate::similar::did_you_mean;
use crate::value::Value;

/// What is ours in the configuration, beside the settings of the wire.
const OWN_SETTINGS: [&str; 2] = ["encryption", "stage"];

/// The fields of the input that hold the body, which comes beside it.
const BODIES: [&str; 2] = ["Body", "State"];

/// What the facade reads itself.
const FACADE_SETTINGS: [&str; 4] = ["credentials", "ca", "onProgress", "abortSignal"];

/// Every field of the PutObject input but `Body`.
pub fn input_names() -> impl Iterator<Item = &'static str> {
    let encryption = SETTINGS.iter().map(|row| row.input);
    ["Bucket", "Key", "ContentLength"]
        .into_iter()
        .chain(field_names())
        .chain(encryption)
}

/// Every setting of the configuration that uploads share, but `credentials` and `ca`.
pub fn config_names() -> impl Iterator<Item = &'static str> {
    SETTING_NAMES.iter().copied()
}

/// Every setting that may differ from one upload to the next.
pub fn option_names() -> impl Iterator<Item = &'static str> {
    OWN_SETTINGS
        .into_iter()
        .chain(TRANSFER_SETTINGS)
        .chain(["audit"])
}

/// An upload that is ready to run.
pub struct Plan {
    pub(super) object: Object,
    pub(super) body: Option<Body>,
    pub(super) content_length: Option<u64>,
    /// `None`: mirror the bucket.
    pub(super) choice: Option<Choice>,
    pub(super) stage: Option<String>,
    pub(super) transfer: Transfer,
    pub(super) trail: Option<Arc<Trail>>,
    pub(super) gateway: Arc<Gateway>,
    pub(super) control: Arc<Control>,
}

impl Plan {
    /// `params` is the PutObject input without its body, `options` what may differ between uploads
    /// of one configuration.
    pub fn parse(
        params: &Value,
        body: Body,
        is_json: bool,
        options: &Value,
        gateway: Arc<Gateway>,
    ) -> Result<Plan> {
        let settings = &gateway.settings;
        let bucket = required(params, "Bucket")?;
        check_bucket(&bucket, settings)?;
        let key = required(params, "Key")?;
        if key.len() > 1024 {
            return Err(Error::invalid(
                "Key",
                &format!("has {} bytes; S3 takes 1024", key.len()),
                "Shorten it",
            ));
        }
        check_input_names(params)?;
        check_option_names(options)?;
        let null = Value::Null;
        let stage = options.get("stage").unwrap_or(&null);
        let choice = resolve(params, options.get("encryption").unwrap_or(&null), stage)?;
        if let Some(choice) = &choice {
            check_customer_key_transport(choice, settings, &bucket)?;
            if let (Some(region), false) = (&settings.region, settings.follow_region_redirects) {
                check_region(choice, region, &settings.region_setting)?;
            }
        }
        let content_length = content_length(params)?;
        if let Some(length) = body.length() {
            check_length(content_length, length)?;
        }
        Ok(Plan {
            object: Object {
                bucket,
                key,
                fields: parse_fields(params, settings.expected_bucket_owner.as_deref())?,
                default_content_type: is_json.then_some("application/json"),
            },
            body: Some(body),
            content_length,
            choice,
            stage: match stage {
                Value::String(stage) => Some(stage.clone()),
                _ => None,
            },
            transfer: Transfer::parse(options)?,
            trail: (options.get("audit") == Some(&Value::Bool(true))).then(Arc::default),
            gateway,
            control: Arc::default(),
        })
    }

    /// Bytes of a part, as far as the length of the body is known before it is opened.
    pub fn part_size(&self) -> usize {
        let length = self.body.as_ref().and_then(Body::length);
        self.transfer.part_size(length.or(self.content_length))
    }

    pub fn control(&self) -> Arc<Control> {
        self.control.clone()
    }
}

fn check_bucket(bucket: &str, settings: &Settings) -> Result<()> {
    if settings.bucket_endpoint {
        let is_url = bucket.starts_with("https://") || bucket.starts_with("http://");
        return if is_url {
            Ok(())
        } else {
            Err(Error::invalid(
                "Bucket",
                "is not a URL, which bucketEndpoint makes it",
                "Give the URL of the bucket, or leave bucketEndpoint out",
            ))
        };
    }
    if bucket.starts_with("arn:") && bucket.ends_with(".mrap") {
        return Err(Error::invalid(
            "Bucket",
            "is a multi-Region access point, whose requests need Signature Version 4A, which is not supported",
            "Give a bucket, or an access point of one Region",
        ));
    }
    if bucket.contains('/') && !bucket.starts_with("arn:") {
        return Err(Error::argument(
            "InvalidBucketName",
            "Bucket",
            &format!("is {bucket:?}, and a bucket's name has no '/'"),
            "Put the prefix into Key",
        ));
    }
    Ok(())
}

fn required(params: &Value, name: &str) -> Result<String> {
    match params.get(name) {
        // The SDK takes blank ones for missing.
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(text.clone()),
        Some(Value::String(text)) => Err(Error::invalid(
            name,
            if text.is_empty() {
                "is empty"
            } else {
                "is blank"
            },
            &format!("Give the object's {}", name.to_lowercase()),
        )),
        Some(other) => Err(Error::wrong_type(name, other, "Give a string")),
        None => Err(Error::missing(
            name,
            &format!("No value provided for input HTTP label: {name}"),
        )),
    }
}

/// Of fields that PutObject does not have, as in the SDK, only those matter that were meant for ours.
fn check_input_names(params: &Value) -> Result<()> {
    let Value::Object(entries) = params else {
        return Ok(());
    };
    let known = |key: &str| input_names().chain(BODIES).any(|name| name == key);
    entries
        .iter()
        .filter(|(key, value)| *value != Value::Null && !known(key))
        .try_for_each(|(key, _)| check_unknown_field(key))
}

/// Other keys of `S3ClientConfig` are none of our business, but a misspelt `encryption` would
/// leave the state encrypted otherwise than meant.
fn check_option_names(options: &Value) -> Result<()> {
    let Value::Object(entries) = options else {
        return Ok(());
    };
    let known = |key: &str| {
        let names = option_names().chain(FACADE_SETTINGS);
        names.chain(config_names()).any(|name| name == key)
    };
    for (key, _) in entries
        .iter()
        .filter(|(key, value)| !known(key) && *value != Value::Null)
    {
        if Setting::from_spelling(key).is_some() {
            return Err(Error::invalid(
                key,
                "is an encryption setting, and stands beside encryption",
                &format!("Put it into encryption: {{ {key}: … }}"),
            ));
        }
        let suggestion = did_you_mean(key, OWN_SETTINGS);
        if !suggestion.is_empty() {
            return Err(Error::invalid(
                key,
                &format!("is not a setting{suggestion}"),
                "Correct its spelling",
            ));
        }
    }
    Ok(())
}

pub(super) fn check_customer_key_transport(
    choice: &Choice,
    settings: &Settings,
    bucket: &str,
) -> Result<()> {
    let server = settings.server(bucket).filter(|s| s.is_plain_http());
    let (Encryption::CustomerKey(_), Some(server)) = (&choice.encryption, server) else {
        return Ok(());
    };
    if server.is_loopback() && settings.allow_insecure_loopback {
        return Ok(());
    }
    let remedy = if server.is_loopback() {
        "Use an https endpoint, or set allowInsecureLoopback: true for a test server on this machine"
    } else {
        "Use an https endpoint"
    };
    let place = match settings.bucket_endpoint {
        true => "Bucket",
        false => "endpoint",
    };
    Err(Error::conflict(
        choice.key_setting.as_deref().unwrap_or("sseCustomerKey"),
        place,
        "SSE-C sends the key itself, and the endpoint is plain http",
        remedy,
    ))
}

fn content_length(params: &Value) -> Result<Option<u64>> {
    match params.get("ContentLength") {
        None => Ok(None),
        Some(Value::Number(n)) if n.fract() == 0.0 && *n >= 0.0 => Ok(Some(*n as u64)),
        Some(Value::Number(n)) => Err(Error::invalid(
            "ContentLength",
            &format!("is {n}"),
            "Give the body's bytes, or leave it out",
        )),
        Some(other) => Err(Error::wrong_type(
            "ContentLength",
            other,
            "Give the body's bytes, or leave it out",
        )),
    }
}

pub(super) fn check_length(expected: Option<u64>, found: u64) -> Result<()> {
    match expected {
        Some(expected) if expected != found => Err(Error::invalid(
            "ContentLength",
            &format!("is {expected} and the body has {found} bytes"),
            "Leave it out: it is computed",
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::Credentials;

    #[test]
    fn no_field_of_put_object_is_taken_for_a_misspelt_one() {
        let fields = input_names().chain(["Body", "State"]);
        let entries = fields.map(|name| (name.to_owned(), Value::Bool(true)));
        for entry in entries {
            let name = entry.0.clone();
            let ours = SETTINGS.iter().any(|row| row.input == name);
            assert!(ours || check_unknown_field(&name).is_ok(), "{name}");
            assert!(check_input_names(&Value::Object(vec![entry])).is_ok());
        }
    }

    /// Futures are moved: one that holds every rare branch costs each put its size several times.
    #[test]
    fn the_future_of_a_put_is_small() {
        let text = |k: &str, v: &str| (k.to_owned(), Value::String(v.to_owned()));
        let gateway = Gateway::parse(Value::Null, Value::Null).expect("a gateway");
        let params = Value::Object(vec![text("Bucket", "b"), text("Key", "k")]);
        let body = Body::Bytes(Default::default());
        let plan = Plan::parse(&params, body, false, &Value::Null, Arc::new(gateway));
        let future = plan.expect("a plan").store(Credentials::Chain);
        let size = std::mem::size_of_val(&future);
        assert!(size < 8192, "{size}");
    }
}

//! The door: everything that a caller gave, parsed and checked before any network call.

use std::sync::Arc;

use bytes::Bytes;

use crate::encryption::{check_region, resolve, Choice, Encryption, SETTINGS};
use crate::error::{Error, Origin, Result};
use crate::s3::{field_names, parse_fields, PutRequest, Settings, SETTING_NAMES};
use crate::similar::did_you_mean;
use crate::value::Value;

/// What is ours in the configuration, beside the settings of the wire.
const OWN_SETTINGS: [&str; 2] = ["encryption", "stage"];

/// Every field of the PutObject input but `Body`.
pub fn input_names() -> impl Iterator<Item = &'static str> {
    let encryption = SETTINGS.iter().map(|row| row.input);
    ["Bucket", "Key", "ContentLength"]
        .into_iter()
        .chain(field_names())
        .chain(encryption)
}

/// Every setting of the configuration but `credentials`.
pub fn config_names() -> impl Iterator<Item = &'static str> {
    OWN_SETTINGS
        .into_iter()
        .chain(SETTING_NAMES.iter().copied())
}

/// An upload that is ready to run.
pub struct Plan {
    pub(super) request: PutRequest,
    pub(super) body: Body,
    pub(super) content_length: Option<u64>,
    /// `None`: mirror the bucket.
    pub(super) choice: Option<Choice>,
    pub(super) stage: Option<String>,
    pub(super) settings: Settings,
    pub(super) roots: Option<Arc<str>>,
}

/// A body that was complete when the upload was called, or a file to read.
pub enum Body {
    Bytes(Bytes),
    Path(String),
    /// JavaScript is still reading it; it comes with [`Plan::run`].
    Later,
}

impl Body {
    pub(super) async fn read(&self) -> Result<Bytes> {
        match self {
            Body::Bytes(bytes) => Ok(bytes.clone()),
            Body::Later => Ok(Bytes::new()),
            Body::Path(path) => tokio::fs::read(path)
                .await
                .map(Bytes::from)
                .map_err(|cause| {
                    let code = match cause.kind() {
                        std::io::ErrorKind::NotFound => "ENOENT",
                        std::io::ErrorKind::IsADirectory => "EISDIR",
                        std::io::ErrorKind::PermissionDenied => "EACCES",
                        _ => "EIO",
                    };
                    let mut error = Error::new(
                        Origin::Argument,
                        crate::error::name::VALUE,
                        format!("Body.path cannot be read: {code}: {cause}: {path:?}"),
                    );
                    error.setting = Some("Body.path".into());
                    error.system_code = Some(code.into());
                    error.hint = Some("Give the path of a file that can be read".into());
                    error
                }),
        }
    }
}

impl Plan {
    /// `params` is the PutObject input without its body, `config` the client configuration,
    /// `environment` the process's variables, `roots` the certificates to trust for https.
    pub fn parse(
        params: &Value,
        body: Body,
        is_json: bool,
        config: &Value,
        environment: &Value,
        roots: Option<String>,
    ) -> Result<Plan> {
        let bucket = required(params, "Bucket")?;
        if bucket.contains('/') && !bucket.starts_with("arn:") {
            return Err(Error::invalid(
                "Bucket",
                &format!("is {bucket:?}, and a bucket's name has no '/'"),
                "Put the prefix into Key",
            ));
        }
        let key = required(params, "Key")?;
        if key.len() > 1024 {
            return Err(Error::invalid(
                "Key",
                &format!("has {} bytes; S3 takes 1024", key.len()),
                "Shorten it",
            ));
        }
        check_config_keys(config)?;
        let settings = Settings::parse(config, environment)?;
        let null = Value::Null;
        let stage = config.get("stage").unwrap_or(&null);
        let choice = resolve(params, config.get("encryption").unwrap_or(&null), stage)?;
        if let Some(choice) = &choice {
            check_customer_key_transport(choice, &settings)?;
            if let (Some(region), false) = (&settings.region, settings.follow_region_redirects) {
                check_region(choice, region, settings.region_setting)?;
            }
        }
        let content_length = content_length(params)?;
        if let (Some(_), Body::Bytes(bytes)) = (content_length, &body) {
            check_length(content_length, bytes.len())?;
        }
        Ok(Plan {
            request: PutRequest {
                bucket,
                key,
                fields: parse_fields(params)?,
                default_content_type: is_json.then_some("application/json"),
            },
            body,
            content_length,
            choice,
            stage: match stage {
                Value::String(stage) => Some(stage.clone()),
                _ => None,
            },
            settings,
            roots: roots.map(Arc::from),
        })
    }
}

fn required(params: &Value, name: &str) -> Result<String> {
    match params.get(name) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
        Some(Value::String(_)) => Err(Error::invalid(
            name,
            "is empty",
            &format!("Give the object's {}", name.to_lowercase()),
        )),
        Some(other) => Err(Error::wrong_type(name, other, "Give a string")),
        None => Err(Error::missing(
            name,
            &format!("No value provided for input HTTP label: {name}"),
        )),
    }
}

/// Other keys of `S3ClientConfig` are none of our business, but a misspelt `encryption` would
/// leave the state encrypted otherwise than meant.
fn check_config_keys(config: &Value) -> Result<()> {
    let Value::Object(entries) = config else {
        return Ok(());
    };
    for (key, _) in entries
        .iter()
        .filter(|(key, _)| !OWN_SETTINGS.contains(&key.as_str()))
    {
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

fn check_customer_key_transport(choice: &Choice, settings: &Settings) -> Result<()> {
    if !matches!(choice.encryption, Encryption::CustomerKey(_)) || !settings.is_plain_http() {
        return Ok(());
    }
    if settings.is_loopback() && settings.allow_insecure_loopback {
        return Ok(());
    }
    let remedy = if settings.is_loopback() {
        "Use an https endpoint, or set allowInsecureLoopback: true for a test server on this machine"
    } else {
        "Use an https endpoint"
    };
    Err(Error::conflict(
        "sseCustomerKey",
        "endpoint",
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

pub(super) fn check_length(expected: Option<u64>, found: usize) -> Result<()> {
    match expected {
        Some(expected) if expected != found as u64 => Err(Error::invalid(
            "ContentLength",
            &format!("is {expected} and the body has {found} bytes"),
            "Leave it out: it is computed",
        )),
        _ => Ok(()),
    }
}

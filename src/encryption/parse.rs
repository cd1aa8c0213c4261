//! From what a caller wrote to one [`Encryption`]: precedence, conflicts, combinations.

use super::settings::{unknown, Setting, SETTINGS};
use super::stages::{choose, is_of_stages, Chosen};
use super::{CustomerKey, Encryption, EncryptionContext, KmsKeyId};
use crate::error::{Error, Result};
use crate::similar::did_you_mean;
use crate::value::Value;

/// Where the setting in force came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// SSE fields of the PutObject input.
    Input,
    /// `encryption.stages`.
    Stage,
    /// `encryption`, or its `default`.
    Config,
    /// The bucket's default encryption, mirrored.
    Bucket,
    /// The bucket's default could not be read.
    Fallback,
}

impl Source {
    pub fn as_str(self) -> &'static str {
        match self {
            Source::Input => "input",
            Source::Stage => "stage",
            Source::Config => "config",
            Source::Bucket => "bucket",
            Source::Fallback => "fallback",
        }
    }
}

/// An encryption and where it was chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    pub encryption: Encryption,
    pub source: Source,
    /// How an error calls the place of the key, KMS's or the customer's.
    pub key_setting: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Aes256,
    Kms,
    Dsse,
    BucketDefault,
}

impl Algorithm {
    fn as_str(self) -> &'static str {
        match self {
            Algorithm::Aes256 => "AES256",
            Algorithm::Kms => "aws:kms",
            Algorithm::Dsse => "aws:kms:dsse",
            Algorithm::BucketDefault => "bucket-default",
        }
    }
}

const ALGORITHMS: [Algorithm; 4] = [
    Algorithm::Aes256,
    Algorithm::Kms,
    Algorithm::Dsse,
    Algorithm::BucketDefault,
];

/// A parsed setting together with the place where it was written.
struct Placed<T> {
    value: T,
    place: String,
}

#[derive(Default)]
struct Parsed {
    algorithm: Option<Placed<Algorithm>>,
    key: Option<Placed<KmsKeyId>>,
    context: Option<Placed<EncryptionContext>>,
    bucket_key: Option<Placed<bool>>,
    customer_algorithm: Option<Placed<()>>,
    customer_key: Option<Placed<CustomerKey>>,
    customer_md5: Option<Placed<String>>,
}

/// The encryption that the input's SSE fields, `encryption` and `stage` ask for together.
///
/// `None`: nothing is asked, mirror the bucket. `input` is the PutObject input (or [`Value::Null`]).
pub fn resolve(input: &Value, encryption: &Value, stage: &Value) -> Result<Option<Choice>> {
    let mut parsed = Parsed::default();
    let mut source = None;
    if let Value::Object(entries) = input {
        for (key, value) in entries.iter().filter(|(_, value)| *value != Value::Null) {
            if let Some(row) = SETTINGS.iter().find(|row| row.input == key) {
                parsed.add(row.setting, &format!("{key} in the input"), value)?;
                source = Some(Source::Input);
            }
        }
    }
    let chosen = choose(encryption, stage)?;
    if parsed.add_chosen(&chosen)? {
        source = source.or(Some(chosen.source));
    }
    let Some(source) = source else {
        return Ok(None);
    };
    let kms_key = parsed.key.as_ref().map(|key| &key.place);
    let customer_key = parsed.customer_key.as_ref().map(|key| &key.place);
    let key_setting = kms_key.or(customer_key).cloned();
    Ok(Some(Choice {
        encryption: parsed.combine()?,
        source,
        key_setting,
    }))
}

impl Parsed {
    /// Adds a stage's or the whole `encryption`; tells whether it set anything.
    fn add_chosen(&mut self, chosen: &Chosen<'_>) -> Result<bool> {
        let place = &chosen.place;
        match chosen.value {
            Value::Null => Ok(false),
            Value::String(_) => {
                self.add(Setting::Algorithm, place, chosen.value)?;
                Ok(true)
            }
            Value::Object(entries) => {
                let mut any = false;
                for (key, value) in entries {
                    let setting = match Setting::from_spelling(key) {
                        Some(setting) => setting,
                        None if *value == Value::Null && is_of_stages(key) => continue,
                        None => return Err(unknown(place, key)),
                    };
                    if *value != Value::Null {
                        self.add(setting, &format!("{place}.{key}"), value)?;
                        any = true;
                    }
                }
                Ok(any)
            }
            other => Err(Error::wrong_type(
                place,
                other,
                "Give 'AES256', 'aws:kms', 'aws:kms:dsse', 'bucket-default' or an object of settings",
            )),
        }
    }

    fn add(&mut self, setting: Setting, place: &str, value: &Value) -> Result<()> {
        match setting {
            Setting::Algorithm => set(&mut self.algorithm, place, algorithm(place, value)?),
            Setting::KmsKey => {
                let id = KmsKeyId::parse(
                    place,
                    text(place, value, "Give the key's ARN or id as a string")?,
                )?;
                set(&mut self.key, place, id)
            }
            Setting::Context => set(
                &mut self.context,
                place,
                EncryptionContext::parse(place, value)?,
            ),
            Setting::BucketKey => set(&mut self.bucket_key, place, boolean(place, value)?),
            Setting::CustomerAlgorithm => {
                if text(place, value, "Give 'AES256'")? != "AES256" {
                    return Err(Error::invalid(
                        place,
                        "must be 'AES256', the only algorithm of SSE-C",
                        "Write 'AES256' or leave it out",
                    ));
                }
                set(&mut self.customer_algorithm, place, ())
            }
            Setting::CustomerKey => set(
                &mut self.customer_key,
                place,
                CustomerKey::parse(place, value)?,
            ),
            Setting::CustomerKeyMd5 => {
                let md5 = text(place, value, "Leave it out: it is always computed")?;
                set(&mut self.customer_md5, place, md5.to_owned())
            }
        }
    }

    fn combine(self) -> Result<Encryption> {
        let customer = [
            self.customer_key.as_ref().map(|s| &s.place),
            self.customer_algorithm.as_ref().map(|s| &s.place),
            self.customer_md5.as_ref().map(|s| &s.place),
        ]
        .into_iter()
        .flatten()
        .next()
        .cloned();
        // `false` asks for nothing, so it contradicts nothing.
        let bucket_key_place = self
            .bucket_key
            .as_ref()
            .filter(|s| s.value)
            .map(|s| s.place.clone());
        let kms_only = [
            self.key.as_ref().map(|s| s.place.clone()),
            self.context.as_ref().map(|s| s.place.clone()),
            bucket_key_place.clone(),
        ]
        .into_iter()
        .flatten()
        .next();

        if let Some(customer) = customer {
            let other = self
                .algorithm
                .as_ref()
                .map(|s| s.place.clone())
                .or(kms_only);
            return match other {
                Some(other) => Err(Error::conflict(
                    &customer,
                    &other,
                    "SSE-C excludes every other encryption",
                    "Keep one of the two",
                )),
                None => self.customer(&customer),
            };
        }
        let Some(algorithm) = self.algorithm else {
            let lone = kms_only
                .or(self.bucket_key.map(|s| s.place))
                .unwrap_or_default();
            return Err(Error::conflict(
                &lone,
                "a missing serverSideEncryption",
                "it has an effect only with SSE-KMS, and no algorithm is set",
                "Set serverSideEncryption to 'aws:kms'",
            ));
        };
        if let (Algorithm::Aes256 | Algorithm::BucketDefault, Some(lone)) =
            (algorithm.value, &kms_only)
        {
            return Err(Error::conflict(
                lone,
                &algorithm.place,
                &format!(
                    "it has an effect only with SSE-KMS, and the algorithm is '{}'",
                    algorithm.value.as_str()
                ),
                "Set serverSideEncryption to 'aws:kms', or leave it out",
            ));
        }
        if let (Algorithm::Dsse, Some(place)) = (algorithm.value, &bucket_key_place) {
            return Err(Error::conflict(
                place,
                &algorithm.place,
                "S3 has no Bucket Keys for DSSE-KMS",
                "Leave the bucket key out",
            ));
        }
        let key = self.key.map(|s| s.value);
        let context = self.context.map(|s| s.value);
        Ok(match algorithm.value {
            Algorithm::Aes256 => Encryption::S3Managed,
            Algorithm::BucketDefault => Encryption::BucketDefault,
            Algorithm::Kms => Encryption::Kms {
                key,
                context,
                bucket_key: self.bucket_key.map(|s| s.value),
            },
            Algorithm::Dsse => Encryption::DualLayerKms { key, context },
        })
    }

    fn customer(self, place: &str) -> Result<Encryption> {
        let Some(key) = self.customer_key else {
            return Err(Error::argument(
                crate::error::name::MISSING,
                "sseCustomerKey",
                &format!("is required because {place} is set"),
                "Give the 32-byte key as base64, Buffer or Uint8Array",
            ));
        };
        if let Some(md5) = self.customer_md5 {
            if md5.value != key.value.md5_base64() {
                return Err(Error::conflict(
                    &md5.place,
                    &key.place,
                    "it is not the MD5 of that key",
                    "Leave the MD5 out: it is always computed",
                ));
            }
        }
        Ok(Encryption::CustomerKey(key.value))
    }
}

/// One setting may be written twice (input and configuration, or two spellings) if both agree.
fn set<T: PartialEq>(slot: &mut Option<Placed<T>>, place: &str, value: T) -> Result<()> {
    match slot {
        Some(there) if there.value != value => Err(Error::conflict(
            &there.place,
            place,
            "both set the same thing, to different values",
            "Keep one of the two",
        )),
        Some(_) => Ok(()),
        None => {
            *slot = Some(Placed {
                value,
                place: place.to_owned(),
            });
            Ok(())
        }
    }
}

fn text<'a>(place: &str, value: &'a Value, remedy: &str) -> Result<&'a str> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(Error::wrong_type(place, other, remedy)),
    }
}

/// YAML variables and environment variables give booleans as text.
fn boolean(place: &str, value: &Value) -> Result<bool> {
    match value {
        Value::Bool(flag) => Ok(*flag),
        Value::String(text) if text == "true" => Ok(true),
        Value::String(text) if text == "false" => Ok(false),
        Value::String(_) => Err(Error::invalid(
            place,
            "is neither true nor false",
            "Give true or false",
        )),
        other => Err(Error::wrong_type(place, other, "Give true or false")),
    }
}

fn algorithm(place: &str, value: &Value) -> Result<Algorithm> {
    const REMEDY: &str = "Give 'AES256', 'aws:kms', 'aws:kms:dsse' or 'bucket-default'";
    let text = text(place, value, REMEDY)?;
    if let Some(known) = ALGORITHMS.into_iter().find(|a| a.as_str() == text) {
        return Ok(known);
    }
    let problem = match text {
        "" => "is empty".to_owned(),
        "aws:fsx" | "aws:backup" => {
            format!("is '{text}', which S3 sets itself and takes in no request")
        }
        // Terms people use for the same things.
        "SSE-S3" | "sse-s3" => "is 'SSE-S3', which S3 calls AES256".to_owned(),
        "SSE-KMS" | "sse-kms" | "kms" => format!("is '{text}', which S3 calls aws:kms"),
        "DSSE-KMS" | "dsse" => format!("is '{text}', which S3 calls aws:kms:dsse"),
        _ => format!(
            "is not an encryption that S3 knows{}",
            did_you_mean(text, ALGORITHMS.map(Algorithm::as_str))
        ),
    };
    Err(Error::invalid(place, &problem, REMEDY))
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;

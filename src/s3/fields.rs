//! The fields of PutObject, each with the builder call that sends it.
//!
//! Bucket, Key, Body and the encryption fields are not here: they have types of their own.

use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder as Put;
use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};

use crate::error::{Error, Result};
use crate::value::Value;

/// How a field's value is read, and what takes it.
enum Kind {
    Text(fn(Put, &str) -> Put),
    Date(fn(Put, DateTime) -> Put),
    Integer(fn(Put, i32) -> Put),
    Long(fn(Put, i64) -> Put),
    /// Pairs of strings; numbers and booleans are written out, as in the SDK for JavaScript.
    Pairs(fn(Put, &str, &str) -> Put),
}

use Kind::{Date, Integer, Long, Pairs, Text};

// Enumerations are not checked: S3 knows more values than any list here, and says so itself.
const FIELDS: &[(&str, Kind)] = &[
    ("CacheControl", Text(|put, text| put.cache_control(text))),
    (
        "ContentDisposition",
        Text(|put, text| put.content_disposition(text)),
    ),
    (
        "ContentEncoding",
        Text(|put, text| put.content_encoding(text)),
    ),
    (
        "ContentLanguage",
        Text(|put, text| put.content_language(text)),
    ),
    ("ContentMD5", Text(|put, text| put.content_md5(text))),
    ("ContentType", Text(|put, text| put.content_type(text))),
    ("ChecksumCRC32", Text(|put, text| put.checksum_crc32(text))),
    (
        "ChecksumCRC32C",
        Text(|put, text| put.checksum_crc32_c(text)),
    ),
    (
        "ChecksumCRC64NVME",
        Text(|put, text| put.checksum_crc64_nvme(text)),
    ),
    ("ChecksumSHA1", Text(|put, text| put.checksum_sha1(text))),
    (
        "ChecksumSHA256",
        Text(|put, text| put.checksum_sha256(text)),
    ),
    (
        "ChecksumSHA512",
        Text(|put, text| put.checksum_sha512(text)),
    ),
    ("ChecksumMD5", Text(|put, text| put.checksum_md5(text))),
    (
        "ChecksumXXHASH64",
        Text(|put, text| put.checksum_xxhash64(text)),
    ),
    (
        "ChecksumXXHASH3",
        Text(|put, text| put.checksum_xxhash3(text)),
    ),
    (
        "ChecksumXXHASH128",
        Text(|put, text| put.checksum_xxhash128(text)),
    ),
    ("IfMatch", Text(|put, text| put.if_match(text))),
    ("IfNoneMatch", Text(|put, text| put.if_none_match(text))),
    (
        "GrantFullControl",
        Text(|put, text| put.grant_full_control(text)),
    ),
    ("GrantRead", Text(|put, text| put.grant_read(text))),
    ("GrantReadACP", Text(|put, text| put.grant_read_acp(text))),
    ("GrantWriteACP", Text(|put, text| put.grant_write_acp(text))),
    (
        "WebsiteRedirectLocation",
        Text(|put, text| put.website_redirect_location(text)),
    ),
    ("Tagging", Text(|put, text| put.tagging(text))),
    (
        "ExpectedBucketOwner",
        Text(|put, text| put.expected_bucket_owner(text)),
    ),
    ("ACL", Text(|put, text| put.acl(text.into()))),
    (
        "ChecksumAlgorithm",
        Text(|put, text| put.checksum_algorithm(text.into())),
    ),
    (
        "StorageClass",
        Text(|put, text| put.storage_class(text.into())),
    ),
    (
        "RequestPayer",
        Text(|put, text| put.request_payer(text.into())),
    ),
    (
        "ObjectLockMode",
        Text(|put, text| put.object_lock_mode(text.into())),
    ),
    (
        "ObjectLockLegalHoldStatus",
        Text(|put, text| put.object_lock_legal_hold_status(text.into())),
    ),
    (
        "ObjectLockEventHold",
        Text(|put, text| put.object_lock_event_hold(text.into())),
    ),
    ("Expires", Date(|put, date| put.expires(date))),
    (
        "ObjectLockRetainUntilDate",
        Date(|put, date| put.object_lock_retain_until_date(date)),
    ),
    (
        "ObjectLockEventHoldDurationDays",
        Integer(|put, days| put.object_lock_event_hold_duration_days(days)),
    ),
    (
        "ObjectLockEventHoldDurationYears",
        Integer(|put, years| put.object_lock_event_hold_duration_years(years)),
    ),
    (
        "WriteOffsetBytes",
        Long(|put, offset| put.write_offset_bytes(offset)),
    ),
    (
        "Metadata",
        Pairs(|put, name, value| put.metadata(name, value)),
    ),
];

enum Parsed {
    Text(fn(Put, &str) -> Put, String),
    Date(fn(Put, DateTime) -> Put, DateTime),
    Integer(fn(Put, i32) -> Put, i32),
    Long(fn(Put, i64) -> Put, i64),
    Pair(fn(Put, &str, &str) -> Put, String, String),
}

/// Fields that are ready to be sent. Never shown: metadata and tags are the user's own.
#[derive(Default)]
pub struct Fields {
    list: Vec<Parsed>,
    names: Vec<&'static str>,
}

impl Fields {
    pub fn has(&self, name: &str) -> bool {
        self.names.contains(&name)
    }

    pub(super) fn apply(&self, put: Put) -> Put {
        self.list.iter().fold(put, |put, field| match field {
            Parsed::Text(set, text) => set(put, text),
            Parsed::Date(set, date) => set(put, *date),
            Parsed::Integer(set, number) => set(put, *number),
            Parsed::Long(set, number) => set(put, *number),
            Parsed::Pair(set, name, value) => set(put, name, value),
        })
    }
}

/// The names of the fields in this table.
pub fn field_names() -> impl Iterator<Item = &'static str> {
    FIELDS.iter().map(|(name, _)| *name)
}

pub fn parse_fields(params: &Value) -> Result<Fields> {
    let mut fields = Fields::default();
    for (name, kind) in FIELDS {
        let Some(value) = params.get(name) else {
            continue;
        };
        fields.names.push(name);
        match kind {
            Text(set) => fields.list.push(Parsed::Text(*set, text(name, value)?)),
            Date(set) => fields.list.push(Parsed::Date(*set, date(name, value)?)),
            Integer(set) => {
                let number = whole(name, value, f64::from(i32::MAX))?;
                fields.list.push(Parsed::Integer(*set, number as i32));
            }
            Long(set) => {
                let number = whole(name, value, MAX_SAFE_INTEGER)?;
                fields.list.push(Parsed::Long(*set, number as i64));
            }
            Pairs(set) => {
                let Value::Object(entries) = value else {
                    return Err(Error::wrong_type(name, value, "Give an object of strings"));
                };
                for (key, value) in entries.iter().filter(|(_, value)| *value != Value::Null) {
                    let written = match value {
                        Value::String(text) => text.clone(),
                        Value::Number(number) => number.to_string(),
                        Value::Bool(flag) => flag.to_string(),
                        other => {
                            return Err(Error::wrong_type(
                                &format!("{name}.{key}"),
                                other,
                                "Give a string",
                            ))
                        }
                    };
                    if !written.is_ascii() || !key.is_ascii() {
                        return Err(Error::invalid(
                            &format!("{name}.{key}"),
                            "holds characters outside ASCII, which header values cannot",
                            "Encode it, with encodeURIComponent for example",
                        ));
                    }
                    fields
                        .list
                        .push(Parsed::Pair(*set, key.to_ascii_lowercase(), written));
                }
            }
        }
    }
    Ok(fields)
}

fn text(name: &str, value: &Value) -> Result<String> {
    match value {
        Value::String(text) if text.chars().any(|c| c.is_ascii_control() && c != '\t') => {
            Err(Error::invalid(
                name,
                "holds control characters, which a header cannot",
                "Remove them",
            ))
        }
        Value::String(text) => Ok(text.clone()),
        other => Err(Error::wrong_type(name, other, "Give a string")),
    }
}

fn date(name: &str, value: &Value) -> Result<DateTime> {
    let parsed = match value {
        Value::Date(ms) if ms.is_finite() => Some(DateTime::from_secs_f64(ms / 1000.0)),
        Value::String(text) => [DateTimeFormat::DateTimeWithOffset, DateTimeFormat::HttpDate]
            .into_iter()
            .find_map(|format| DateTime::from_str(text, format).ok()),
        Value::Date(_) => None,
        other => return Err(Error::wrong_type(name, other, "Give a Date")),
    };
    parsed.ok_or_else(|| {
        Error::invalid(
            name,
            "is not a valid date",
            "Give a Date, or a date in ISO 8601",
        )
    })
}

/// The greatest number up to which JavaScript has every whole one.
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

fn whole(name: &str, value: &Value, max: f64) -> Result<f64> {
    match value {
        Value::Number(n) if n.fract() == 0.0 && (0.0..=max).contains(n) => Ok(*n),
        Value::Number(n) => Err(Error::invalid(
            name,
            &format!("is {n}"),
            &format!("Give a whole number from 0 to {max}"),
        )),
        other => Err(Error::wrong_type(name, other, "Give a whole number")),
    }
}

//! The fields of PutObject, each with the calls that send it, in one put or in a multipart upload.
//!
//! Bucket, Key, Body and the encryption fields are not here: they have types of their own.

use aws_sdk_s3::operation::abort_multipart_upload::builders::AbortMultipartUploadFluentBuilder as Abort;
use aws_sdk_s3::operation::complete_multipart_upload::builders::CompleteMultipartUploadFluentBuilder as Complete;
use aws_sdk_s3::operation::create_multipart_upload::builders::CreateMultipartUploadFluentBuilder as Create;
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder as Put;
use aws_sdk_s3::operation::upload_part::builders::UploadPartFluentBuilder as Part;
use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};

use crate::error::{Error, Result};
use crate::value::Value;

/// The operations that take a text field.
#[derive(Clone, Copy)]
struct Calls {
    put: fn(Put, &str) -> Put,
    create: Option<fn(Create, &str) -> Create>,
    part: Option<fn(Part, &str) -> Part>,
    complete: Option<fn(Complete, &str) -> Complete>,
    abort: Option<fn(Abort, &str) -> Abort>,
}

/// How a field's value is read, and what takes it.
enum Kind {
    Text(Calls),
    Date(fn(Put, DateTime) -> Put, fn(Create, DateTime) -> Create),
    Integer(fn(Put, i32) -> Put, fn(Create, i32) -> Create),
    /// Of one put only.
    Long(fn(Put, i64) -> Put),
    /// Pairs of strings; numbers and booleans are written out, as in the SDK for JavaScript.
    Pairs(fn(Put, &str, &str) -> Put, fn(Create, &str, &str) -> Create),
}

use Kind::{Date, Integer, Long, Pairs, Text};

macro_rules! text {
    (put $put:expr) => {
        text!(@ $put, None, None, None, None)
    };
    (put, create $call:expr, $create:expr) => {
        text!(@ $call, Some($create), None, None, None)
    };
    (put, complete $put:expr, $complete:expr) => {
        text!(@ $put, None, None, Some($complete), None)
    };
    (@ $put:expr, $create:expr, $part:expr, $complete:expr, $abort:expr) => {
        Text(Calls { put: $put, create: $create, part: $part, complete: $complete, abort: $abort })
    };
}

/// A field of the same name in PutObject alone: it speaks of the whole object, which no part knows.
macro_rules! whole {
    ($method:ident) => {
        text!(put | b, v | b.$method(v))
    };
}

/// A field that goes to PutObject and CreateMultipartUpload.
macro_rules! kept {
    ($method:ident) => {
        text!(put, create | b, v | b.$method(v), |b, v| b.$method(v))
    };
}

/// The same, of an enumeration. None is checked: S3 knows more values than any list here.
macro_rules! named {
    ($method:ident) => {
        text!(put, create | b, v | b.$method(v.into()), |b, v| b
            .$method(v.into()))
    };
}

const FIELDS: &[(&str, Kind)] = &[
    ("CacheControl", kept!(cache_control)),
    ("ContentDisposition", kept!(content_disposition)),
    ("ContentEncoding", kept!(content_encoding)),
    ("ContentLanguage", kept!(content_language)),
    ("ContentType", kept!(content_type)),
    ("GrantFullControl", kept!(grant_full_control)),
    ("GrantRead", kept!(grant_read)),
    ("GrantReadACP", kept!(grant_read_acp)),
    ("GrantWriteACP", kept!(grant_write_acp)),
    ("WebsiteRedirectLocation", kept!(website_redirect_location)),
    ("Tagging", kept!(tagging)),
    ("ACL", named!(acl)),
    ("StorageClass", named!(storage_class)),
    ("ObjectLockMode", named!(object_lock_mode)),
    (
        "ObjectLockLegalHoldStatus",
        named!(object_lock_legal_hold_status),
    ),
    ("ObjectLockEventHold", named!(object_lock_event_hold)),
    ("ContentMD5", whole!(content_md5)),
    ("ChecksumCRC32", whole!(checksum_crc32)),
    ("ChecksumCRC32C", whole!(checksum_crc32_c)),
    ("ChecksumCRC64NVME", whole!(checksum_crc64_nvme)),
    ("ChecksumSHA1", whole!(checksum_sha1)),
    ("ChecksumSHA256", whole!(checksum_sha256)),
    ("ChecksumSHA512", whole!(checksum_sha512)),
    ("ChecksumMD5", whole!(checksum_md5)),
    ("ChecksumXXHASH64", whole!(checksum_xxhash64)),
    ("ChecksumXXHASH3", whole!(checksum_xxhash3)),
    ("ChecksumXXHASH128", whole!(checksum_xxhash128)),
    (
        "ChecksumAlgorithm",
        text!(put | b, v | b.checksum_algorithm(v.into())),
    ),
    (
        "IfMatch",
        text!(put, complete | b, v | b.if_match(v), |b, v| b.if_match(v)),
    ),
    (
        "IfNoneMatch",
        text!(put, complete | b, v | b.if_none_match(v), |b, v| b
            .if_none_match(v)),
    ),
    (
        "ExpectedBucketOwner",
        text!(@ |b, v| b.expected_bucket_owner(v), Some(|b, v| b.expected_bucket_owner(v)),
            Some(|b, v| b.expected_bucket_owner(v)), Some(|b, v| b.expected_bucket_owner(v)),
            Some(|b, v| b.expected_bucket_owner(v))),
    ),
    (
        "RequestPayer",
        text!(@ |b, v| b.request_payer(v.into()), Some(|b, v| b.request_payer(v.into())),
            Some(|b, v| b.request_payer(v.into())), Some(|b, v| b.request_payer(v.into())),
            Some(|b, v| b.request_payer(v.into()))),
    ),
    (
        "Expires",
        Date(|b, date| b.expires(date), |b, date| b.expires(date)),
    ),
    (
        "ObjectLockRetainUntilDate",
        Date(
            |b, date| b.object_lock_retain_until_date(date),
            |b, date| b.object_lock_retain_until_date(date),
        ),
    ),
    (
        "ObjectLockEventHoldDurationDays",
        Integer(
            |b, days| b.object_lock_event_hold_duration_days(days),
            |b, days| b.object_lock_event_hold_duration_days(days),
        ),
    ),
    (
        "ObjectLockEventHoldDurationYears",
        Integer(
            |b, years| b.object_lock_event_hold_duration_years(years),
            |b, years| b.object_lock_event_hold_duration_years(years),
        ),
    ),
    (
        "WriteOffsetBytes",
        Long(|b, offset| b.write_offset_bytes(offset)),
    ),
    (
        "Metadata",
        Pairs(
            |b, name, value| b.metadata(name, value),
            |b, name, value| b.metadata(name, value),
        ),
    ),
];

enum Parsed {
    Text(Calls, String),
    Date(
        fn(Put, DateTime) -> Put,
        fn(Create, DateTime) -> Create,
        DateTime,
    ),
    Integer(fn(Put, i32) -> Put, fn(Create, i32) -> Create, i32),
    Long(fn(Put, i64) -> Put, i64),
    Pair(
        fn(Put, &str, &str) -> Put,
        fn(Create, &str, &str) -> Create,
        String,
        String,
    ),
}

/// Fields that are ready to be sent. Never shown: metadata and tags are the user's own.
#[derive(Default)]
pub struct Fields {
    list: Vec<(&'static str, Parsed)>,
}

impl Fields {
    pub fn has(&self, name: &str) -> bool {
        self.list.iter().any(|(own, _)| *own == name)
    }

    /// The value of a text field.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.list.iter().find_map(|(own, field)| match field {
            Parsed::Text(_, text) if *own == name => Some(text.as_str()),
            _ => None,
        })
    }

    /// The first field that speaks of the object as a whole, and so forbids a multipart upload.
    pub fn of_the_whole(&self) -> Option<&'static str> {
        self.list
            .iter()
            .find(|(name, field)| match field {
                Parsed::Text(calls, _) => {
                    *name != "ChecksumAlgorithm"
                        && calls.create.is_none()
                        && calls.complete.is_none()
                }
                Parsed::Long(..) => true,
                _ => false,
            })
            .map(|(name, _)| *name)
    }

    pub(super) fn put(&self, put: Put) -> Put {
        self.list.iter().fold(put, |b, (_, field)| match field {
            Parsed::Text(calls, text) => (calls.put)(b, text),
            Parsed::Date(set, _, date) => set(b, *date),
            Parsed::Integer(set, _, number) => set(b, *number),
            Parsed::Long(set, number) => set(b, *number),
            Parsed::Pair(set, _, name, value) => set(b, name, value),
        })
    }

    pub(super) fn create(&self, create: Create) -> Create {
        self.list.iter().fold(create, |b, (_, field)| match field {
            Parsed::Text(calls, text) => apply(calls.create, b, text),
            Parsed::Date(_, set, date) => set(b, *date),
            Parsed::Integer(_, set, number) => set(b, *number),
            Parsed::Long(..) => b,
            Parsed::Pair(_, set, name, value) => set(b, name, value),
        })
    }

    pub(super) fn part(&self, part: Part) -> Part {
        self.texts()
            .fold(part, |b, (calls, text)| apply(calls.part, b, text))
    }

    pub(super) fn complete(&self, complete: Complete) -> Complete {
        self.texts()
            .fold(complete, |b, (calls, text)| apply(calls.complete, b, text))
    }

    pub(super) fn abort(&self, abort: Abort) -> Abort {
        self.texts()
            .fold(abort, |b, (calls, text)| apply(calls.abort, b, text))
    }

    fn texts(&self) -> impl Iterator<Item = (&Calls, &str)> {
        self.list.iter().filter_map(|(_, field)| match field {
            Parsed::Text(calls, text) => Some((calls, text.as_str())),
            _ => None,
        })
    }
}

fn apply<B>(call: Option<fn(B, &str) -> B>, builder: B, text: &str) -> B {
    match call {
        Some(call) => call(builder, text),
        None => builder,
    }
}

/// The names of the fields in this table.
pub fn field_names() -> impl Iterator<Item = &'static str> {
    FIELDS.iter().map(|(name, _)| *name)
}

/// `owner` is the default of `ExpectedBucketOwner`.
pub fn parse_fields(params: &Value, owner: Option<&str>) -> Result<Fields> {
    let mut fields = Fields::default();
    let list = &mut fields.list;
    let default_owner = owner.map(|owner| Value::String(owner.to_owned()));
    for (name, kind) in FIELDS {
        let given = match *name {
            "ExpectedBucketOwner" => params.get(name).or(default_owner.as_ref()),
            _ => params.get(name),
        };
        let Some(value) = given else { continue };
        match kind {
            Text(calls) => list.push((name, Parsed::Text(*calls, text(name, value)?))),
            Date(put, create) => list.push((name, Parsed::Date(*put, *create, date(name, value)?))),
            Integer(put, create) => {
                let number = whole(name, value, f64::from(i32::MAX))?;
                list.push((name, Parsed::Integer(*put, *create, number as i32)));
            }
            Long(put) => {
                let number = whole(name, value, MAX_SAFE_INTEGER)?;
                list.push((name, Parsed::Long(*put, number as i64)));
            }
            Pairs(put, create) => {
                for (key, value) in pairs(name, value)? {
                    list.push((name, Parsed::Pair(*put, *create, key, value)));
                }
            }
        }
    }
    Ok(fields)
}

fn pairs(name: &str, value: &Value) -> Result<Vec<(String, String)>> {
    let Value::Object(entries) = value else {
        return Err(Error::wrong_type(name, value, "Give an object of strings"));
    };
    let mut list = Vec::new();
    for (key, value) in entries.iter().filter(|(_, value)| *value != Value::Null) {
        let place = format!("{name}.{key}");
        let written = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            other => return Err(Error::wrong_type(&place, other, "Give a string")),
        };
        if !written.is_ascii() || !key.is_ascii() {
            return Err(Error::invalid(
                &place,
                "holds characters outside ASCII, which header values cannot",
                "Encode it, with encodeURIComponent for example",
            ));
        }
        list.push((key.to_ascii_lowercase(), written));
    }
    Ok(list)
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

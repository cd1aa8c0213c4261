//! The fields of PutObject, each with its header in a put and the calls that send it in a multipart
//! upload.
//!
//! Bucket, Key, Body and the encryption fields are not here: they have types of their own.

use std::borrow::Cow;

use aws_sdk_s3::operation::abort_multipart_upload::builders::AbortMultipartUploadFluentBuilder as Abort;
use aws_sdk_s3::operation::complete_multipart_upload::builders::CompleteMultipartUploadFluentBuilder as Complete;
use aws_sdk_s3::operation::create_multipart_upload::builders::CreateMultipartUploadFluentBuilder as Create;
use aws_sdk_s3::operation::upload_part::builders::UploadPartFluentBuilder as Part;
use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};
use aws_sdk_s3::types::RequestPayer;

use super::checksum::{self, ALGORITHMS};
use crate::error::{Error, Result};
use crate::value::Value;

/// The operations of a multipart upload that take a text field, too.
#[derive(Clone, Copy)]
struct Calls {
    create: Option<fn(Create, &str) -> Create>,
    part: Option<fn(Part, &str) -> Part>,
    complete: Option<fn(Complete, &str) -> Complete>,
    abort: Option<fn(Abort, &str) -> Abort>,
}

/// How a field's value is read, and what takes it in a multipart upload.
#[derive(Clone, Copy)]
enum Kind {
    Text(Calls),
    Date(DateTimeFormat, fn(Create, DateTime) -> Create),
    Integer(fn(Create, i32) -> Create),
    /// Of one put only.
    Long,
    /// Pairs of strings; numbers and booleans are written out, as in the SDK for JavaScript.
    Pairs(fn(Create, &str, &str) -> Create),
}

use Kind::{Date, Integer, Long, Pairs, Text};

/// A field of PutObject alone: it speaks of the whole object, which no part knows.
const WHOLE: Kind = Text(NOWHERE);

/// A field that goes to CreateMultipartUpload, too.
macro_rules! kept {
    ($method:ident) => {
        Text(Calls {
            create: Some(|b, v| b.$method(v)),
            ..NOWHERE
        })
    };
}

/// The same, of an enumeration.
macro_rules! named {
    ($method:ident) => {
        Text(Calls {
            create: Some(|b, v| b.$method(v.into())),
            ..NOWHERE
        })
    };
}

/// A field that goes to CompleteMultipartUpload, too.
macro_rules! at_the_end {
    ($method:ident) => {
        Text(Calls {
            complete: Some(|b, v| b.$method(v)),
            ..NOWHERE
        })
    };
}

/// A field of every request.
macro_rules! everywhere {
    ($method:ident, $from:path) => {
        Text(Calls {
            create: Some(|b, v| b.$method($from(v))),
            part: Some(|b, v| b.$method($from(v))),
            complete: Some(|b, v| b.$method($from(v))),
            abort: Some(|b, v| b.$method($from(v))),
        })
    };
}

const NOWHERE: Calls = Calls {
    create: None,
    part: None,
    complete: None,
    abort: None,
};

/// Field, header of PutObject, and kind. No enumeration is checked: S3 knows more values than any
/// list here.
const FIELDS: &[(&str, &str, Kind)] = &[
    ("CacheControl", "cache-control", kept!(cache_control)),
    (
        "ContentDisposition",
        "content-disposition",
        kept!(content_disposition),
    ),
    (
        "ContentEncoding",
        "content-encoding",
        kept!(content_encoding),
    ),
    (
        "ContentLanguage",
        "content-language",
        kept!(content_language),
    ),
    ("ContentType", "content-type", kept!(content_type)),
    (
        "GrantFullControl",
        "x-amz-grant-full-control",
        kept!(grant_full_control),
    ),
    ("GrantRead", "x-amz-grant-read", kept!(grant_read)),
    (
        "GrantReadACP",
        "x-amz-grant-read-acp",
        kept!(grant_read_acp),
    ),
    (
        "GrantWriteACP",
        "x-amz-grant-write-acp",
        kept!(grant_write_acp),
    ),
    (
        "WebsiteRedirectLocation",
        "x-amz-website-redirect-location",
        kept!(website_redirect_location),
    ),
    ("Tagging", "x-amz-tagging", kept!(tagging)),
    ("ACL", "x-amz-acl", named!(acl)),
    ("StorageClass", "x-amz-storage-class", named!(storage_class)),
    (
        "ObjectLockMode",
        "x-amz-object-lock-mode",
        named!(object_lock_mode),
    ),
    (
        "ObjectLockLegalHoldStatus",
        "x-amz-object-lock-legal-hold",
        named!(object_lock_legal_hold_status),
    ),
    (
        "ObjectLockEventHold",
        "x-amz-object-lock-event-hold",
        named!(object_lock_event_hold),
    ),
    ("ContentMD5", "content-md5", WHOLE),
    ("ChecksumCRC32", "x-amz-checksum-crc32", WHOLE),
    ("ChecksumCRC32C", "x-amz-checksum-crc32c", WHOLE),
    ("ChecksumCRC64NVME", "x-amz-checksum-crc64nvme", WHOLE),
    ("ChecksumSHA1", "x-amz-checksum-sha1", WHOLE),
    ("ChecksumSHA256", "x-amz-checksum-sha256", WHOLE),
    ("ChecksumSHA512", "x-amz-checksum-sha512", WHOLE),
    ("ChecksumMD5", "x-amz-checksum-md5", WHOLE),
    ("ChecksumXXHASH64", "x-amz-checksum-xxhash64", WHOLE),
    ("ChecksumXXHASH3", "x-amz-checksum-xxhash3", WHOLE),
    ("ChecksumXXHASH128", "x-amz-checksum-xxhash128", WHOLE),
    ("ChecksumAlgorithm", "x-amz-sdk-checksum-algorithm", WHOLE),
    ("IfMatch", "if-match", at_the_end!(if_match)),
    ("IfNoneMatch", "if-none-match", at_the_end!(if_none_match)),
    (
        "ExpectedBucketOwner",
        "x-amz-expected-bucket-owner",
        everywhere!(expected_bucket_owner, String::from),
    ),
    (
        "RequestPayer",
        "x-amz-request-payer",
        everywhere!(request_payer, RequestPayer::from),
    ),
    (
        "Expires",
        "expires",
        Date(DateTimeFormat::HttpDate, |b, date| b.expires(date)),
    ),
    (
        "ObjectLockRetainUntilDate",
        "x-amz-object-lock-retain-until-date",
        Date(DateTimeFormat::DateTime, |b, date| {
            b.object_lock_retain_until_date(date)
        }),
    ),
    (
        "ObjectLockEventHoldDurationDays",
        "x-amz-object-lock-event-hold-duration-days",
        Integer(|b, days| b.object_lock_event_hold_duration_days(days)),
    ),
    (
        "ObjectLockEventHoldDurationYears",
        "x-amz-object-lock-event-hold-duration-years",
        Integer(|b, years| b.object_lock_event_hold_duration_years(years)),
    ),
    ("WriteOffsetBytes", "x-amz-write-offset-bytes", Long),
    // Each pair is a header of its own.
    (
        "Metadata",
        "x-amz-meta-",
        Pairs(|b, name, value| b.metadata(name, value)),
    ),
];

/// A field that was given: its name, its headers in a put, and what takes it in a multipart upload.
struct Given {
    name: &'static str,
    headers: Headers,
    value: Parsed,
}

enum Parsed {
    Text(Calls, String),
    Date(fn(Create, DateTime) -> Create, DateTime),
    Integer(fn(Create, i32) -> Create, i32),
    Long,
    Pairs(fn(Create, &str, &str) -> Create, Vec<(String, String)>),
}

/// Fields that are ready to be sent. Never shown: metadata and tags are the user's own.
#[derive(Default)]
pub struct Fields {
    list: Vec<Given>,
}

impl Fields {
    pub fn has(&self, name: &str) -> bool {
        self.list.iter().any(|field| field.name == name)
    }

    /// The value of a text field.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.list.iter().find_map(|field| match &field.value {
            Parsed::Text(_, text) if field.name == name => Some(text.as_str()),
            _ => None,
        })
    }

    /// The first field that speaks of the object as a whole, and so forbids a multipart upload.
    pub fn of_the_whole(&self) -> Option<&'static str> {
        self.list
            .iter()
            .find(|field| match &field.value {
                Parsed::Text(calls, _) => {
                    field.name != "ChecksumAlgorithm"
                        && calls.create.is_none()
                        && calls.complete.is_none()
                }
                Parsed::Long => true,
                _ => false,
            })
            .map(|field| field.name)
    }

    /// Whether the caller gave a checksum of the body himself.
    pub(super) fn have_checksum(&self) -> bool {
        self.list
            .iter()
            .any(|field| field.name.starts_with("Checksum") && field.name != "ChecksumAlgorithm")
    }

    /// As headers of PutObject.
    pub fn put_headers(&self) -> impl Iterator<Item = &(Cow<'static, str>, String)> {
        self.list.iter().flat_map(|field| &field.headers)
    }

    pub(super) fn create(&self, create: Create) -> Create {
        self.list
            .iter()
            .fold(create, |b, field| match &field.value {
                Parsed::Text(calls, text) => apply(calls.create, b, text),
                Parsed::Date(set, date) => set(b, *date),
                Parsed::Integer(set, number) => set(b, *number),
                Parsed::Long => b,
                Parsed::Pairs(set, pairs) => {
                    pairs.iter().fold(b, |b, (name, value)| set(b, name, value))
                }
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
        self.list.iter().filter_map(|field| match &field.value {
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
    FIELDS.iter().map(|(name, ..)| *name)
}

/// `owner` is the default of `ExpectedBucketOwner`.
pub fn parse_fields(params: &Value, owner: Option<&str>) -> Result<Fields> {
    let mut fields = Fields::default();
    let default_owner = owner.map(|owner| Value::String(owner.to_owned()));
    for (name, header, kind) in FIELDS {
        let given = match *name {
            "ExpectedBucketOwner" => params.get(name).or(default_owner.as_ref()),
            _ => params.get(name),
        };
        // As in the SDK for JavaScript, the default takes the place of an empty one.
        let is_empty = |given: &&Value| matches!(given, Value::String(text) if text.is_empty());
        let given = given.filter(|given| *name != "ContentType" || !is_empty(given));
        if let Some(given) = given {
            let (headers, value) = parse_field(name, header, *kind, given)?;
            fields.list.push(Given {
                name,
                headers,
                value,
            });
        }
    }
    match fields.text("ChecksumAlgorithm") {
        Some(name) if !ALGORITHMS.contains(&name) && !fields.have_checksum() => {
            Err(checksum::unknown(name))
        }
        _ => Ok(fields),
    }
}

type Headers = Vec<(Cow<'static, str>, String)>;

fn parse_field(
    name: &str,
    header: &'static str,
    kind: Kind,
    given: &Value,
) -> Result<(Headers, Parsed)> {
    let one = |value: String| vec![(Cow::Borrowed(header), value)];
    Ok(match kind {
        Text(calls) => {
            let text = text(name, given)?;
            (one(text.clone()), Parsed::Text(calls, text))
        }
        Date(format, create) => {
            let date = date(name, given)?;
            let text = date
                .fmt(format)
                .map_err(|_| Error::invalid(name, "is out of range", "Give a date from 1970 on"))?;
            (one(text), Parsed::Date(create, date))
        }
        Integer(create) => {
            let number = whole(name, given, f64::from(i32::MAX))?;
            let value = Parsed::Integer(create, number as i32);
            (one(number.to_string()), value)
        }
        Long => {
            let number = whole(name, given, MAX_SAFE_INTEGER)?;
            (one(number.to_string()), Parsed::Long)
        }
        Pairs(create) => {
            let pairs = pairs(name, given)?;
            let headers = pairs
                .iter()
                .map(|(name, value)| (Cow::Owned(format!("{header}{name}")), value.clone()))
                .collect();
            (headers, Parsed::Pairs(create, pairs))
        }
    })
}

fn pairs(name: &str, value: &Value) -> Result<Vec<(String, String)>> {
    let Value::Object(entries) = value else {
        return Err(Error::wrong_type(name, value, "Give an object of strings"));
    };
    let mut list: Vec<(String, String)> = Vec::new();
    for (key, value) in entries.iter().filter(|(_, value)| *value != Value::Null) {
        let place = format!("{name}.{key}");
        let written = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            other => return Err(Error::wrong_type(&place, other, "Give a string")),
        };
        check_header_value(&place, &written)?;
        if http::HeaderName::from_bytes(key.as_bytes()).is_err() {
            return Err(Error::invalid(
                &place,
                "is no name for a header",
                "Use letters, digits and !#$%&'*+-.^_`|~",
            ));
        }
        // Of names that differ in case alone the last one counts, as in a request of the SDK.
        let header = key.to_ascii_lowercase();
        list.retain(|(known, _)| *known != header);
        list.push((header, written));
    }
    Ok(list)
}

fn text(name: &str, value: &Value) -> Result<String> {
    match value {
        Value::String(text) => {
            check_header_value(name, text)?;
            Ok(text.clone())
        }
        other => Err(Error::wrong_type(name, other, "Give a string")),
    }
}

fn check_header_value(place: &str, value: &str) -> Result<()> {
    let (problem, remedy) = if !value.is_ascii() {
        (
            "holds characters outside ASCII, which a header cannot",
            "Encode it, with encodeURIComponent for example",
        )
    } else if value.bytes().any(|b| b.is_ascii_control() && b != b'\t') {
        (
            "holds control characters, which a header cannot",
            "Remove them",
        )
    } else {
        return Ok(());
    };
    Err(Error::invalid(place, problem, remedy))
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

//! The request that a caller describes, as the policy room takes it: where the encryption room's
//! headers meet the policy room's request.

use crate::encryption::{self, headers, resolve, Encryption, EncryptionContext, Header};
use crate::error::{Error, Result};
use crate::policy::{bucket_and_key, ContextValue, Operation, Request, Target};
use crate::similar::did_you_mean;
use crate::value::Value;

/// What a request may say.
pub(super) const NAMES: [&str; 9] = [
    "operation",
    "action",
    "bucket",
    "key",
    "resource",
    "headers",
    "encryption",
    "stage",
    "context",
];

const ENCRYPTION_HEADERS: &str = "x-amz-server-side-encryption";
const CONTEXT_HEADER: &str = "x-amz-server-side-encryption-context";

/// Reads a request and what is known of its context. `further` are the names that the caller reads.
pub(super) fn parse(request: &Value, context: &Value, further: &[&str]) -> Result<Request> {
    check_names(request, further)?;
    let operation = operation(request)?;
    let mut parsed = target(request, operation)?;
    let given = given_headers(request.get("headers"))?;
    let null = Value::Null;
    let setting = request.get("encryption").unwrap_or(&null);
    if *setting != Value::Null {
        let stage = request.get("stage").unwrap_or(&null);
        let choice = super::keyless(resolve(&null, setting, stage))?;
        let asked = choice.map_or(Encryption::BucketDefault, |choice| choice.encryption);
        let own = sent(&asked, &parsed.operation.name);
        let create = sent(&asked, "CreateMultipartUpload");
        // A part may be given with the headers of the upload that it belongs to.
        let comparable = match parsed.operation.follows_create() {
            true => &create,
            false => &own,
        };
        check_agreement(&given, comparable)?;
        if parsed.operation.follows_create() {
            parsed.create_headers = Some(together(&given, &create));
        }
        parsed.headers = together(&given, &own);
    } else {
        parsed.headers = given;
    }
    for source in [request.get("context"), Some(context)] {
        add_context(&mut parsed, source.unwrap_or(&null))?;
    }
    Ok(parsed)
}

fn check_names(request: &Value, further: &[&str]) -> Result<()> {
    let Value::Object(entries) = request else {
        let remedy = "Give { bucket, key, … }";
        return Err(Error::wrong_type("request", request, remedy));
    };
    let mut set = entries.iter().filter(|(_, value)| *value != Value::Null);
    let names: Vec<&str> = NAMES.iter().chain(further).copied().collect();
    match set.find(|(key, _)| !names.contains(&key.as_str())) {
        None => Ok(()),
        Some((key, _)) => Err(Error::invalid(
            &format!("request.{key}"),
            &format!(
                "is not part of a request{}",
                did_you_mean(key, names.clone())
            ),
            &format!("A request has {}", names.join(", ")),
        )),
    }
}

fn text<'a>(request: &'a Value, name: &str) -> Result<Option<&'a str>> {
    match request.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
        Some(Value::String(_)) => Err(Error::invalid(
            &format!("request.{name}"),
            "is empty",
            "Give it, or leave it out",
        )),
        Some(other) => Err(Error::wrong_type(
            &format!("request.{name}"),
            other,
            "Give a string",
        )),
    }
}

/// `operation`, or the IAM action where somebody thinks in these; both must agree.
fn operation(request: &Value) -> Result<Operation> {
    let parse = |place: &str, name: &str| {
        Operation::parse(name).map_err(|unknown| {
            let remedy = "Give an operation of S3, such as PutObject, or an IAM action, such as s3:PutObject";
            Error::invalid(place, &format!("is wrong: {unknown}"), remedy)
        })
    };
    match (text(request, "operation")?, text(request, "action")?) {
        (None, None) => Ok(Operation::put_object()),
        (Some(operation), None) => parse("request.operation", operation),
        (None, Some(action)) => parse("request.action", action),
        (Some(name), Some(action)) => {
            let operation = parse("request.operation", name)?;
            if operation.action.eq_ignore_ascii_case(action) {
                return Ok(operation);
            }
            Err(Error::conflict(
                "request.action",
                "request.operation",
                &format!("{name} needs {}, not {action}", operation.action),
                "Keep one of the two",
            ))
        }
    }
}

/// Bucket and key, or an ARN in place of both.
fn target(request: &Value, operation: Operation) -> Result<Request> {
    let (mut bucket, mut key) = (text(request, "bucket")?, text(request, "key")?);
    let mut partition = None;
    if let Some(resource) = text(request, "resource")? {
        let Some((in_partition, of_bucket, of_key)) = bucket_and_key(resource) else {
            return Err(Error::invalid(
                "request.resource",
                "is not an ARN",
                "Give arn:aws:s3:::BUCKET/KEY, or bucket and key instead",
            ));
        };
        for (name, given, found) in [
            ("request.bucket", bucket, of_bucket),
            ("request.key", key, of_key),
        ] {
            if given.is_some_and(|given| given != found) {
                return Err(Error::conflict(
                    name,
                    "request.resource",
                    "they name different things",
                    "Keep one of the two",
                ));
            }
        }
        partition = Some(in_partition.to_owned());
        bucket = Some(of_bucket);
        key = Some(of_key).filter(|key| !key.is_empty());
    }
    let Some(bucket) = bucket else {
        return Err(Error::missing("request.bucket", "Give the bucket's name"));
    };
    if key.is_none() && operation.target == Some(Target::Object) {
        let remedy = format!("{} is about an object: give its key", operation.name);
        return Err(Error::missing("request.key", &remedy));
    }
    let mut parsed = Request::new(operation, bucket, key.unwrap_or(""));
    parsed.partition = partition;
    Ok(parsed)
}

/// The headers with their names in lower case.
fn given_headers(headers: Option<&Value>) -> Result<Vec<(String, String)>> {
    let entries = match headers {
        None => return Ok(Vec::new()),
        Some(Value::Object(entries)) => entries,
        Some(other) => {
            let remedy = "Give an object of headers, as they go on the wire";
            return Err(Error::wrong_type("request.headers", other, remedy));
        }
    };
    let mut list: Vec<(String, String)> = Vec::new();
    for (name, value) in entries.iter().filter(|(_, value)| *value != Value::Null) {
        let place = format!("request.headers.{name}");
        let value = scalar(value)
            .ok_or_else(|| Error::wrong_type(&place, value, "Give the header as a string"))?;
        let name = name.to_ascii_lowercase();
        match list.iter().find(|(known, _)| *known == name) {
            Some((_, known)) if *known != value => {
                let remedy = "Keep one of the two";
                let why = "it is given twice, with different values";
                return Err(Error::conflict(
                    &place,
                    &format!("header {name}"),
                    why,
                    remedy,
                ));
            }
            Some(_) => {}
            None => list.push((name, value)),
        }
    }
    Ok(list)
}

/// A string, number, boolean or date as it stands in a header or a condition key.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) if number.is_finite() => Some(number.to_string()),
        // Milliseconds since 1970; conditions on dates take seconds.
        Value::Date(at) if at.is_finite() => Some((at / 1000.0).to_string()),
        _ => None,
    }
}

/// The headers of an operation that a policy knows; none for those that carry no encryption.
fn sent(encryption: &Encryption, operation: &str) -> Vec<Header> {
    let alike = match operation {
        "PostObject" => "PutObject",
        "UploadPartCopy" => "UploadPart",
        same => same,
    };
    match encryption::Operation::parse("request.operation", alike) {
        Ok(operation) => headers(encryption, operation),
        Err(_) => Vec::new(),
    }
}

/// Headers and the encryption setting may both be given when they say the same.
fn check_agreement(given: &[(String, String)], asked: &[Header]) -> Result<()> {
    for (name, value) in given {
        if !name.starts_with(ENCRYPTION_HEADERS) {
            continue;
        }
        let same = match asked.iter().find(|header| header.name == name) {
            Some(header) if name == CONTEXT_HEADER => same_context(&header.value, value),
            Some(header) => header.value == *value,
            None => false,
        };
        if !same {
            let why = match asked.iter().any(|header| header.name == name) {
                true => "the header says something else than the setting",
                false => "the setting does not send this header",
            };
            return Err(Error::conflict(
                &format!("request.headers.{name}"),
                "request.encryption",
                why,
                "Keep one of the two",
            ));
        }
    }
    Ok(())
}

fn same_context(one: &str, other: &str) -> bool {
    let parse = |text: &str| EncryptionContext::parse("", &Value::String(text.to_owned())).ok();
    one == other || (parse(one).is_some() && parse(one) == parse(other))
}

/// The given headers and those of the setting, but for its secrets, which no policy sees.
fn together(given: &[(String, String)], asked: &[Header]) -> Vec<(String, String)> {
    let asked = asked.iter().filter(|header| !header.sensitive);
    let asked = asked.map(|header| (header.name.to_owned(), header.value.clone()));
    let mut list: Vec<(String, String)> = asked.collect();
    for (name, value) in given {
        if !list.iter().any(|(known, _)| known == name) {
            list.push((name.clone(), value.clone()));
        }
    }
    list
}

/// Condition keys: scalars, lists of scalars, `null` for a key that is known to be absent.
fn add_context(request: &mut Request, context: &Value) -> Result<()> {
    const REMEDY: &str =
        "Give a string, number, boolean, Date, a list of these, or null for a key that is absent";
    let entries = match context {
        Value::Null => return Ok(()),
        Value::Object(entries) => entries,
        other => {
            let remedy = "Give an object of condition keys, such as { 'aws:SourceVpce': 'vpce-1' }";
            return Err(Error::wrong_type("context", other, remedy));
        }
    };
    for (key, value) in entries {
        let place = format!("context[{key:?}]");
        if !key.contains(':') {
            return Err(Error::invalid(
                &place,
                "is not a condition key",
                "Write prefix:name, such as aws:SourceIp",
            ));
        }
        let wrong = |value: &Value| Error::wrong_type(&place, value, REMEDY);
        let value = match value {
            Value::Null => ContextValue::Absent,
            Value::Array(items) => {
                let values = items
                    .iter()
                    .map(|item| scalar(item).ok_or_else(|| wrong(item)));
                ContextValue::Values(values.collect::<Result<_>>()?)
            }
            other => ContextValue::Values(vec![scalar(other).ok_or_else(|| wrong(other))?]),
        };
        let same_key = |(known, _): &(String, ContextValue)| known.eq_ignore_ascii_case(key);
        request.context.retain(|entry| !same_key(entry));
        request.context.push((key.clone(), value));
    }
    Ok(())
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;

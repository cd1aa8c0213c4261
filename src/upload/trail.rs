//! What becomes known while an upload goes on, for its audit record.

use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use serde_json::{json, Map, Value};

use super::{Outcome, Plan};
use crate::audit::{Ending, Record, Sent};
use crate::encryption::{partition_of, request_report, Choice};
use crate::error::{name, Error, Origin, Result};
use crate::lock::lock;
use crate::s3::{compute_checksum, Attempts, Connection};

pub(super) struct Trail {
    began: SystemTime,
    pub attempts: Attempts,
    known: Mutex<Known>,
}

#[derive(Default, Clone)]
struct Known {
    region: Option<String>,
    endpoint: Option<String>,
    choice: Option<Choice>,
    upload_id: Option<String>,
}

impl Default for Trail {
    fn default() -> Trail {
        Trail {
            began: SystemTime::now(),
            attempts: Attempts::default(),
            known: Mutex::default(),
        }
    }
}

impl Trail {
    /// The encryption is chosen; requests follow.
    pub fn chosen(&self, connection: &Connection, choice: &Choice) {
        let mut known = lock(&self.known);
        known.region = Some(connection.region().to_owned());
        known.endpoint = connection.settings.endpoint.clone();
        known.choice = Some(choice.clone());
    }

    pub fn multipart(&self, upload_id: &str) {
        lock(&self.known).upload_id = Some(upload_id.to_owned());
    }
}

/// What the record takes of the plan, which the upload consumes.
pub(super) struct Audited {
    trail: Arc<Trail>,
    bucket: String,
    key: String,
    stage: Option<String>,
    fields: [Option<String>; 4],
    control: Arc<super::Control>,
}

impl Plan {
    /// Nothing where no record is wanted.
    pub(super) fn audited(&self) -> Option<Audited> {
        let text = |field| self.object.fields.text(field).map(str::to_owned);
        Some(Audited {
            trail: self.trail.clone()?,
            bucket: self.object.bucket.clone(),
            key: self.object.key.clone(),
            stage: self.stage.clone(),
            fields: [
                text("ExpectedBucketOwner"),
                text("ChecksumAlgorithm"),
                text("IfMatch"),
                text("IfNoneMatch"),
            ],
            control: self.control.clone(),
        })
    }
}

impl Audited {
    pub fn record(self, outcome: &Result<Outcome>) -> Value {
        let known = lock(&self.trail.known).clone();
        let [expected_bucket_owner, checksum_algorithm, if_match, if_none_match] = self.fields;
        let output = match outcome {
            Ok(done) => done.result.as_object().cloned().unwrap_or_default(),
            Err(error) => error.extra.clone(),
        };
        let encryption = match (outcome, &known.choice) {
            (Ok(done), _) => done.result["encryption"].clone(),
            (Err(_), Some(choice)) => request_report(choice, self.stage.as_deref()),
            (Err(_), None) => json!({}),
        };
        let record = Record {
            began: self.trail.began,
            ended: SystemTime::now(),
            ending: outcome.as_ref().map_or_else(ending, |_| Ending::Stored),
            bucket: self.bucket,
            key: self.key,
            partition: known.region.as_deref().map(partition_of),
            region: known.region,
            endpoint: known.endpoint,
            expected_bucket_owner,
            encryption,
            context_sha256: known.choice.as_ref().and_then(context_digest),
            checksum_algorithm,
            size: self.control.progress().total,
            if_match,
            if_none_match,
            upload_id: known.upload_id,
            attempts: sent(&self.trail.attempts),
            output: shown(output),
            error: outcome
                .as_ref()
                .err()
                .map(|error| (error.name.clone(), error.message.clone())),
        };
        record.to_json()
    }
}

/// Tells whether two uploads had one context, and nothing else of it.
fn context_digest(choice: &Choice) -> Option<String> {
    let context = choice.encryption.context()?;
    compute_checksum("SHA256", context.canonical().as_bytes()).ok()
}

fn sent(attempts: &Attempts) -> Vec<Sent> {
    let list = attempts.list().into_iter();
    list.map(|attempt| Sent {
        operation: attempt.operation,
        took: attempt.took,
        status: attempt.status,
        request_id: attempt.request_id,
        extended_request_id: attempt.extended_request_id,
        code: attempt.code,
    })
    .collect()
}

/// Only what the record names: a reply may repeat the MD5 of a key, and an error what S3 wrote.
fn shown(mut output: Map<String, Value>) -> Map<String, Value> {
    output.retain(|name, _| {
        matches!(name.as_str(), "ETag" | "VersionId") || name.starts_with("Checksum")
    });
    output
}

fn ending(error: &Error) -> Ending {
    let outcome = error.extra.get("outcome").and_then(Value::as_str);
    match (error.name.as_str(), outcome, error.origin) {
        ("AbortError", Some("unknown"), _) => Ending::Unknown,
        ("AbortError", ..) => Ending::Aborted,
        (name::NOT_APPLIED, ..) => Ending::NotApplied,
        (_, _, Origin::Service) => Ending::Refused,
        _ => Ending::Failed,
    }
}

//! The record of one upload: what was asked, what S3 answered, and where CloudTrail has the same.
//!
//! Whoever writes it to a log must not have to think: it holds no state, no SSE-C key nor its MD5, no
//! credentials and no value of an encryption context.

use std::time::{Duration, SystemTime};

use serde_json::{json, Map, Value};

/// Raised with every change that a reader of old records would notice.
pub const SCHEMA: &str = "stateseal.audit/1";

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Stored, and the reply proves the encryption.
    Stored,
    /// S3 answered with an error.
    Refused,
    /// No usable answer: network, credentials, the body.
    Failed,
    /// Stored, and the reply does not prove the encryption.
    NotApplied,
    Aborted,
    /// A request was under way that writes the object, and nobody knows what became of it.
    Unknown,
}

impl Ending {
    fn as_str(self) -> &'static str {
        match self {
            Ending::Stored => "stored",
            Ending::Refused => "refused",
            Ending::Failed => "failed",
            Ending::NotApplied => "not-applied",
            Ending::Aborted => "aborted",
            Ending::Unknown => "unknown",
        }
    }
}

/// One request that was sent.
pub struct Sent {
    pub operation: &'static str,
    pub took: Duration,
    pub status: Option<u16>,
    pub request_id: Option<String>,
    pub extended_request_id: Option<String>,
    pub code: Option<String>,
}

/// What is known when the upload has ended. `None` is what it did not come to.
pub struct Record {
    pub began: SystemTime,
    pub ended: SystemTime,
    pub ending: Ending,
    pub bucket: String,
    pub key: String,
    pub region: Option<String>,
    pub partition: Option<&'static str>,
    pub endpoint: Option<String>,
    pub expected_bucket_owner: Option<String>,
    /// `source`, `stage`, `requested`, `reported`, `compared`, as in `result.encryption`.
    pub encryption: Value,
    /// Of the encryption context that was sent, as base64.
    pub context_sha256: Option<String>,
    pub checksum_algorithm: Option<String>,
    pub size: Option<u64>,
    pub if_match: Option<String>,
    pub if_none_match: Option<String>,
    pub upload_id: Option<String>,
    pub attempts: Vec<Sent>,
    /// Fields of the SDK's output, where there is one.
    pub output: Map<String, Value>,
    /// Name and message of the error.
    pub error: Option<(String, String)>,
}

impl Record {
    pub fn to_json(&self) -> Value {
        let last = self.attempts.last();
        let output = |name: &str| self.output.get(name).cloned().unwrap_or(Value::Null);
        let request_id = last.and_then(|sent| sent.request_id.clone());
        let extended_request_id = last.and_then(|sent| sent.extended_request_id.clone());
        let event = last.map(|sent| sent.operation);
        let asked = |name: &str| self.encryption["requested"][name].clone();
        let checksums: Map<String, Value> = self
            .output
            .iter()
            .filter(|(name, _)| name.starts_with("Checksum"))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let parts = self
            .attempts
            .iter()
            .filter(|sent| sent.operation == "UploadPart" && sent.status == Some(200))
            .count();
        json!({
            "schema": SCHEMA,
            "timeStart": milliseconds(self.began),
            "timeEnd": milliseconds(self.ended),
            "event": "put",
            "outcome": self.ending.as_str(),
            "tool": { "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") },
            "bucket": self.bucket,
            "key": self.key,
            "region": self.region,
            "partition": self.partition,
            "endpoint": self.endpoint,
            "expectedBucketOwner": self.expected_bucket_owner,
            "request": {
                "source": self.encryption["source"],
                "stage": self.encryption["stage"],
                "sse": asked("ServerSideEncryption"),
                "kmsKey": asked("SSEKMSKeyId"),
                "bucketKey": asked("BucketKeyEnabled"),
                "customerAlgorithm": asked("SSECustomerAlgorithm"),
                "contextKeys": asked("contextNames"),
                "contextSha256": self.context_sha256,
                "checksumAlgorithm": self.checksum_algorithm,
                "size": self.size,
                "ifMatch": self.if_match,
                "ifNoneMatch": self.if_none_match,
                "multipart": self.upload_id.as_ref().map(|id| json!({ "uploadId": id, "parts": parts })),
            },
            "response": {
                "httpStatusCode": last.and_then(|sent| sent.status),
                "requestId": request_id,
                "extendedRequestId": extended_request_id,
                "versionId": output("VersionId"),
                "etag": output("ETag"),
                "sse": self.encryption["reported"]["ServerSideEncryption"],
                "kmsKeyArn": self.encryption["reported"]["SSEKMSKeyId"],
                "bucketKey": self.encryption["reported"]["BucketKeyEnabled"],
                "customerAlgorithm": self.encryption["reported"]["SSECustomerAlgorithm"],
                "checksums": checksums,
            },
            "verified": self.encryption["compared"],
            "attempts": self.attempts.iter().map(Sent::to_json).collect::<Vec<_>>(),
            "error": self.error.as_ref().map(|(name, message)| json!({ "name": name, "message": message })),
            "cloudTrail": {
                "eventSource": "s3.amazonaws.com",
                "eventName": event,
                "requestID": request_id,
                "additionalEventData.x-amz-id-2": extended_request_id,
                "responseElements.x-amz-version-id": output("VersionId"),
                "requestParameters.bucketName": self.bucket,
                "requestParameters.key": self.key,
                "requestParameters.x-amz-server-side-encryption": asked("ServerSideEncryption"),
                "requestParameters.x-amz-server-side-encryption-aws-kms-key-id": asked("SSEKMSKeyId"),
            },
        })
    }
}

impl Sent {
    fn to_json(&self) -> Value {
        json!({
            "operation": self.operation,
            "ms": self.took.as_millis() as u64,
            "httpStatusCode": self.status,
            "requestId": self.request_id,
            "extendedRequestId": self.extended_request_id,
            "code": self.code,
        })
    }
}

fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or_default().as_millis() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(operation: &'static str, request_id: &str) -> Sent {
        Sent {
            operation,
            took: Duration::from_millis(5),
            status: Some(200),
            request_id: Some(request_id.into()),
            extended_request_id: None,
            code: None,
        }
    }

    #[test]
    fn cloud_trail_is_told_of_the_request_that_wrote() {
        let record = Record {
            began: SystemTime::UNIX_EPOCH,
            ended: SystemTime::UNIX_EPOCH + Duration::from_millis(7),
            ending: Ending::Stored,
            bucket: "b".into(),
            key: "k".into(),
            region: None,
            partition: None,
            endpoint: None,
            expected_bucket_owner: None,
            encryption: json!({ "requested": { "ServerSideEncryption": "AES256" } }),
            context_sha256: None,
            checksum_algorithm: None,
            size: Some(1),
            if_match: None,
            if_none_match: None,
            upload_id: Some("u".into()),
            attempts: vec![
                sent("CreateMultipartUpload", "1"),
                sent("UploadPart", "2"),
                sent("CompleteMultipartUpload", "3"),
            ],
            output: Map::from_iter([("VersionId".to_owned(), json!("v"))]),
            error: None,
        };
        let told = record.to_json();
        assert_eq!(told["schema"], SCHEMA);
        assert_eq!(
            (&told["timeStart"], &told["timeEnd"]),
            (&json!(0), &json!(7))
        );
        assert_eq!(told["cloudTrail"]["eventName"], "CompleteMultipartUpload");
        assert_eq!(told["cloudTrail"]["requestID"], "3");
        assert_eq!(told["cloudTrail"]["responseElements.x-amz-version-id"], "v");
        assert_eq!(
            told["request"]["multipart"],
            json!({ "uploadId": "u", "parts": 1 })
        );
        assert_eq!(told["request"]["sse"], "AES256");
        assert_eq!(told["attempts"].as_array().map(Vec::len), Some(3));
    }
}

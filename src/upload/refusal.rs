//! Why S3 refused, and what to change: one table, one row for each cause.

use super::verdict::judge;
use crate::encryption::{Choice, Encryption};
use crate::error::Error;
use crate::policy::{Policy, Request, Verdict};

pub(super) struct Asked<'a> {
    pub bucket: &'a str,
    pub choice: Option<&'a Choice>,
}

impl Asked<'_> {
    fn key(&self) -> String {
        match self.choice.and_then(|choice| choice.encryption.kms_key()) {
            Some(key) => format!("KMS key {}", key.as_str()),
            None => "the KMS key".into(),
        }
    }

    pub fn sent(&self) -> String {
        match self.choice.map(|choice| &choice.encryption) {
            Some(Encryption::S3Managed) => "AES256".into(),
            Some(Encryption::Kms { .. }) => format!("aws:kms with {}", self.key()),
            Some(Encryption::DualLayerKms { .. }) => format!("aws:kms:dsse with {}", self.key()),
            Some(Encryption::CustomerKey(_)) => "SSE-C".into(),
            Some(Encryption::BucketDefault) | None => "no encryption header".into(),
        }
    }
}

struct Row {
    /// Codes that the row is about; empty for any.
    codes: &'static [&'static str],
    /// A part of the message, in lower case; empty for any.
    says: &'static str,
    hint: fn(&Error, &Asked<'_>) -> String,
}

const DENIED: &[&str] = &["AccessDenied"];

/// The first row that fits speaks. Messages: `facts/s3-encryption.md`, recorded from S3.
const ROWS: &[Row] = &[
    Row { codes: DENIED, says: "blocked upload requests that specify server side encryption with customer provided keys", hint: |_, asked| {
        unblock_customer_keys(asked.bucket)
    } },
    Row { codes: DENIED, says: "kms:", hint: |error, asked| {
        let action = word_with(&error.message, "kms:").unwrap_or("kms:GenerateDataKey");
        let named = error.message.split(is_separator).find(|word| word.starts_with("arn:") && word.contains(":kms:"));
        let key = named.map_or_else(|| asked.key(), |arn| format!("KMS key {arn}"));
        format!("Allow {action} on {key} for the caller, in its identity policy and in the key's policy")
    } },
    Row { codes: DENIED, says: "explicit deny in a resource-based policy", hint: |_, asked| {
        format!("A Deny statement in the policy of bucket {} refused {}: set encryption to what the policy asks for", asked.bucket, asked.sent())
    } },
    Row { codes: DENIED, says: "service control policy", hint: |_, asked| {
        format!("A service control policy of the organization refused the put with {}: ask its administrators which encryption it demands, and set encryption to that", asked.sent())
    } },
    Row { codes: DENIED, says: "resource control policy", hint: |_, asked| {
        format!("A resource control policy of the organization refused the put with {}: ask its administrators which encryption it demands, and set encryption to that", asked.sent())
    } },
    Row { codes: DENIED, says: "explicit deny in an identity-based policy", hint: |_, _| {
        "A Deny statement in the caller's own policy refused the put: change that policy, or set encryption to what it asks for".into()
    } },
    Row { codes: DENIED, says: "permissions boundary", hint: |_, _| {
        "The caller's permissions boundary does not allow the put: allow s3:PutObject there".into()
    } },
    Row { codes: DENIED, says: "session policy", hint: |_, _| {
        "The session policy of the caller's role does not allow the put: allow s3:PutObject there".into()
    } },
    Row { codes: DENIED, says: "vpc endpoint policy", hint: |_, asked| {
        format!("The policy of the VPC endpoint does not let the put with {} pass: allow s3:PutObject on bucket {} there", asked.sent(), asked.bucket)
    } },
    Row { codes: DENIED, says: "no resource-based policy allows", hint: |_, asked| {
        format!("The bucket is in another account than the caller: the policy of bucket {} must allow s3:PutObject to the caller", asked.bucket)
    } },
    Row { codes: DENIED, says: "no identity-based policy allows", hint: |_, asked| {
        format!("The caller has no permission for s3:PutObject on bucket {}: allow it in the caller's policy", asked.bucket)
    } },
    Row { codes: DENIED, says: "", hint: |_, asked| {
        format!("S3 did not say why. The caller needs s3:PutObject on bucket {}, and its policy must accept {}", asked.bucket, asked.sent())
    } },
    Row { codes: &["NoSuchBucket"], says: "", hint: |_, asked| {
        format!("Bucket {} does not exist: check its name, the account and the endpoint, or create it", asked.bucket)
    } },
    Row { codes: &["PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"], says: "", hint: |_, asked| {
        format!("Bucket {} is in another Region: set region to the bucket's, or followRegionRedirects: true", asked.bucket)
    } },
    Row { codes: &["KMS.NotFoundException"], says: "", hint: |_, asked| {
        format!("KMS does not know {} in the bucket's Region and the caller's account: give the full ARN of an existing key in the bucket's Region", asked.key())
    } },
    Row { codes: &["KMS.DisabledException"], says: "", hint: |_, asked| format!("Enable {}, or use another key", asked.key()) },
    Row { codes: &["KMS.KMSInvalidStateException", "KMS.InvalidStateException"], says: "", hint: |_, asked| {
        format!("Cancel the deletion of {} and enable it, or use another key", asked.key())
    } },
    Row { codes: &["KMS.ThrottlingException"], says: "", hint: |_, _| "KMS is throttling: turn on bucketKeyEnabled, which saves nearly all calls to KMS".into() },
    Row { codes: &["RequestTimeTooSkewed"], says: "", hint: |_, _| "Set this machine's clock: it differs from S3's by more than 15 minutes".into() },
    Row { codes: &["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"], says: "", hint: |_, _| "Renew the credentials: log in again (aws sso login), or let the role be assumed anew".into() },
    Row { codes: &["InvalidAccessKeyId", "InvalidToken"], says: "", hint: |_, _| "Check the credentials: S3 does not know this access key or session token".into() },
    Row { codes: &["SignatureDoesNotMatch"], says: "", hint: |_, _| "Check the secret access key, and that no proxy changes the request".into() },
    Row { codes: &["PreconditionFailed"], says: "", hint: |_, _| "The object is not in the state that IfMatch or IfNoneMatch demands: read it again, then decide".into() },
    Row { codes: &["EntityTooLarge"], says: "", hint: |_, _| "One put takes 5 GiB at most".into() },
];

/// One sentence that says what to change, where the table knows.
pub(super) fn hint(error: &Error, asked: &Asked<'_>) -> Option<String> {
    let message = error.message.to_lowercase();
    ROWS.iter()
        .find(|row| {
            (row.codes.is_empty() || row.codes.contains(&error.name.as_str()))
                && message.contains(row.says)
        })
        .map(|row| (row.hint)(error, asked))
}

fn unblock_customer_keys(bucket: &str) -> String {
    format!("Bucket {bucket} blocks SSE-C: use SSE-S3 or SSE-KMS, or unblock SSE-C with PutBucketEncryption (BlockedEncryptionTypes NONE)")
}

/// The bucket's encryption configuration says that it refuses SSE-C.
pub(super) fn customer_keys_blocked(place: &str, bucket: &str) -> Error {
    Error::conflict(
        place,
        "the bucket's blocked encryption types",
        "SSE-C was asked for, which the bucket refuses",
        &unblock_customer_keys(bucket),
    )
}

/// Whether reading the bucket's policy could tell more.
pub(super) fn may_be_bucket_policy(error: &Error) -> bool {
    let message = error.message.to_lowercase();
    error.name == "AccessDenied"
        && !message.contains("kms:")
        && !message.contains("blocked upload requests")
        && (message.contains("resource-based policy") || !message.contains("policy"))
}

/// What the bucket's own policy says of this put: the statement that denies, and what passes.
pub(super) fn ask_policy(policy: &str, request: &Request) -> Option<String> {
    let policy = Policy::parse(policy).ok()?;
    let judged = judge(&policy, request);
    let denies = match judged.verdict {
        Verdict::ExplicitDeny => "denies this put",
        Verdict::Unknown => "may have denied this put",
        Verdict::Allow | Verdict::NoDeny => return None,
    };
    Some(format!(
        "The policy of bucket {} {denies} in statement {}; {}",
        request.bucket,
        judged.sids.join(", "),
        judged.remedy?
    ))
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | ',' | ';')
}

fn word_with<'a>(message: &'a str, prefix: &str) -> Option<&'a str> {
    message
        .split(is_separator)
        .find(|word| word.starts_with(prefix) && word.len() > prefix.len())
}

#[cfg(test)]
#[path = "refusal_tests.rs"]
mod tests;

//! The default encryption, what the bucket blocks, and what the upload would ask for.

use super::finding::{unanswered, Finding, Id, Unanswered};
use super::Check;
use crate::encryption::{BucketEncryption, Choice, Encryption};
use crate::error::Result;
use crate::s3::Connection;
use crate::upload::mirror::Found;
use crate::upload::{refusal, Plan};

pub(super) struct Asked {
    pub default: Result<BucketEncryption, Unanswered>,
    /// As an upload would choose it: an error is one that the upload would end with.
    pub choice: Result<Choice>,
}

impl Asked {
    fn uses_customer_key(&self) -> bool {
        let choice = self.choice.as_ref();
        choice.is_ok_and(|choice| matches!(choice.encryption, Encryption::CustomerKey(_)))
    }

    /// An upload would not be sent: the bucket refuses SSE-C.
    pub fn is_blocked(&self) -> bool {
        let blocks = |default: &BucketEncryption| default.blocks_customer_keys();
        self.uses_customer_key() && self.default.as_ref().is_ok_and(blocks)
    }
}

impl Check {
    /// Reads the default encryption anew, whatever is remembered of it.
    pub(super) async fn asked(&self, connection: &Connection) -> Result<Asked> {
        let Plan { object, choice, .. } = &self.plan;
        let owner = object.fields.text("ExpectedBucketOwner");
        let told = connection.bucket_encryption(&object.bucket, owner).await;
        let default = match &told {
            Ok(default) => Ok(default.clone()),
            Err(failure) => Err(unanswered(failure.error.clone())?),
        };
        let choice = match choice {
            Some(choice) => Ok(choice.clone()),
            None => Found::of(told)
                .map_err(|failure| self.plan.explain_plainly(failure))
                .and_then(|found| found.choice()),
        };
        Ok(Asked { default, choice })
    }

    /// The default encryption. It matters most where uploads mirror it.
    pub(super) fn default_encryption(&self, asked: &Asked) -> Finding {
        let id = Id::DefaultEncryption;
        let is_mirrored = self.plan.choice.is_none();
        let failing = asked.choice.as_ref().err().filter(|_| is_mirrored);
        match (&asked.default, failing) {
            (Ok(_), Some(error)) => Finding::of_error(id, error),
            (Ok(default), None) => of_default(default),
            (Err(Unanswered::Unknown(told)), Some(_)) => Finding::problem(
                id,
                format!("The server does not answer GetBucketEncryption ({told}), and an upload without a setting fails with it"),
                "Set encryption: without it an upload asks for the bucket's default",
            ),
            (Err(why), failing) => {
                let mut finding = why.finding(id, "The default encryption", "GetBucketEncryption");
                if is_mirrored && failing.is_none() {
                    let then = ", so an upload asks for AES256 and warns";
                    finding.message.push_str(then);
                }
                finding
            }
        }
    }

    pub(super) fn blocked_encryption(&self, asked: &Asked) -> Finding {
        let id = Id::BlockedEncryption;
        let default = match &asked.default {
            Ok(default) => default,
            Err(why) => {
                return why.finding(id, "The blocked encryption types", "GetBucketEncryption")
            }
        };
        let bucket = &self.plan.object.bucket;
        match (default.blocks_customer_keys(), asked.uses_customer_key()) {
            (true, true) => {
                Finding::of_error(id, &refusal::customer_keys_blocked("sseCustomerKey", bucket))
            }
            (true, false) => Finding::ok(id, "The bucket blocks SSE-C, which is not used"),
            (false, true) => Finding::ok(id, "The bucket does not block SSE-C, which is used"),
            (false, false) => Finding::ok(id, "The bucket does not block SSE-C").remedy(
                "Nobody uses it? Block it with PutBucketEncryption (BlockedEncryptionTypes SSE-C): then nobody can encrypt a state with a key that you do not have",
            ),
        }
    }
}

fn of_default(default: &BucketEncryption) -> Finding {
    let id = Id::DefaultEncryption;
    let key = default.kms_key.as_deref();
    let key = key.map_or("the AWS-managed key aws/s3".into(), |key| {
        format!("KMS key {key}")
    });
    let message = match default.algorithm.as_deref() {
        None => {
            return Finding::warning(
                id,
                "The bucket has no default encryption: S3 takes that as SSE-S3, other servers store plaintext",
                "Set it with PutBucketEncryption",
            )
        }
        Some("AES256") => return Finding::ok(id, "The default encryption is SSE-S3 (AES256)"),
        Some("aws:kms") => {
            let bucket_key = if default.bucket_key { "an" } else { "no" };
            format!("The default encryption is SSE-KMS with {key} and {bucket_key} S3 Bucket Key")
        }
        Some("aws:kms:dsse") => format!("The default encryption is DSSE-KMS with {key}"),
        Some(other) => return Finding::ok(id, format!("The default encryption is {other}")),
    };
    if default.kms_key.is_some() {
        return Finding::ok(id, message);
    }
    Finding::warning(
        id,
        message,
        "Name a key of your own: the policy of aws/s3 cannot be changed, and other accounts cannot use it",
    )
}

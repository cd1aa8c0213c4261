//! The use of a KMS key by S3 on an uploader's behalf, and the policy of the key.
//!
//! S3 calls KMS with the uploader's credentials, so KMS sees the uploader as
//! the caller and `kms:ViaService` as S3; it sees nothing of the uploader's
//! network, which is why no condition on address or VPC endpoint stands here.

use serde_json::{json, Map, Value};

use super::{document, one_or_list, BucketArn};
use crate::policy::partition::dns_suffix;

/// What S3 asks of KMS: `GenerateDataKey` for a put, `Decrypt` for reads and
/// for the parts of a multipart upload.
pub(super) const KEY_ACTIONS: [&str; 2] = ["kms:GenerateDataKey", "kms:Decrypt"];

/// What of a bucket is encrypted with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUse {
    /// The bucket.
    pub bucket: BucketArn,
    /// Patterns of object keys; `*` for all.
    pub keys: Vec<String>,
    /// The bucket's Region, in which the key is too; `None` where it is not
    /// known.
    pub region: Option<String>,
    /// Whether uploads use an S3 Bucket Key; `None` where the bucket decides.
    pub bucket_key: Option<bool>,
}

impl KeyUse {
    /// The bucket's objects under these keys.
    pub(super) fn objects(&self) -> Vec<String> {
        let keys = self.keys.iter();
        keys.map(|key| self.bucket.objects(key)).collect()
    }

    /// Only through S3, and only for this bucket: with a Bucket Key KMS sees
    /// the bucket's ARN in the encryption context, else each object's.
    pub(super) fn condition(&self) -> Map<String, Value> {
        let suffix = dns_suffix(self.bucket.partition()).unwrap_or("amazonaws.com");
        let mut arns = Vec::new();
        if self.bucket_key != Some(false) {
            arns.push(self.bucket.arn());
        }
        if self.bucket_key != Some(true) {
            arns.extend(self.objects());
        }
        let mut equals = Map::new();
        let mut like = Map::new();
        match &self.region {
            Some(region) => equals.insert(VIA.to_owned(), json!(format!("s3.{region}.{suffix}"))),
            None => like.insert(VIA.to_owned(), json!(format!("s3.*.{suffix}"))),
        };
        like.insert(
            "kms:EncryptionContext:aws:s3:arn".to_owned(),
            one_or_list(&arns),
        );
        let both = [("StringEquals", equals), ("StringLike", like)];
        let both = both.into_iter().filter(|(_, keys)| !keys.is_empty());
        both.map(|(operator, keys)| (operator.to_owned(), Value::Object(keys)))
            .collect()
    }
}

const VIA: &str = "kms:ViaService";

/// What the account's administrators may do with the key: everything but using
/// it or granting its use. `PutKeyPolicy` among it keeps the key from becoming
/// unmanageable.
///
/// Source: KMS Developer Guide, "Allows key administrators to administer the
/// KMS key", less `CreateGrant`.
const ADMINISTRATION: [&str; 15] = [
    "kms:CreateAlias",
    "kms:Describe*",
    "kms:Enable*",
    "kms:List*",
    "kms:Put*",
    "kms:Update*",
    "kms:Revoke*",
    "kms:Disable*",
    "kms:Get*",
    "kms:Delete*",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:CancelKeyDeletion",
];

/// The policy of a key that encrypts a bucket's state. `principals` may use it;
/// with none everyone in the account whose own policies let him put there.
pub fn kms_key_policy(using: &KeyUse, account: &str, principals: &[String]) -> Value {
    let root = format!("arn:{}:iam::{account}:root", using.bucket.partition());
    let administration = json!({
        "Sid": "AllowAccountToAdministerKey",
        "Effect": "Allow",
        "Principal": { "AWS": root },
        "Action": ADMINISTRATION,
        "Resource": "*",
    });
    let mut condition = using.condition();
    let principal = match principals {
        [] => {
            let equals = condition.entry("StringEquals").or_insert_with(|| json!({}));
            equals["kms:CallerAccount"] = json!(account);
            json!("*")
        }
        some => one_or_list(some),
    };
    let through_s3 = json!({
        "Sid": "AllowUseThroughS3",
        "Effect": "Allow",
        "Principal": { "AWS": principal },
        "Action": KEY_ACTIONS,
        "Resource": "*",
        "Condition": condition,
    });
    document(vec![administration, through_s3])
}

//! The identity policy of who uploads: what the uploads really do, and no more.

use serde_json::{json, Map, Value};

use super::key::KEY_ACTIONS;
use super::{document, one_or_list, KeyUse, Rule};

/// What the uploads do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uploader {
    /// Bucket, keys and Region.
    pub using: KeyUse,
    /// The encryption to hold the uploader to; `None` for any.
    pub rule: Option<Rule>,
    /// The KMS keys that S3 may have to use; `None` if no KMS key is involved.
    pub kms_keys: Option<KeyResource>,
    /// The bucket's owner, where the uploads insist on one.
    pub owner: Option<String>,
    /// Whether large bodies go in parts, which are removed after a failure.
    pub aborts_multipart: bool,
    /// Whether the bucket's default encryption is read.
    pub reads_default: bool,
    /// Whether the bucket's policy is read to explain a refusal.
    pub explains_refusals: bool,
    /// Whether puts are conditional: after a lost answer the object is read to
    /// tell an own write from another's, and `If-Match` compares with it.
    pub conditional: bool,
    /// Actions that further fields of the put need, such as
    /// `s3:PutObjectTagging`.
    pub further_actions: Vec<&'static str>,
}

/// The KMS keys of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyResource {
    /// ARNs of keys, or patterns of them.
    Arns(Vec<String>),
    /// The keys behind an alias, which no resource can name: a pattern of
    /// ARNs, and the alias.
    Alias {
        /// Where the key may be.
        pattern: String,
        /// `alias/name`
        alias: String,
    },
}

/// The policy, to be attached to the role or user that uploads.
pub fn uploader_policy(uploader: &Uploader) -> Value {
    let using = &uploader.using;
    let objects = one_or_list(&using.objects());
    let bucket = json!(using.bucket.arn());
    let mut actions = vec!["s3:PutObject"];
    actions.extend(&uploader.further_actions);
    if uploader.aborts_multipart {
        actions.push("s3:AbortMultipartUpload");
    }
    if uploader.conditional {
        actions.push("s3:GetObject");
    }
    let mut statements = vec![uploader.allow("PutState", actions, objects.clone())];
    let mut reads = Vec::new();
    if uploader.reads_default {
        reads.push("s3:GetEncryptionConfiguration");
    }
    if uploader.explains_refusals {
        reads.push("s3:GetBucketPolicy");
    }
    if !reads.is_empty() {
        statements.push(uploader.allow("ReadBucketSettings", reads, bucket));
    }
    statements.extend(uploader.kms_keys.as_ref().map(|keys| use_key(using, keys)));
    let rule = uploader.rule.as_ref();
    statements.extend(rule.map_or_else(Vec::new, |rule| rule.denials(&objects, None)));
    document(statements)
}

impl Uploader {
    fn allow(&self, sid: &str, actions: Vec<&str>, resource: Value) -> Value {
        let actions: Vec<String> = actions.into_iter().map(str::to_owned).collect();
        let mut statement = json!({
            "Sid": sid,
            "Effect": "Allow",
            "Action": one_or_list(&actions),
            "Resource": resource,
        });
        if let Some(owner) = &self.owner {
            statement["Condition"] = json!({ "StringEquals": { "aws:ResourceAccount": owner } });
        }
        statement
    }
}

fn use_key(using: &KeyUse, keys: &KeyResource) -> Value {
    let mut condition: Map<String, Value> = using.condition();
    let resource = match keys {
        KeyResource::Arns(arns) => one_or_list(arns),
        KeyResource::Alias { pattern, alias } => {
            condition.insert(
                "ForAnyValue:StringEquals".to_owned(),
                json!({ "kms:ResourceAliases": alias }),
            );
            json!(pattern)
        }
    };
    json!({
        "Sid": "UseKeyThroughS3",
        "Effect": "Allow",
        "Action": KEY_ACTIONS,
        "Resource": resource,
        "Condition": condition,
    })
}

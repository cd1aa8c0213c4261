//! The settings that a suggestion chooses from, and what they send.

use serde_json::{json, Value};

use super::reading::instance;

/// A way to encrypt an upload, from the outside: what its headers say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Candidate {
    /// No header: the bucket's default encryption.
    BucketDefault,
    /// SSE-S3.
    S3Managed,
    /// SSE-KMS with a key's ARN, or with the AWS-managed key for `None`.
    Kms {
        /// The full key ARN.
        key: Option<String>,
    },
    /// SSE-KMS with a key of the user's whose ARN matches a pattern. The
    /// policy does not name the key itself.
    KmsMatching {
        /// The pattern, such as `arn:aws:kms:*:111122223333:key/*`.
        pattern: String,
    },
    /// DSSE-KMS with a key's ARN.
    DualLayerKms {
        /// The full key ARN.
        key: String,
    },
    /// SSE-C.
    CustomerKey,
}

impl Candidate {
    /// The encryption headers that a policy can see. The key itself and its
    /// MD5, which SSE-C sends as well, are no condition keys.
    pub fn headers(&self) -> Vec<(String, String)> {
        const SSE: &str = "x-amz-server-side-encryption";
        const KEY: &str = "x-amz-server-side-encryption-aws-kms-key-id";
        const CUSTOMER: &str = "x-amz-server-side-encryption-customer-algorithm";
        let pairs = match self {
            Candidate::BucketDefault => vec![],
            Candidate::S3Managed => vec![(SSE, "AES256".to_owned())],
            Candidate::Kms { key: None } => vec![(SSE, "aws:kms".to_owned())],
            Candidate::Kms { key: Some(key) } => {
                vec![(SSE, "aws:kms".to_owned()), (KEY, key.clone())]
            }
            Candidate::KmsMatching { pattern } => {
                let tokens: Vec<_> = super::glob::tokens(pattern).collect();
                let example = instance(&tokens).unwrap_or_else(|| pattern.clone());
                vec![(SSE, "aws:kms".to_owned()), (KEY, example)]
            }
            Candidate::DualLayerKms { key } => {
                vec![(SSE, "aws:kms:dsse".to_owned()), (KEY, key.clone())]
            }
            Candidate::CustomerKey => vec![(CUSTOMER, "AES256".to_owned())],
        };
        let pairs = pairs.into_iter();
        pairs
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    /// What to do, in a few words.
    pub fn describe(&self) -> String {
        match self {
            Candidate::BucketDefault => "send no encryption header".to_owned(),
            Candidate::S3Managed => "serverSideEncryption AES256".to_owned(),
            Candidate::Kms { key: None } => {
                "serverSideEncryption aws:kms with the AWS-managed key".to_owned()
            }
            Candidate::Kms { key: Some(key) } => {
                format!("serverSideEncryption aws:kms with sseKMSKeyId {key}")
            }
            Candidate::KmsMatching { pattern } => format!(
                "serverSideEncryption aws:kms with sseKMSKeyId set to the full ARN of a key that matches {pattern}"
            ),
            Candidate::DualLayerKms { key } => {
                format!("serverSideEncryption aws:kms:dsse with sseKMSKeyId {key}")
            }
            Candidate::CustomerKey => "a customer key (SSE-C)".to_owned(),
        }
    }

    /// The `encryption` setting, as users write it. A pattern is not a key:
    /// its setting has no `sseKMSKeyId` that could be used as it stands.
    pub fn to_json(&self) -> Value {
        match self {
            Candidate::BucketDefault => json!("bucket-default"),
            Candidate::S3Managed => json!({"serverSideEncryption": "AES256"}),
            Candidate::Kms { key: None } | Candidate::KmsMatching { .. } => {
                json!({"serverSideEncryption": "aws:kms"})
            }
            Candidate::Kms { key: Some(key) } => {
                json!({"serverSideEncryption": "aws:kms", "sseKMSKeyId": key})
            }
            Candidate::DualLayerKms { key } => {
                json!({"serverSideEncryption": "aws:kms:dsse", "sseKMSKeyId": key})
            }
            Candidate::CustomerKey => json!({"sseCustomerAlgorithm": "AES256"}),
        }
    }
}

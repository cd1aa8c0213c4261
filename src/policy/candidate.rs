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
    /// SSE-KMS.
    Kms(CandidateKey),
    /// DSSE-KMS.
    DualLayerKms(CandidateKey),
    /// SSE-C.
    CustomerKey,
}

/// The KMS key of a candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CandidateKey {
    /// No key id: S3 takes the AWS-managed key `aws/s3`.
    Managed,
    /// The full ARN of a key.
    Named(String),
    /// A key of the user's whose ARN matches a pattern, such as
    /// `arn:aws:kms:*:111122223333:key/*`. The policy does not name the key
    /// itself.
    Matching(String),
}

impl CandidateKey {
    /// What the header says; for a pattern an example.
    fn header(&self) -> Option<String> {
        match self {
            CandidateKey::Managed => None,
            CandidateKey::Named(arn) => Some(arn.clone()),
            CandidateKey::Matching(pattern) => {
                let tokens: Vec<_> = super::glob::tokens(pattern).collect();
                Some(instance(&tokens).unwrap_or_else(|| pattern.clone()))
            }
        }
    }

    fn describe(&self) -> String {
        match self {
            CandidateKey::Managed => "the AWS-managed key".to_owned(),
            CandidateKey::Named(arn) => format!("sseKMSKeyId {arn}"),
            CandidateKey::Matching(pattern) => {
                format!("sseKMSKeyId set to the full ARN of a key that matches {pattern}")
            }
        }
    }
}

impl Candidate {
    /// The KMS key, if it is a candidate with one.
    pub fn key(&self) -> Option<&CandidateKey> {
        match self {
            Candidate::Kms(key) | Candidate::DualLayerKms(key) => Some(key),
            Candidate::BucketDefault | Candidate::S3Managed | Candidate::CustomerKey => None,
        }
    }

    /// The full ARN of its KMS key, where the policy or the user names it.
    pub fn named_key(&self) -> Option<&str> {
        match self.key() {
            Some(CandidateKey::Named(arn)) => Some(arn),
            _ => None,
        }
    }

    /// The pattern that the ARN of its KMS key must match.
    pub fn key_pattern(&self) -> Option<&str> {
        match self.key() {
            Some(CandidateKey::Matching(pattern)) => Some(pattern),
            _ => None,
        }
    }

    pub(super) fn algorithm(&self) -> Option<&'static str> {
        match self {
            Candidate::S3Managed => Some("AES256"),
            Candidate::Kms(_) => Some("aws:kms"),
            Candidate::DualLayerKms(_) => Some("aws:kms:dsse"),
            Candidate::BucketDefault | Candidate::CustomerKey => None,
        }
    }

    /// The encryption headers that a policy can see. The key itself and its
    /// MD5, which SSE-C sends as well, are no condition keys.
    pub fn headers(&self) -> Vec<(String, String)> {
        let customer = match self {
            Candidate::CustomerKey => Some("AES256".to_owned()),
            _ => None,
        };
        let pairs = [
            (
                "x-amz-server-side-encryption",
                self.algorithm().map(str::to_owned),
            ),
            (
                "x-amz-server-side-encryption-aws-kms-key-id",
                self.key().and_then(CandidateKey::header),
            ),
            ("x-amz-server-side-encryption-customer-algorithm", customer),
        ];
        let pairs = pairs.into_iter();
        pairs
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect()
    }

    /// What to do, in a few words.
    pub fn describe(&self) -> String {
        match (self, self.algorithm()) {
            (Candidate::BucketDefault, _) => "send no encryption header".to_owned(),
            (Candidate::Kms(key) | Candidate::DualLayerKms(key), Some(algorithm)) => {
                format!("serverSideEncryption {algorithm} with {}", key.describe())
            }
            (_, Some(algorithm)) => format!("serverSideEncryption {algorithm}"),
            (_, None) => "a customer key (SSE-C)".to_owned(),
        }
    }

    /// The `encryption` setting, as users write it. A pattern is not a key, so
    /// the ARN that stands for it is an example; and an SSE-C key is the
    /// user's to add.
    pub fn to_json(&self) -> Value {
        let Some(algorithm) = self.algorithm() else {
            return match self {
                Candidate::CustomerKey => json!({"sseCustomerAlgorithm": "AES256"}),
                _ => json!("bucket-default"),
            };
        };
        match self.key().and_then(CandidateKey::header) {
            Some(key) => json!({"serverSideEncryption": algorithm, "sseKMSKeyId": key}),
            None => json!({"serverSideEncryption": algorithm}),
        }
    }
}

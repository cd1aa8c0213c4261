//! What to ask of S3, and whether S3 did it.
//!
//! Pure: no I/O, no napi, no SDK client. Everything that a caller can set is parsed here into
//! [`Encryption`], in which an illegal combination cannot be written down; behind that door nothing
//! checks again.

mod context;
mod customer_key;
mod default;
mod headers;
mod in_force;
mod key_id;
mod parse;
mod region;
mod report;
mod settings;
mod stages;
mod verify;

pub use context::EncryptionContext;
pub use customer_key::CustomerKey;
pub use default::BucketEncryption;
pub use headers::{headers, params, Header, Operation};
pub use in_force::{in_force, InForce};
pub use key_id::{KmsArn, KmsKeyId};
pub use parse::{resolve, Choice, Source};
pub use region::{check_region, is_aws_region, partition_of};
pub use report::{describe, request_report};
pub use settings::{check_unknown_field, Setting, SETTINGS};
pub use verify::{verify, verify_step, Reply, Verified};

/// One way of encrypting an object on the server.
#[derive(Debug, Clone, PartialEq)]
pub enum Encryption {
    /// SSE-S3: keys that S3 manages (`AES256`).
    S3Managed,
    /// SSE-KMS (`aws:kms`).
    Kms {
        /// `None` is the AWS-managed key `aws/s3`, **not** the bucket's default key.
        key: Option<KmsKeyId>,
        context: Option<EncryptionContext>,
        /// `None` leaves the bucket's setting in force.
        bucket_key: Option<bool>,
    },
    /// DSSE-KMS (`aws:kms:dsse`); S3 Bucket Keys do not exist for it.
    DualLayerKms {
        key: Option<KmsKeyId>,
        context: Option<EncryptionContext>,
    },
    /// SSE-C: a key that the caller keeps.
    CustomerKey(CustomerKey),
    /// No header: S3 applies the bucket's default encryption.
    BucketDefault,
}

impl Encryption {
    /// The encryption context that was asked for, if any.
    pub fn context(&self) -> Option<&EncryptionContext> {
        match self {
            Encryption::Kms { context, .. } | Encryption::DualLayerKms { context, .. } => {
                context.as_ref()
            }
            _ => None,
        }
    }

    /// The KMS key that was asked for, if any.
    pub fn kms_key(&self) -> Option<&KmsKeyId> {
        match self {
            Encryption::Kms { key, .. } | Encryption::DualLayerKms { key, .. } => key.as_ref(),
            _ => None,
        }
    }
}

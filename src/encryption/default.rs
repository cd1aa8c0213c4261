//! A bucket's default encryption, and the explicit headers that mirror it.

use super::{Encryption, KmsKeyId};
use crate::error::{Error, Result};

/// What `GetBucketEncryption` told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BucketEncryption {
    /// `None`: the bucket has no configuration, which S3 treats as SSE-S3 (since January 2023).
    pub algorithm: Option<String>,
    pub kms_key: Option<String>,
    pub bucket_key: bool,
    /// Encryption types that the bucket refuses, such as `SSE-C`.
    pub blocked: Vec<String>,
}

impl BucketEncryption {
    /// The same encryption, asked for in the request.
    ///
    /// The key id always goes along: `aws:kms` without one means the AWS-managed key, not the
    /// bucket's. The bucket-key flag too, so that the reply can be held against it.
    pub fn mirror(&self) -> Result<Encryption> {
        const PLACE: &str = "the bucket's default encryption";
        const REMEDY: &str = "Set encryption to 'bucket-default' to send no header, or to an encryption of your choice";
        let key = || {
            let parse = |key| {
                KmsKeyId::parse(PLACE, key).map_err(|_| {
                    let problem = "has a key in a form that AWS does not have";
                    Error::invalid(PLACE, problem, REMEDY)
                })
            };
            self.kms_key.as_deref().map(parse).transpose()
        };
        match self.algorithm.as_deref() {
            None | Some("AES256") => Ok(Encryption::S3Managed),
            Some("aws:kms") => Ok(Encryption::Kms {
                key: key()?,
                context: None,
                bucket_key: Some(self.bucket_key),
            }),
            Some("aws:kms:dsse") => Ok(Encryption::DualLayerKms {
                key: key()?,
                context: None,
            }),
            Some(other) => Err(Error::invalid(
                PLACE,
                &format!("is {other:?}, which no request can ask for"),
                REMEDY,
            )),
        }
    }

    pub fn blocks_customer_keys(&self) -> bool {
        self.blocked.iter().any(|kind| kind == "SSE-C")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:kms:us-east-1:111122223333:key/01234567-89ab-cdef-0123-456789abcdef";

    fn mirror(algorithm: &str, key: Option<&str>, bucket_key: bool) -> Result<Encryption> {
        BucketEncryption {
            algorithm: Some(algorithm.into()),
            kms_key: key.map(Into::into),
            bucket_key,
            blocked: vec![],
        }
        .mirror()
    }

    #[test]
    fn nothing_is_lost() {
        assert_eq!(
            BucketEncryption::default().mirror().ok(),
            Some(Encryption::S3Managed)
        );
        assert_eq!(
            mirror("AES256", None, true).ok(),
            Some(Encryption::S3Managed)
        );
        let key = KmsKeyId::parse("k", ARN).ok();
        assert_eq!(
            mirror("aws:kms", Some(ARN), true).ok(),
            Some(Encryption::Kms {
                key: key.clone(),
                context: None,
                bucket_key: Some(true)
            })
        );
        assert_eq!(
            mirror("aws:kms:dsse", Some(ARN), true).ok(),
            Some(Encryption::DualLayerKms { key, context: None })
        );
        for (algorithm, key) in [("aws:fsx", None), ("aws:kms", Some("minio-key"))] {
            let error = mirror(algorithm, key, false).expect_err("no request can ask for it");
            assert!(
                error.message.contains("'bucket-default'"),
                "{}",
                error.message
            );
        }
    }
}

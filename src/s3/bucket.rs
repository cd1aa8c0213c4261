//! What a bucket tells about itself.

use super::client::Connection;
use super::failure::{failure, Failure};
use crate::encryption::BucketEncryption;

impl Connection {
    /// The bucket's default encryption. Needs `s3:GetEncryptionConfiguration`.
    pub async fn bucket_encryption(
        &self,
        bucket: &str,
        owner: Option<&str>,
    ) -> Result<BucketEncryption, Failure> {
        let exchange = self.untold_exchange();
        let reply = self
            .client()
            .get_bucket_encryption()
            .bucket(bucket)
            .set_expected_bucket_owner(owner.map(str::to_owned))
            .customize()
            .interceptor(exchange.clone())
            .send()
            .await;
        let reply = match reply {
            Ok(reply) => reply,
            Err(error) => {
                let failure = failure(error, &exchange);
                return match failure.error.name.as_str() {
                    "ServerSideEncryptionConfigurationNotFoundError" => {
                        Ok(BucketEncryption::default())
                    }
                    _ => Err(failure),
                };
            }
        };
        let rule = reply
            .server_side_encryption_configuration()
            .and_then(|configuration| configuration.rules().first());
        let default = rule.and_then(|rule| rule.apply_server_side_encryption_by_default());
        Ok(BucketEncryption {
            algorithm: default.map(|default| default.sse_algorithm().as_str().to_owned()),
            kms_key: default.and_then(|default| default.kms_master_key_id().map(str::to_owned)),
            bucket_key: rule
                .and_then(|rule| rule.bucket_key_enabled())
                .unwrap_or(false),
            blocked: rule
                .and_then(|rule| rule.blocked_encryption_types())
                .map(|blocked| {
                    blocked
                        .encryption_type()
                        .iter()
                        .map(|kind| kind.as_str().to_owned())
                        .collect()
                })
                .unwrap_or_default(),
        })
    }

    /// The bucket policy as JSON, or nothing where the bucket has none. Needs `s3:GetBucketPolicy`.
    pub async fn bucket_policy(
        &self,
        bucket: &str,
        owner: Option<&str>,
    ) -> Result<Option<String>, Failure> {
        let exchange = self.untold_exchange();
        let reply = self
            .client()
            .get_bucket_policy()
            .bucket(bucket)
            .set_expected_bucket_owner(owner.map(str::to_owned))
            .customize()
            .interceptor(exchange.clone())
            .send()
            .await;
        match reply {
            Ok(reply) => Ok(reply.policy().map(str::to_owned)),
            Err(error) => {
                let failure = failure(error, &exchange);
                match failure.error.name.as_str() {
                    "NoSuchBucketPolicy" => Ok(None),
                    _ => Err(failure),
                }
            }
        }
    }

    /// The Region in which the bucket lies, as S3 tells it even to callers that may not look inside.
    pub async fn bucket_region(&self, bucket: &str) -> Option<String> {
        self.head_bucket(bucket, None).await.region
    }

    /// Whether there is such a bucket, and `owner`'s if one is given. Needs `s3:ListBucket`.
    pub async fn head_bucket(&self, bucket: &str, owner: Option<&str>) -> HeadBucket {
        let exchange = self.untold_exchange();
        let reply = self
            .client()
            .head_bucket()
            .bucket(bucket)
            .set_expected_bucket_owner(owner.map(str::to_owned))
            .customize()
            .interceptor(exchange.clone())
            .send()
            .await;
        HeadBucket {
            found: reply.map(drop).map_err(|error| failure(error, &exchange)),
            region: exchange.bucket_region(),
        }
    }
}

pub struct HeadBucket {
    pub found: Result<(), Failure>,
    /// The Region in which the bucket lies; S3 tells it with refusals, too.
    pub region: Option<String>,
}

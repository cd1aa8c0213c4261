//! Settings of a bucket that no upload depends on.

use super::client::Connection;
use super::failure::{failure, Failure};

macro_rules! ask {
    ($self:expr, $request:expr) => {{
        let exchange = $self.untold_exchange();
        $request
            .customize()
            .interceptor(exchange.clone())
            .send()
            .await
            .map_err(|error| failure(error, &exchange))
    }};
}

/// The answer, or nothing where S3 says with the code `nothing` that there is none.
fn unless<T>(answer: Result<T, Failure>, nothing: &str) -> Result<Option<T>, Failure> {
    match answer {
        Ok(told) => Ok(Some(told)),
        Err(failure) if failure.error.name == nothing => Ok(None),
        Err(failure) => Err(failure),
    }
}

impl Connection {
    /// `Enabled` or `Suspended`; nothing where it was never enabled.
    pub async fn bucket_versioning(&self, bucket: &str) -> Result<Option<String>, Failure> {
        let reply = ask!(self, self.client().get_bucket_versioning().bucket(bucket))?;
        Ok(reply.status().map(|status| status.as_str().to_owned()))
    }

    /// The names of those of the four settings that are off; nothing where none was ever set.
    pub async fn public_access_gaps(
        &self,
        bucket: &str,
    ) -> Result<Option<Vec<&'static str>>, Failure> {
        let reply = ask!(self, self.client().get_public_access_block().bucket(bucket));
        let reply = unless(reply, "NoSuchPublicAccessBlockConfiguration")?;
        let Some(block) = reply.and_then(|reply| reply.public_access_block_configuration) else {
            return Ok(None);
        };
        let settings = [
            ("BlockPublicAcls", block.block_public_acls()),
            ("IgnorePublicAcls", block.ignore_public_acls()),
            ("BlockPublicPolicy", block.block_public_policy()),
            ("RestrictPublicBuckets", block.restrict_public_buckets()),
        ];
        let off = settings.into_iter().filter(|(_, on)| *on != Some(true));
        Ok(Some(off.map(|(name, _)| name).collect()))
    }

    /// `BucketOwnerEnforced`, `BucketOwnerPreferred` or `ObjectWriter`; nothing where it was never set.
    pub async fn object_ownership(&self, bucket: &str) -> Result<Option<String>, Failure> {
        let reply = ask!(
            self,
            self.client().get_bucket_ownership_controls().bucket(bucket)
        );
        let reply = unless(reply, "OwnershipControlsNotFoundError")?;
        let controls = reply.and_then(|reply| reply.ownership_controls);
        Ok(controls.and_then(|controls| {
            let rule = controls.rules().first()?;
            Some(rule.object_ownership().as_str().to_owned())
        }))
    }

    /// Deletes one version of an object; without `version` the object of a bucket that keeps none.
    pub async fn delete_object(
        &self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
        owner: Option<&str>,
    ) -> Result<(), Failure> {
        let delete = self
            .client()
            .delete_object()
            .bucket(bucket)
            .key(key)
            .set_version_id(version.map(str::to_owned))
            .set_expected_bucket_owner(owner.map(str::to_owned));
        ask!(self, delete).map(drop)
    }
}

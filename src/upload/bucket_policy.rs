//! The policy of the bucket that an upload would go to.

use super::Plan;
use crate::error::Result;
use crate::s3::Credentials;

const REMEDY: &str = "Allow s3:GetBucketPolicy on the bucket, or give the policy itself";

impl Plan {
    /// The policy as JSON, or nothing where the bucket has none.
    pub async fn bucket_policy(self, credentials: Credentials) -> Result<Option<String>> {
        let mut connection = self.connect(&credentials).await?;
        let bucket = &self.object.bucket;
        let owner = self.object.fields.text("ExpectedBucketOwner");
        let mut asked = connection.bucket_policy(bucket, owner).await;
        if let Err(failure) = &asked {
            if connection.follow(failure).await? {
                asked = connection.bucket_policy(bucket, owner).await;
            }
        }
        asked.map_err(|failure| {
            let is_refusal = failure.error.name == "AccessDenied";
            let mut error = self.explain_plainly(failure);
            if is_refusal {
                error.hint = Some(REMEDY.to_owned());
            }
            error
        })
    }
}

//! Is there such a bucket, where, and whose?

use super::finding::{permission, unanswered, Finding, Id, Unanswered};
use super::Check;
use crate::error::{Origin, Result};
use crate::s3::{Connection, Failure};

pub(super) struct Access {
    pub findings: Vec<Finding>,
    pub is_missing: bool,
}

impl Check {
    /// Follows the bucket to its Region, whatever the settings say of redirects: the rest of the
    /// check is about the bucket.
    pub(super) async fn access(&self, connection: &mut Connection) -> Result<Access> {
        let bucket = &self.plan.object.bucket;
        let configured = connection.region().to_owned();
        let mut head = connection.head_bucket(bucket, None).await;
        if let Some(region) = head.region.take().filter(|region| *region != configured) {
            connection.move_to(region).await?;
            head = connection.head_bucket(bucket, None).await;
        }
        let found = match head.found {
            // Nothing answers: no question would be answered.
            Err(failure) if failure.error.origin != Origin::Service => {
                return Err(self.plan.explain_plainly(failure))
            }
            found => found,
        };
        let status = |found: &Result<(), Failure>| match found {
            Ok(()) => Some(200),
            Err(failure) => failure.error.metadata.http_status,
        };
        let is_missing = status(&found) == Some(404);
        let answers = found.is_ok();
        let mut findings = vec![self.exists(found)?];
        if !is_missing {
            findings.push(self.region(connection, &configured));
            findings.push(self.owner(connection, answers).await?);
        }
        Ok(Access {
            findings,
            is_missing,
        })
    }

    fn exists(&self, found: Result<(), Failure>) -> Result<Finding> {
        let bucket = &self.plan.object.bucket;
        let id = Id::BucketExists;
        let what = format!("Whether bucket {bucket} exists");
        Ok(match found {
            Ok(()) => Finding::ok(id, format!("Bucket {bucket} exists")),
            Err(failure) if failure.error.metadata.http_status == Some(404) => Finding::problem(
                id,
                format!("Bucket {bucket} does not exist"),
                "Check its name, the account and the endpoint, or create it",
            ),
            Err(failure) => unanswered(failure.error)?.finding(id, &what, "HeadBucket"),
        })
    }

    fn region(&self, connection: &Connection, configured: &str) -> Finding {
        let bucket = &self.plan.object.bucket;
        let (id, region) = (Id::Region, connection.region());
        let settings = &connection.settings;
        let setting = &settings.region_setting;
        if region == configured {
            return Finding::ok(id, format!("Bucket {bucket} answers in Region {region}"));
        }
        let message =
            format!("Bucket {bucket} is in Region {region}, and {setting} is {configured}");
        let remedy = format!("Set {setting} to {region}");
        if settings.follow_region_redirects {
            return Finding::warning(
                id,
                format!("{message}: every first request is sent twice"),
                remedy,
            );
        }
        Finding::problem(
            id,
            message,
            format!("{remedy}, or followRegionRedirects to true"),
        )
    }

    async fn owner(&self, connection: &Connection, answers: bool) -> Result<Finding> {
        let bucket = &self.plan.object.bucket;
        let id = Id::Owner;
        let Some(expected) = self.plan.object.fields.text("ExpectedBucketOwner") else {
            let finding = Finding::skipped(id, "No owner is expected, so none was compared");
            return Ok(finding.remedy(
                "Set expectedBucketOwner to the account id of the bucket's owner: a bucket of the same name in another account is then refused",
            ));
        };
        let head = connection.head_bucket(bucket, Some(expected)).await;
        Ok(match head.found {
            Ok(()) => Finding::ok(id, format!("Bucket {bucket} belongs to account {expected}")),
            Err(failure) => match unanswered(failure.error)? {
                // Without the owner it was not refused.
                Unanswered::Denied if answers => Finding::problem(
                    id,
                    format!("Bucket {bucket} does not belong to account {expected}"),
                    "Check the bucket's name and expectedBucketOwner: uploads are refused",
                ),
                Unanswered::Denied => {
                    Finding::denied(id, "The bucket's owner", &permission("HeadBucket"))
                }
                other => other.finding(id, "The bucket's owner", "HeadBucket"),
            },
        })
    }
}

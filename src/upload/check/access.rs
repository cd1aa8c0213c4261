//! Is there such a bucket, where, and whose?

use super::finding::{permission, unanswered, Finding, Id, Unanswered};
use super::Check;
use crate::error::{Origin, Result};
use crate::s3::{Connection, Failure};

pub(super) struct Access {
    pub findings: Vec<Finding>,
    pub is_missing: bool,
    /// Whether S3 let the caller look, when no owner was expected.
    pub answers: bool,
}

impl Check {
    /// Follows the bucket to its Region, whatever the settings say of redirects: the rest of the
    /// check is about the bucket.
    pub(super) async fn access(&self, connection: &mut Connection) -> Result<Access> {
        let bucket = &self.plan.object.bucket;
        let configured = connection.region().to_owned();
        let mut head = connection.head_bucket(bucket, None).await;
        // A server that answers is in the right Region, by whatever name it calls its own.
        let elsewhere = match &head.region {
            Some(region) if head.found.is_err() && !region.is_empty() => *region != configured,
            _ => false,
        };
        if let (true, Some(region)) = (elsewhere, head.region.take()) {
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
        let answers = found.is_ok();
        let is_missing = found.as_ref().is_err_and(is_not_found);
        let mut findings = vec![self.exists(found)?];
        if !is_missing {
            let is_known = answers || head.region.is_some();
            findings.push(self.region(connection, &configured, is_known));
        }
        Ok(Access {
            findings,
            is_missing,
            answers,
        })
    }

    fn exists(&self, found: Result<(), Failure>) -> Result<Finding> {
        let bucket = &self.plan.object.bucket;
        let id = Id::BucketExists;
        let what = format!("Whether bucket {bucket} exists");
        Ok(match found {
            Ok(()) => Finding::ok(id, format!("Bucket {bucket} exists")),
            Err(failure) if is_not_found(&failure) => Finding::problem(
                id,
                format!("Bucket {bucket} does not exist"),
                "Check its name, the account and the endpoint, or create it",
            ),
            Err(failure) => unanswered(failure.error)?.finding(id, &what, "HeadBucket"),
        })
    }

    fn region(&self, connection: &Connection, configured: &str, is_known: bool) -> Finding {
        let bucket = &self.plan.object.bucket;
        let (id, region) = (Id::Region, connection.region());
        let settings = &connection.settings;
        let setting = &settings.region_setting;
        if !is_known {
            return Finding::skipped(id, "The server does not say in which Region the bucket is");
        }
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

    pub(super) async fn owner(&self, connection: &Connection, answers: bool) -> Result<Finding> {
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

fn is_not_found(failure: &Failure) -> bool {
    failure.error.metadata.http_status == Some(404)
}

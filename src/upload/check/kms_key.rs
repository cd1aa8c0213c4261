//! The KMS key that the upload leads to: is it there, and can S3 use it?

use super::encryption::Asked;
use super::finding::{permission, unanswered, Finding, Id, Unanswered};
use super::Check;
use crate::encryption::{check_region, Choice, Encryption};
use crate::error::Error;
use crate::policy::partition;
use crate::s3::{Connection, KmsKey};

const ID: Id = Id::KmsKey;

impl Check {
    pub(super) async fn kms_key(&self, connection: &Connection, asked: &Asked) -> Finding {
        let Ok(choice) = &asked.choice else {
            return Finding::skipped(
                ID,
                "It is not known which encryption the upload would ask for",
            );
        };
        let key = match key_of(choice, asked) {
            Key::Named(key) => key,
            Key::Managed => {
                return Finding::skipped(
                    ID,
                    "The AWS-managed key aws/s3 is used, which S3 itself creates and keeps",
                )
            }
            Key::None => return Finding::skipped(ID, "The upload uses no KMS key"),
        };
        if let Err(error) = check_region(choice, connection.region(), "the bucket's Region") {
            return Finding::of_error(ID, &error);
        }
        let Some(endpoint) = endpoint(connection, &self.plan.object.bucket) else {
            return Finding::skipped(
                ID,
                "The endpoint is not one of AWS, so it is not known where its KMS answers",
            )
            .remedy(WHERE);
        };
        match connection.describe_key(&endpoint, &key).await {
            Ok(told) => of_key(&key, &told),
            Err(failure) => of_refusal(&key, connection.region(), failure.error),
        }
    }
}

const WHERE: &str = "Set kmsEndpoint or AWS_ENDPOINT_URL_KMS";

fn of_refusal(key: &str, region: &str, error: Error) -> Finding {
    match error.name.as_str() {
        "NotFoundException" => {
            return Finding::problem(
                ID,
                format!("KMS knows no key {key} in Region {region}"),
                "Give the full ARN of an existing key in the bucket's Region",
            )
        }
        "AccessDeniedException" => return denied(key),
        _ => {}
    }
    let unread =
        |why: String| Finding::skipped(ID, format!("KMS key {key} could not be read: {why}"));
    match unanswered(error) {
        Ok(Unanswered::Denied) => denied(key),
        Ok(Unanswered::Unknown(told)) => unread(format!("no KMS answers ({told})")).remedy(WHERE),
        Ok(Unanswered::Failed(why)) => unread(why),
        // Its quarrel with the caller is not S3's.
        Err(error) => unread(format!("the server answered {}", error.name)),
    }
}

fn denied(key: &str) -> Finding {
    Finding::denied(
        ID,
        &format!("KMS key {key}"),
        &permission("kms:DescribeKey"),
    )
}

enum Key {
    Named(String),
    Managed,
    None,
}

fn key_of(choice: &Choice, asked: &Asked) -> Key {
    let named = |key: Option<&str>| key.map_or(Key::Managed, |key| Key::Named(key.to_owned()));
    match &choice.encryption {
        Encryption::Kms { .. } | Encryption::DualLayerKms { .. } => {
            named(choice.encryption.kms_key().map(|key| key.as_str()))
        }
        Encryption::BucketDefault => match &asked.default {
            Ok(default)
                if default
                    .algorithm
                    .as_deref()
                    .is_some_and(|a| a.starts_with("aws:kms")) =>
            {
                named(default.kms_key.as_deref())
            }
            _ => Key::None,
        },
        Encryption::S3Managed | Encryption::CustomerKey(_) => Key::None,
    }
}

/// Where KMS answers; nothing for a server that is not AWS's, unless it is told.
fn endpoint(connection: &Connection, bucket: &str) -> Option<String> {
    let settings = &connection.settings;
    if let Some(endpoint) = &settings.kms_endpoint {
        return Some(endpoint.clone());
    }
    let region = connection.region();
    let suffix = partition::dns_suffix(partition::of_region(region))?;
    let is_aws = settings.server(bucket).is_none_or(|server| {
        let host = server.host();
        host.is_some_and(|host| host.ends_with(&format!(".{suffix}")))
    });
    let fips = if settings.use_fips { "-fips" } else { "" };
    is_aws.then(|| format!("https://kms{fips}.{region}.{suffix}"))
}

fn of_key(key: &str, told: &KmsKey) -> Finding {
    let other = "or use another key";
    let what = match &told.arn {
        Some(arn) if arn != key => format!("KMS key {key} ({arn})"),
        _ => format!("KMS key {key}"),
    };
    let usable =
        |value: &Option<String>, wanted: &str| value.as_deref().is_none_or(|value| value == wanted);
    if !usable(&told.spec, "SYMMETRIC_DEFAULT") || !usable(&told.usage, "ENCRYPT_DECRYPT") {
        return Finding::problem(
            ID,
            format!("{what} is not a symmetric encryption key"),
            "Use a symmetric key: S3 takes no other",
        );
    }
    let remedy = match told.state.as_str() {
        "Enabled" if told.aws_managed => {
            return Finding::warning(
                ID,
                format!("{what} is enabled and managed by AWS"),
                "Use a key of your own: this one's policy cannot be changed, and other accounts cannot use it",
            )
        }
        "Enabled" => return Finding::ok(ID, format!("{what} is enabled")),
        "Disabled" => format!("Enable it, {other}"),
        "PendingDeletion" | "PendingReplicaDeletion" => {
            format!("Cancel its deletion and enable it, {other}: what it encrypted is lost with it")
        }
        "PendingImport" => format!("Import its key material, {other}"),
        _ => format!("Wait until it is enabled, {other}"),
    };
    let state = &told.state;
    Finding::problem(ID, format!("{what} cannot be used: it is {state}"), remedy)
}

#[cfg(test)]
mod tests {
    use super::super::finding::Status;
    use super::*;

    #[test]
    fn one_finding_for_each_state() {
        let key = |state: &str, spec: &str, aws_managed| KmsKey {
            arn: Some("arn".into()),
            state: state.into(),
            spec: Some(spec.into()),
            usage: Some("ENCRYPT_DECRYPT".into()),
            aws_managed,
        };
        let symmetric = "SYMMETRIC_DEFAULT";
        for (told, status) in [
            (key("Enabled", symmetric, false), Status::Ok),
            (key("Enabled", symmetric, true), Status::Warning),
            (key("Enabled", "RSA_2048", false), Status::Problem),
            (key("Disabled", symmetric, false), Status::Problem),
            (key("PendingDeletion", symmetric, false), Status::Problem),
            (key("PendingImport", symmetric, false), Status::Problem),
            (key("Unavailable", symmetric, false), Status::Problem),
        ] {
            let finding = of_key("alias/state", &told);
            assert_eq!(finding.status, status, "{told:?}");
            assert!(finding.message.contains("alias/state"));
            assert_eq!(finding.remedy.is_none(), status == Status::Ok);
        }
    }
}

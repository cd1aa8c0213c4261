//! Versioning, public access and object ownership.

use super::finding::{Finding, Id, Unanswered};

type Answer<T> = Result<T, Unanswered>;

pub(super) fn versioning(told: Answer<Option<String>>) -> Finding {
    let id = Id::Versioning;
    let remedy = "Enable it with PutBucketVersioning, and let a lifecycle rule expire old versions";
    match told {
        Ok(Some(status)) if status == "Enabled" => Finding::ok(
            id,
            "Versioning is enabled: a state that was overwritten can be restored",
        ),
        Ok(Some(_)) => Finding::warning(
            id,
            "Versioning is suspended: a state that is overwritten is lost",
            remedy,
        ),
        Ok(None) => Finding::warning(
            id,
            "Versioning is not enabled: a state that is overwritten is lost",
            remedy,
        ),
        Err(why) => why.finding(id, "Versioning", "GetBucketVersioning"),
    }
}

pub(super) fn public_access(told: Answer<Option<Vec<&str>>>) -> Finding {
    let id = Id::PublicAccessBlock;
    let remedy = "Turn all four settings on with PutPublicAccessBlock";
    match told {
        Ok(Some(off)) if off.is_empty() => Finding::ok(id, "All public access is blocked"),
        Ok(Some(off)) => Finding::warning(
            id,
            format!("Public access is not blocked: {} off", is_or_are(&off)),
            remedy,
        ),
        Ok(None) => Finding::warning(
            id,
            "The bucket does not block public access itself; only the account's settings may",
            remedy,
        ),
        Err(why) => why.finding(id, "The public access block", "GetPublicAccessBlock"),
    }
}

fn is_or_are(names: &[&str]) -> String {
    let verb = if names.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", names.join(", "))
}

pub(super) fn ownership(told: Answer<Option<String>>) -> Finding {
    let id = Id::ObjectOwnership;
    let remedy = "Set BucketOwnerEnforced with PutBucketOwnershipControls";
    match told {
        Ok(Some(rule)) if rule == "BucketOwnerEnforced" => Finding::ok(
            id,
            "The bucket's owner owns every object, and ACLs are disabled",
        ),
        Ok(Some(rule)) => Finding::warning(
            id,
            format!("Object ownership is {rule}: ACLs can share a state past the policy"),
            remedy,
        ),
        Ok(None) => Finding::warning(
            id,
            "Object ownership is not set: ACLs can share a state past the policy",
            remedy,
        ),
        Err(why) => why.finding(id, "Object ownership", "GetBucketOwnershipControls"),
    }
}

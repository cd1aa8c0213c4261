//! The table of condition keys: where each gets its value.
//!
//! Sources: Service Authorization Reference for S3, "AWS global condition
//! context keys" in the IAM User Guide, and measurements cited in
//! `facts/s3-encryption.md`, section 2.

use super::condition_key::{KeyValue, Keys, CUSTOMER_ALGORITHM, KMS_KEY, PRINCIPAL_ARN, SSE};
use super::operation::Creation;
use super::tagging::{tag, tag_keys};

/// Where a key's value comes from when the context does not say.
pub enum Source {
    /// This header of the request; absent without it.
    Header(&'static str),
    /// The same, but for the parts and the completion of a multipart upload
    /// the header was sent with `CreateMultipartUpload`.
    CreateHeader(&'static str),
    /// Always this.
    Known(&'static str),
    /// Never there.
    Absent,
    /// Only the context can tell.
    Unknown,
    /// Follows from the rest; the second argument is what stands after the
    /// `/` of a key with a tag name.
    Computed(fn(&Keys, &str) -> KeyValue),
}

/// One row.
pub struct Row {
    /// A key, or with a final `/` all keys that start so.
    pub key: &'static str,
    /// Where its value comes from.
    pub source: Source,
    /// Why; for an unknown key, what it would tell.
    pub reason: &'static str,
}

const fn row(key: &'static str, source: Source, reason: &'static str) -> Row {
    Row {
        key,
        source,
        reason,
    }
}

use Source::{Absent, Computed, CreateHeader, Header, Known, Unknown};

#[rustfmt::skip]
const KEYS: &[Row] = &[
    // Encryption.
    row(SSE, CreateHeader("x-amz-server-side-encryption"), "from the header only, never from the bucket's default (measured: opentofu #2970, aws-cdk #11265)"),
    row(KMS_KEY, CreateHeader("x-amz-server-side-encryption-aws-kms-key-id"), "from the header, or the key that S3 really uses: see reading.rs"),
    row(CUSTOMER_ALGORITHM, Header("x-amz-server-side-encryption-customer-algorithm"), "must be sent with every part and the completion, too"),
    // Other headers of a write.
    row("s3:x-amz-acl", CreateHeader("x-amz-acl"), "absent without the header, although the ACL is then private"),
    row("s3:x-amz-grant-full-control", CreateHeader("x-amz-grant-full-control"), "header"),
    row("s3:x-amz-grant-read", CreateHeader("x-amz-grant-read"), "header"),
    row("s3:x-amz-grant-read-acp", CreateHeader("x-amz-grant-read-acp"), "header"),
    row("s3:x-amz-grant-write", CreateHeader("x-amz-grant-write"), "header"),
    row("s3:x-amz-grant-write-acp", CreateHeader("x-amz-grant-write-acp"), "header"),
    row("s3:x-amz-storage-class", CreateHeader("x-amz-storage-class"), "absent without the header, although the class is then STANDARD"),
    row("s3:x-amz-website-redirect-location", CreateHeader("x-amz-website-redirect-location"), "header"),
    row("s3:x-amz-metadata-directive", Header("x-amz-metadata-directive"), "CopyObject only"),
    row("s3:x-amz-copy-source", Header("x-amz-copy-source"), "copies only"),
    row("s3:x-amz-object-ownership", Header("x-amz-object-ownership"), "CreateBucket only"),
    row("s3:object-lock-mode", CreateHeader("x-amz-object-lock-mode"), "header"),
    row("s3:object-lock-retain-until-date", CreateHeader("x-amz-object-lock-retain-until-date"), "header"),
    row("s3:object-lock-legal-hold", CreateHeader("x-amz-object-lock-legal-hold"), "header"),
    row("s3:object-lock-remaining-retention-days", Computed(remaining_days), "counted by S3 from the date in the header"),
    row("s3:if-match", Header("if-match"), "conditional writes; not taken by CreateMultipartUpload and UploadPart"),
    row("s3:if-none-match", Header("if-none-match"), "conditional writes; not taken by CreateMultipartUpload and UploadPart"),
    row("s3:ObjectCreationOperation", Computed(creation), "exempts the steps of a multipart upload that take no conditional header"),
    row("s3:RequestObjectTagKeys", Computed(tag_keys), "the names in x-amz-tagging"),
    row("s3:RequestObjectTag/", Computed(tag), "one value of x-amz-tagging"),
    row("aws:Referer", Header("referer"), "no client sends it unasked"),
    row("aws:UserAgent", Computed(user_agent), "always sent; its text depends on the client"),
    // How the request travels and is signed.
    row("aws:SecureTransport", Known("true"), "uploads go over https; say false for a plain http endpoint"),
    row("s3:TlsVersion", Computed(tls_version), "1.3 is what the client negotiates with S3; absent over http"),
    row("s3:signatureversion", Known("AWS4-HMAC-SHA256"), "the only signature that the client makes"),
    row("s3:authType", Known("REST-HEADER"), "signed in the Authorization header, not presigned"),
    row("s3:signatureAge", Computed(signature_age), "works for presigned requests only"),
    row("s3:x-amz-content-sha256", Computed(content_sha256), "the body is signed, so it is a hash and never UNSIGNED-PAYLOAD"),
    // A direct call of a deployment tool, not of an AWS service.
    row("aws:PrincipalIsAWSService", Known("false"), "the caller is a user or a role"),
    row("aws:ViaAWSService", Known("false"), "no service calls on our behalf"),
    row("aws:CalledVia", Absent, "no service calls on our behalf"),
    row("aws:CalledViaFirst", Absent, "no service calls on our behalf"),
    row("aws:CalledViaLast", Absent, "no service calls on our behalf"),
    row("aws:SourceArn", Absent, "set only when a service calls for a resource"),
    row("aws:SourceAccount", Absent, "set only when a service calls for a resource"),
    row("aws:SourceOrgID", Absent, "set only when a service calls for a resource"),
    row("aws:SourceOrgPaths", Absent, "set only when a service calls for a resource"),
    row("aws:PrincipalServiceName", Absent, "set only for service principals"),
    row("aws:PrincipalServiceNamesList", Absent, "set only for service principals"),
    row("s3:DataAccessPointArn", Computed(access_point), "set only through an access point"),
    row("s3:DataAccessPointAccount", Computed(access_point), "set only through an access point"),
    row("s3:AccessPointNetworkOrigin", Computed(access_point), "set only through an access point"),
    // Of other operations.
    row("s3:prefix", Computed(not_on_writes), "a parameter of listings"),
    row("s3:delimiter", Computed(not_on_writes), "a parameter of listings"),
    row("s3:max-keys", Computed(not_on_writes), "a parameter of listings"),
    row("s3:VersionId", Computed(not_on_writes), "names a version to read or delete"),
    row("s3:ExistingObjectTag/", Computed(not_on_writes), "not offered for s3:PutObject"),
    // Who calls.
    row(PRINCIPAL_ARN, Unknown, "the caller; sts:GetCallerIdentity tells"),
    row("aws:PrincipalAccount", Computed(principal_account), "the caller's account; sts:GetCallerIdentity tells"),
    row("aws:username", Computed(username), "the caller's user name; roles have none"),
    row("aws:userid", Unknown, "the caller's unique id; sts:GetCallerIdentity tells"),
    row("aws:PrincipalType", Computed(principal_type), "the kind of caller; sts:GetCallerIdentity tells"),
    row("aws:PrincipalOrgID", Unknown, "the caller's organization"),
    row("aws:PrincipalOrgPaths", Unknown, "the caller's place in its organization"),
    row("aws:PrincipalTag/", Unknown, "a tag of the caller"),
    row("aws:FederatedProvider", Unknown, "the provider that issued the session"),
    row("aws:MultiFactorAuthPresent", Unknown, "how the caller signed in"),
    row("aws:MultiFactorAuthAge", Unknown, "how the caller signed in"),
    row("aws:TokenIssueTime", Unknown, "when the session began"),
    row("aws:SourceIdentity", Unknown, "set when the role was assumed"),
    // Where from, and when.
    row("aws:SourceIp", Unknown, "the caller's address as S3 sees it"),
    row("aws:VpcSourceIp", Unknown, "the caller's address within its VPC"),
    row("aws:SourceVpc", Unknown, "the VPC of the endpoint in use"),
    row("aws:SourceVpce", Unknown, "the VPC endpoint in use"),
    row("aws:SourceVpcArn", Unknown, "the VPC of the endpoint in use"),
    row("aws:VpceAccount", Unknown, "the owner of the VPC endpoint in use"),
    row("aws:VpceOrgID", Unknown, "the owner of the VPC endpoint in use"),
    row("aws:VpceOrgPaths", Unknown, "the owner of the VPC endpoint in use"),
    row("aws:Ec2InstanceSourceVpc", Unknown, "where the credentials were issued"),
    row("aws:Ec2InstanceSourcePrivateIPv4", Unknown, "where the credentials were issued"),
    row("aws:RequestedRegion", Unknown, "the Region of the endpoint"),
    row("aws:CurrentTime", Unknown, "the time of the request"),
    row("aws:EpochTime", Unknown, "the time of the request"),
    // Whose bucket.
    row("aws:ResourceAccount", Unknown, "the bucket's owner"),
    row("s3:ResourceAccount", Computed(resource_account), "the bucket's owner, as aws:ResourceAccount"),
    row("aws:ResourceOrgID", Unknown, "the bucket owner's organization"),
    row("aws:ResourceOrgPaths", Unknown, "the bucket owner's organization"),
    row("aws:ResourceTag/", Unknown, "a tag of the bucket"),
    row("s3:BucketTag/", Unknown, "a tag of the bucket"),
];

/// The row of a key, and what stands after the `/` of a key with a tag name.
pub fn lookup(key: &str) -> Option<(&'static Row, &str)> {
    KEYS.iter().find_map(|row| {
        if row.key.ends_with('/') {
            let (head, tail) = key.split_at_checked(row.key.len())?;
            return head.eq_ignore_ascii_case(row.key).then_some((row, tail));
        }
        row.key.eq_ignore_ascii_case(key).then_some((row, ""))
    })
}

fn creation(keys: &Keys, _: &str) -> KeyValue {
    match keys.request().operation.creation {
        Creation::None => KeyValue::Absent,
        Creation::Whole | Creation::Completes => KeyValue::one("true"),
        Creation::Opens | Creation::Part => KeyValue::one("false"),
    }
}

fn tls_version(keys: &Keys, _: &str) -> KeyValue {
    match keys.get("aws:SecureTransport").single() {
        Some(value) if value.eq_ignore_ascii_case("false") => KeyValue::Absent,
        Some(_) => KeyValue::one("1.3"),
        None => KeyValue::Unknown("depends on whether the request goes over https"),
    }
}

fn signature_age(keys: &Keys, _: &str) -> KeyValue {
    match keys.get("s3:authType").single() {
        Some("REST-HEADER") => KeyValue::Absent,
        _ => KeyValue::Unknown("the age of a presigned request"),
    }
}

/// Stands for a hash that is known only with the body, and equals nothing
/// that a policy could name.
fn content_sha256(keys: &Keys, _: &str) -> KeyValue {
    match keys.header("x-amz-content-sha256") {
        KeyValue::Absent => KeyValue::one("(the SHA-256 of the body)"),
        sent => sent,
    }
}

fn user_agent(keys: &Keys, _: &str) -> KeyValue {
    match keys.header("user-agent") {
        KeyValue::Absent => KeyValue::Unknown("the client's User-Agent"),
        sent => sent,
    }
}

fn remaining_days(keys: &Keys, _: &str) -> KeyValue {
    match keys.get("s3:object-lock-retain-until-date") {
        KeyValue::Values(_) => KeyValue::Unknown("counted by S3 from today"),
        other => other,
    }
}

fn access_point(keys: &Keys, _: &str) -> KeyValue {
    // An access point is addressed by its ARN or by an alias with this ending.
    let bucket = &keys.request().bucket;
    match bucket.starts_with("arn:") || bucket.ends_with("-s3alias") {
        true => KeyValue::Unknown("the access point in use"),
        false => KeyValue::Absent,
    }
}

fn not_on_writes(keys: &Keys, _: &str) -> KeyValue {
    match keys.request().operation.writes() {
        true => KeyValue::Absent,
        false => KeyValue::Unknown("a parameter of this operation"),
    }
}

fn principal_account(keys: &Keys, _: &str) -> KeyValue {
    let arn = keys.declared_principal().and_then(super::arn::parts);
    match arn {
        Some([.., account, _]) => KeyValue::one(account),
        None => KeyValue::Unknown("the caller's account; sts:GetCallerIdentity tells"),
    }
}

/// IAM User Guide, "Principal key values".
fn principal_type(keys: &Keys, _: &str) -> KeyValue {
    let arn = keys.declared_principal().and_then(super::arn::parts);
    let kind = match arn {
        Some([_, _, "iam", _, _, "root"]) => Some("Account"),
        Some([_, _, "iam", _, _, user]) if user.starts_with("user/") => Some("User"),
        Some([_, _, "iam", _, _, role]) if role.starts_with("role/") => Some("AssumedRole"),
        Some([_, _, "sts", _, _, session]) if session.starts_with("assumed-role/") => {
            Some("AssumedRole")
        }
        Some([_, _, "sts", _, _, user]) if user.starts_with("federated-user/") => {
            Some("FederatedUser")
        }
        _ => None,
    };
    kind.map_or(KeyValue::Unknown("the kind of caller"), KeyValue::one)
}

fn resource_account(keys: &Keys, _: &str) -> KeyValue {
    keys.get("aws:ResourceAccount")
}

fn username(keys: &Keys, _: &str) -> KeyValue {
    let arn = keys.declared_principal().and_then(super::arn::parts);
    match arn {
        Some([.., resource]) => match resource.strip_prefix("user/") {
            Some(path) => KeyValue::one(path.rsplit('/').next().unwrap_or(path)),
            None => KeyValue::Absent,
        },
        None => KeyValue::Unknown("the caller's user name"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_once() {
        for (index, row) in KEYS.iter().enumerate() {
            let twin = KEYS
                .iter()
                .skip(index + 1)
                .find(|other| other.key.eq_ignore_ascii_case(row.key));
            assert!(twin.is_none(), "{}", row.key);
            assert!(!row.reason.is_empty(), "{}", row.key);
        }
    }
}

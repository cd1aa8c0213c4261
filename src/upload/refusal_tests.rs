use super::*;
use crate::encryption::{KmsKeyId, Source};
use crate::error::Origin;

const ARN: &str = "arn:aws:kms:us-east-1:111122223333:key/01234567-89ab-cdef-0123-456789abcdef";

fn choice(encryption: Encryption) -> Choice {
    Choice {
        encryption,
        source: Source::Config,
        key_setting: None,
    }
}

fn kms() -> Choice {
    choice(Encryption::Kms {
        key: KmsKeyId::parse("k", ARN).ok(),
        context: None,
        bucket_key: None,
    })
}

#[test]
fn one_case_a_row() {
    let user = "User: arn:aws:iam::111122223333:user/u is not authorized to perform: s3:PutObject on resource: \"arn:aws:s3:::b/k\"";
    let cases = [
        ("AccessDenied", "x because this bucket has blocked upload requests that specify Server Side Encryption with Customer provided keys (SSE-C). Please".to_owned(), "blocks SSE-C"),
        ("AccessDenied", format!("User: u is not authorized to perform: kms:GenerateDataKey on resource: {ARN} because no session policy allows it"), "Allow kms:GenerateDataKey on KMS key arn"),
        ("AccessDenied", format!("{user} with an explicit deny in a resource-based policy"), "policy of bucket b refused aws:kms"),
        ("AccessDenied", format!("{user} with an explicit deny in a service control policy"), "service control policy"),
        ("AccessDenied", format!("{user} with an explicit deny in a resource control policy"), "resource control policy"),
        ("AccessDenied", format!("{user} with an explicit deny in an identity-based policy"), "caller's own policy"),
        ("AccessDenied", format!("{user} because no permissions boundary allows the s3:PutObject action"), "permissions boundary"),
        ("AccessDenied", format!("{user} because no session policy allows the s3:PutObject action"), "session policy"),
        ("AccessDenied", format!("{user} because no VPC endpoint policy allows the s3:PutObject action"), "VPC endpoint"),
        ("AccessDenied", format!("{user} because no resource-based policy allows the s3:PutObject action"), "another account"),
        ("AccessDenied", format!("{user} because no identity-based policy allows the s3:PutObject action"), "no permission for s3:PutObject"),
        ("AccessDenied", "Access Denied".to_owned(), "did not say why"),
        ("NoSuchBucket", String::new(), "does not exist"),
        ("PermanentRedirect", String::new(), "another Region"),
        ("KMS.NotFoundException", String::new(), "does not know KMS key arn"),
        ("KMS.DisabledException", String::new(), "Enable KMS key arn"),
        ("KMS.KMSInvalidStateException", String::new(), "Cancel the deletion"),
        ("KMS.ThrottlingException", String::new(), "bucketKeyEnabled"),
        ("RequestTimeTooSkewed", String::new(), "clock"),
        ("ExpiredToken", String::new(), "Renew"),
        ("InvalidAccessKeyId", String::new(), "access key"),
        ("SignatureDoesNotMatch", String::new(), "secret access key"),
        ("PreconditionFailed", String::new(), "IfMatch"),
        ("EntityTooLarge", String::new(), "5 GiB"),
    ];
    assert_eq!(cases.len(), ROWS.len());
    for ((code, message, expected), row) in cases.into_iter().zip(ROWS) {
        let error = Error::new(Origin::Service, code, message);
        let kms = kms();
        let asked = Asked {
            bucket: "b",
            choice: Some(&kms),
        };
        let told = hint(&error, &asked).expect(code);
        assert!(told.contains(expected), "{told}");
        assert_eq!(
            told,
            (row.hint)(&error, &asked),
            "another row answered {code}"
        );
    }
}

#[test]
fn the_policy_names_statement_and_way_out() {
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Sid":"DenyNoHeader","Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*","Condition":{"StringNotEquals":{"s3:x-amz-server-side-encryption":"aws:kms"}}}]}"#;
    let put = |algorithm: &str| {
        let request = Request::new(crate::policy::Operation::put_object(), "b", "k");
        request.header("x-amz-server-side-encryption", algorithm)
    };
    assert_eq!(
        ask_policy(policy, &put("AES256")).as_deref(),
        Some("The policy of bucket b denies this put in statement DenyNoHeader; it accepts serverSideEncryption aws:kms with the AWS-managed key")
    );
    assert_eq!(ask_policy(policy, &put("aws:kms")), None);
    let endpoint = policy.replace("s3:x-amz-server-side-encryption", "aws:SourceVpce");
    assert_eq!(
        ask_policy(&endpoint, &put("aws:kms")).as_deref(),
        Some("The policy of bucket b may have denied this put in statement DenyNoHeader; it depends on aws:SourceVpce")
    );
    let named = policy.replace(
        r#"{"s3:x-amz-server-side-encryption":"aws:kms"}"#,
        r#"{"s3:x-amz-server-side-encryption-aws-kms-key-id":"arn:aws:kms:us-east-1:111122223333:key/01234567-89ab-cdef-0123-456789abcdef"}"#,
    );
    let alias = put("aws:kms").header("x-amz-server-side-encryption-aws-kms-key-id", "alias/state");
    let told = ask_policy(&named, &alias).expect("a guess");
    let expected =
        "may have denied this put in statement DenyNoHeader; Send the full key ARN (arn:";
    assert!(told.contains(expected), "{told}");
    assert_eq!(ask_policy("not a policy", &put("aws:kms")), None);
}

#[test]
fn the_key_that_kms_refused_is_named_though_nobody_asked_for_it() {
    let message = format!("User: arn:aws:iam::111122223333:user/u is not authorized to perform: kms:GenerateDataKey on resource: {ARN} because no identity-based policy allows it");
    let error = Error::new(Origin::Service, "AccessDenied", message);
    let default = choice(Encryption::BucketDefault);
    let asked = Asked {
        bucket: "b",
        choice: Some(&default),
    };
    let told = hint(&error, &asked).unwrap_or_default();
    let expected = format!("Allow kms:GenerateDataKey on KMS key {ARN} for the caller");
    assert!(told.starts_with(&expected), "{told}");
}

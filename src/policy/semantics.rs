//! Tests of the evaluator where several files meet: one statement, one
//! request, one answer.

use serde_json::{json, Value};

use super::{ContextValue, Explanation, Operation, Policy, Request, Tri, Verdict};

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1";
const SSE: &str = "x-amz-server-side-encryption";
const KMS_KEY: &str = "x-amz-server-side-encryption-aws-kms-key-id";

fn put() -> Request {
    Request::new(Operation::put_object(), "b", "k")
}

fn operation(name: &str) -> Request {
    Request::new(Operation::parse(name).expect("an operation"), "b", "k")
}

/// A policy of one Deny with some elements replaced; `null` removes one.
fn deny(changes: Value) -> Policy {
    let mut statement = json!({
        "Sid": "D", "Effect": "Deny", "Principal": "*",
        "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*",
    });
    for (name, value) in changes.as_object().expect("an object") {
        statement[name] = value.clone();
    }
    let members = statement.as_object_mut().expect("an object");
    members.retain(|_, value| !value.is_null());
    Policy::from_value(&json!({"Version": "2012-10-17", "Statement": statement})).expect("a policy")
}

fn when(condition: Value) -> Policy {
    deny(json!({"Condition": condition}))
}

fn applies(policy: &Policy, request: &Request) -> Tri {
    let explanation = policy.explain(request);
    explanation.statements.first().expect("a statement").applies
}

#[test]
fn a_known_false_beats_unknown() {
    let policy = when(json!({
        "StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"},
        "StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"},
    }));
    let plain = policy.explain(&put());
    assert_eq!(plain.verdict, Verdict::Unknown);
    assert_eq!(plain.unknown_sids, ["D"]);
    let remedy = plain.remedy.expect("a remedy");
    assert!(remedy.contains("aws:PrincipalArn"), "{remedy}");
    let encrypted = put().header(SSE, "aws:kms");
    assert_eq!(policy.explain(&encrypted).verdict, Verdict::NoDeny);
    let role = put().with_value("aws:principalarn", "arn:aws:iam::111122223333:role/x");
    assert_eq!(applies(&policy, &role), Tri::False);
}

#[test]
fn not_action_and_not_resource() {
    let spared = deny(json!({"Action": null, "NotAction": ["S3:put*"]}));
    assert_eq!(applies(&spared, &put()), Tri::False);
    let meant = deny(json!({"Action": null, "NotAction": ["s3:Get*"]}));
    assert_eq!(applies(&meant, &put()), Tri::True);
    let spared = deny(json!({"Resource": null, "NotResource": "arn:aws:s3:::b/k"}));
    assert_eq!(applies(&spared, &put()), Tri::False);
    let meant = deny(json!({"Resource": null, "NotResource": "arn:aws:s3:::b/K"}));
    assert_eq!(applies(&meant, &put()), Tri::True);
}

#[test]
fn partitions() {
    let china = deny(json!({"Resource": "arn:aws-cn:s3:::b/*"}));
    assert_eq!(applies(&china, &put()), Tri::True);
    let mut elsewhere = put();
    elsewhere.partition = Some("aws".to_owned());
    assert_eq!(applies(&china, &elsewhere), Tri::False);
    let region = put().with_value("aws:RequestedRegion", "us-gov-west-1");
    assert_eq!(applies(&china, &region), Tri::False);
}

#[test]
fn variables_need_the_new_version() {
    let statement = json!({
        "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": "arn:aws:s3:::b/${aws:username}/*",
    });
    let request = |key: &str| Request::new(Operation::put_object(), "b", key);
    let ann = |key| request(key).with_value("aws:username", "ann");
    let new = json!({"Version": "2012-10-17", "Statement": [statement]});
    let new = Policy::from_value(&new).expect("a policy");
    assert_eq!(applies(&new, &ann("ann/state")), Tri::True);
    assert_eq!(applies(&new, &ann("bob/state")), Tri::False);
    assert_eq!(applies(&new, &request("bob/state")), Tri::Unknown);
    assert_eq!(applies(&new, &request("state")), Tri::False);
    let old = json!({"Statement": [statement]});
    let old = Policy::from_value(&old).expect("a policy");
    assert_eq!(applies(&old, &ann("ann/state")), Tri::False);
    assert_eq!(applies(&old, &request("${aws:username}/x")), Tri::True);
}

#[test]
fn several_values_in_the_request() {
    let tags = put().header("x-amz-tagging", "a=1&b=2");
    let condition = |operator: &str, values: Value| {
        applies(
            &when(json!({operator: {"s3:RequestObjectTagKeys": values}})),
            &tags,
        )
    };
    assert_eq!(
        condition("ForAllValues:StringEquals", json!(["a", "b"])),
        Tri::True
    );
    assert_eq!(
        condition("ForAllValues:StringEquals", json!(["a"])),
        Tri::False
    );
    assert_eq!(condition("ForAnyValue:StringEquals", json!("b")), Tri::True);
    assert_eq!(
        condition("ForAnyValue:StringNotEquals", json!("b")),
        Tri::True
    );
    assert_eq!(
        condition("ForAllValues:StringNotEquals", json!("b")),
        Tri::False
    );
    assert_eq!(
        condition("ForAllValues:StringNotEquals", json!(["c"])),
        Tri::True
    );
}

#[test]
fn negated_operators_are_nor() {
    let policy = when(json!({"StringNotEquals": {
        "s3:x-amz-server-side-encryption": ["aws:kms", "AES256"],
    }}));
    assert_eq!(applies(&policy, &put().header(SSE, "AES256")), Tri::False);
    assert_eq!(
        applies(&policy, &put().header(SSE, "aws:kms:dsse")),
        Tri::True
    );
    assert_eq!(applies(&policy, &put()), Tri::True);
}

#[test]
fn null_and_json_scalars() {
    for written in [json!("true"), json!(true), json!(["true"])] {
        let policy = when(json!({"Null": {"s3:x-amz-server-side-encryption": written}}));
        assert_eq!(applies(&policy, &put()), Tri::True);
        assert_eq!(applies(&policy, &put().header(SSE, "AES256")), Tri::False);
    }
    let insecure = when(json!({"Bool": {"aws:SecureTransport": false}}));
    assert_eq!(applies(&insecure, &put()), Tri::False);
    let http = put().with_value("AWS:SecureTransport", "false");
    let explanation = insecure.explain(&http);
    assert_eq!(explanation.verdict, Verdict::ExplicitDeny);
    assert!(explanation.remedy.expect("a remedy").contains("https"));
    let old = when(json!({"NumericLessThan": {"s3:TlsVersion": 1.2}}));
    assert_eq!(applies(&old, &put()), Tri::False);
    let endpoint = when(json!({"Null": {"aws:SourceVpce": "true"}}));
    assert_eq!(applies(&endpoint, &put()), Tri::Unknown);
    let none = put().with("aws:SourceVpce", ContextValue::Absent);
    assert_eq!(applies(&endpoint, &none), Tri::True);
}

#[test]
fn multipart_carries_the_encryption_of_create() {
    let policy = when(json!({"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}));
    for name in ["UploadPart", "CompleteMultipartUpload"] {
        let mut part = operation(name);
        assert_eq!(policy.explain(&part).verdict, Verdict::Unknown, "{name}");
        part.create_headers = Some(vec![(SSE.to_owned(), "aws:kms".to_owned())]);
        assert_eq!(policy.explain(&part).verdict, Verdict::NoDeny, "{name}");
        part.create_headers = Some(Vec::new());
        assert_eq!(
            policy.explain(&part).verdict,
            Verdict::ExplicitDeny,
            "{name}"
        );
        let inherited = operation(name).header(SSE, "aws:kms");
        assert_eq!(
            policy.explain(&inherited).verdict,
            Verdict::NoDeny,
            "{name}"
        );
    }
    let customer = when(json!({"Null": {
        "s3:x-amz-server-side-encryption-customer-algorithm": "true",
    }}));
    assert_eq!(applies(&customer, &operation("UploadPart")), Tri::True);
}

#[test]
fn conditional_writes_spare_the_steps_of_a_multipart_upload() {
    let policy = when(json!({
        "Null": {"s3:if-none-match": "true"},
        "Bool": {"s3:ObjectCreationOperation": "true"},
    }));
    assert_eq!(applies(&policy, &put()), Tri::True);
    assert_eq!(
        applies(&policy, &put().header("If-None-Match", "*")),
        Tri::False
    );
    for (name, result) in [
        ("CreateMultipartUpload", Tri::False),
        ("UploadPart", Tri::False),
        ("CompleteMultipartUpload", Tri::True),
    ] {
        assert_eq!(applies(&policy, &operation(name)), result, "{name}");
    }
}

#[test]
fn a_header_that_needs_its_own_permission() {
    let policy = deny(json!({"Action": "s3:PutObjectAcl"}));
    assert_eq!(applies(&policy, &put()), Tri::False);
    let acl = put().header("X-Amz-Acl", "bucket-owner-full-control");
    assert_eq!(applies(&policy, &acl), Tri::True);
}

fn key_condition(operator: &str, value: &str) -> Policy {
    when(json!({operator: {"s3:x-amz-server-side-encryption-aws-kms-key-id": value}}))
}

fn kms(key: &str) -> Request {
    put().header(SSE, "aws:kms").header(KMS_KEY, key)
}

#[test]
fn two_readings_of_the_key() {
    let policy = key_condition("StringNotEquals", KEY);
    for key in [
        "1",
        "alias/state",
        "arn:aws:kms:us-east-1:111122223333:alias/state",
    ] {
        let explanation = policy.explain(&kms(key));
        assert_eq!(explanation.verdict, Verdict::Unknown, "{key}");
        assert_eq!(explanation.unknown_sids, ["D"], "{key}");
        let remedy = explanation.remedy.expect("a remedy");
        assert!(remedy.contains(KEY), "{remedy}");
    }
    // Here both readings deny.
    assert_eq!(policy.explain(&kms("2")).verdict, Verdict::ExplicitDeny);
    let other_region = "arn:aws:kms:eu-west-1:111122223333:alias/state";
    assert_eq!(
        policy.explain(&kms(other_region)).verdict,
        Verdict::ExplicitDeny
    );
    assert_eq!(policy.explain(&kms(KEY)).verdict, Verdict::NoDeny);
    assert_eq!(policy.explain(&kms(KEY)).readings.len(), 1);
    // The context can settle what the condition key is.
    let told = kms("alias/state").with_value("s3:x-amz-server-side-encryption-aws-kms-key-id", KEY);
    assert_eq!(policy.explain(&told).verdict, Verdict::NoDeny);
}

#[test]
fn right_key_or_bucket_default() {
    let policy = when(json!({
        "Null": {"s3:x-amz-server-side-encryption-aws-kms-key-id": "false"},
        "StringNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": KEY},
    }));
    assert_eq!(policy.explain(&put()).verdict, Verdict::NoDeny);
    assert_eq!(policy.explain(&kms(KEY)).verdict, Verdict::NoDeny);
    assert_eq!(
        policy.explain(&kms("alias/state")).verdict,
        Verdict::Unknown
    );
    // The AWS-managed key is not the right key, if it counts at all.
    let managed = put().header(SSE, "aws:kms");
    assert_eq!(policy.explain(&managed).verdict, Verdict::Unknown);
}

#[test]
fn allow_and_delegation() {
    let allow = |principal: Value| deny(json!({"Effect": "Allow", "Principal": principal}));
    let user = "arn:aws:iam::111122223333:user/ann";
    let ann = put().with_value("aws:PrincipalArn", user);
    assert_eq!(allow(json!("*")).explain(&put()).verdict, Verdict::Allow);
    assert_eq!(
        allow(json!({"AWS": user})).explain(&ann).verdict,
        Verdict::Allow
    );
    assert_eq!(
        allow(json!({"AWS": user})).explain(&put()).verdict,
        Verdict::NoDeny
    );
    let account = allow(json!({"AWS": "111122223333"}));
    let delegated = account.explain(&ann);
    assert_eq!(delegated.verdict, Verdict::NoDeny);
    assert!(delegated.statements[0].reason.contains("account only"));
    // An identity policy has no principal.
    assert_eq!(allow(json!(null)).explain(&put()).verdict, Verdict::Allow);
}

#[test]
fn json_shape() {
    let policy = when(json!({
        "StringEquals": {"s3:x-amz-acl": ["private", "public-read"]},
        "IpAddress": {"aws:SourceIp": "203.0.113.0/24"},
    }));
    let explanation: Explanation = policy.explain(&put().header("x-amz-acl", "private"));
    let expected = json!({
        "verdict": "unknown",
        "denySids": [],
        "unknownSids": ["D"],
        "statements": [{
            "sid": "D",
            "effect": "Deny",
            "applies": "unknown",
            "conditions": [
                {"operator": "StringEquals", "key": "s3:x-amz-acl",
                 "values": ["private", "public-read"], "actual": "private", "result": true},
                {"operator": "IpAddress", "key": "aws:SourceIp",
                 "values": ["203.0.113.0/24"], "actual": "unknown", "result": "unknown"},
            ],
            "reason": "may apply: IpAddress(aws:SourceIp): not known (the caller's address as S3 sees it) vs '203.0.113.0/24' -> unknown",
        }],
        "remedy": "Say in the context what is known of aws:SourceIp.",
    });
    assert_eq!(explanation.to_json(), expected);
}

#[test]
fn a_policy_with_thousands_of_keys_ends_quickly() {
    let keys: Vec<String> = (0..3000).map(|n| format!("{KEY}{n}")).collect();
    let none = json!({"StringNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": keys}});
    let text = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": none},
        {"Sid": "All", "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"},
    ]});
    let policy = Policy::from_value(&text).expect("a policy");
    let started = std::time::Instant::now();
    assert_eq!(policy.explain(&put()).verdict, Verdict::ExplicitDeny);
    let elapsed = started.elapsed();
    println!("{elapsed:?}");
    // Generous, for a debug build on a busy machine.
    assert!(elapsed.as_secs() < 20, "{elapsed:?}");
}

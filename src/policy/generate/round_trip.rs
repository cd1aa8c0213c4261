//! What is generated here, held against the evaluator: the intended upload
//! passes, every other encryption is refused.

use std::collections::HashMap;

use iam_rs::{
    evaluate_policy, Arn, Context, ContextValue, Decision, IAMPolicy, IAMRequest, Principal,
    PrincipalId, Validate,
};
use proptest::prelude::*;
use serde_json::Value;

use super::{
    enforcement_policy, kms_key_policy, uploader_policy, BucketArn, KeyUse, Rule, Tls, Uploader,
};
use crate::policy::{Candidate, CandidateKey, Operation, Policy, Request, Verdict};

const KEY: &str = "arn:aws-cn:kms:cn-north-1:111122223333:key/01234567-89ab-cdef-0123-456789abcdef";
const OTHER_KEY: &str =
    "arn:aws-cn:kms:cn-north-1:111122223333:key/99999999-9999-9999-9999-999999999999";

fn named(key: &str) -> CandidateKey {
    CandidateKey::Named(key.to_owned())
}

/// Every encryption that an upload can ask for.
fn modes() -> Vec<Candidate> {
    let mut modes = vec![
        Candidate::BucketDefault,
        Candidate::S3Managed,
        Candidate::CustomerKey,
    ];
    for key in [CandidateKey::Managed, named(KEY), named(OTHER_KEY)] {
        modes.push(Candidate::Kms(key.clone()));
        modes.push(Candidate::DualLayerKms(key));
    }
    modes
}

/// Whether a rule for `wanted` shall let `sent` in. A rule without a key leaves
/// the key open.
fn fits(wanted: &Candidate, sent: &Candidate) -> bool {
    match (wanted, sent) {
        (Candidate::Kms(CandidateKey::Managed), Candidate::Kms(_)) => true,
        (Candidate::DualLayerKms(CandidateKey::Managed), Candidate::DualLayerKms(_)) => true,
        (wanted, sent) => wanted == sent,
    }
}

/// The steps of a put and of a multipart upload.
const STEPS: [&str; 4] = [
    "PutObject",
    "CreateMultipartUpload",
    "UploadPart",
    "CompleteMultipartUpload",
];

fn request(step: &str, sent: &Candidate) -> Request {
    let operation = Operation::parse(step).expect("an operation");
    let mut request = Request::new(operation, "state", "prod/a.json");
    request.partition = Some("aws-cn".to_owned());
    request.headers = sent.headers();
    if request.operation.follows_create() {
        request.create_headers = Some(sent.headers());
        request
            .headers
            .retain(|(name, _)| name.contains("customer"));
    }
    request
}

fn bucket() -> BucketArn {
    BucketArn::new("state", "aws-cn").expect("a bucket")
}

fn everything() -> Vec<String> {
    vec!["*".to_owned()]
}

fn policy(document: &Value) -> Policy {
    Policy::from_value(document).expect("a policy")
}

fn rules() -> impl Iterator<Item = (Candidate, bool, Rule)> {
    let strict = |mode: Candidate| Some((mode.clone(), false, Rule::strict(mode).ok()?));
    let friendly = |mode: Candidate| Some((mode.clone(), true, Rule::default_friendly(mode).ok()?));
    let modes = modes().into_iter();
    modes.flat_map(move |mode| [strict(mode.clone()), friendly(mode)].into_iter().flatten())
}

fn uploader(rule: Rule) -> Uploader {
    Uploader {
        using: KeyUse {
            bucket: bucket(),
            keys: vec!["prod/*".to_owned()],
            region: None,
            bucket_key: None,
        },
        rule: Some(rule),
        kms_keys: None,
        owner: None,
        aborts_multipart: true,
        reads_default: true,
        explains_refusals: true,
        conditional: false,
        further_actions: Vec::new(),
    }
}

#[test]
fn every_rule_against_every_encryption() {
    let mut tried = 0;
    for (wanted, or_default, rule) in rules() {
        let bucket_policy = policy(&enforcement_policy(
            &bucket(),
            &everything(),
            &rule,
            Tls::Required,
        ));
        let identity_policy = policy(&uploader_policy(&uploader(rule)));
        for sent in modes() {
            let passes = fits(&wanted, &sent) || (or_default && sent == Candidate::BucketDefault);
            for step in STEPS {
                let request = request(step, &sent);
                let by_bucket = bucket_policy.explain(&request).verdict;
                let by_identity = identity_policy.explain(&request).verdict;
                let expected = match passes {
                    true => (Verdict::NoDeny, Verdict::Allow),
                    false => (Verdict::ExplicitDeny, Verdict::ExplicitDeny),
                };
                assert_eq!(
                    (by_bucket, by_identity),
                    expected,
                    "{wanted:?} (or default: {or_default}), {step} with {sent:?}"
                );
                tried += 1;
            }
        }
    }
    assert_eq!(tried, 16 * 9 * 4);
}

/// The same put, decided by an evaluator that is not ours.
fn by_iam_rs(document: &Value, sent: &Candidate) -> Decision {
    let document: IAMPolicy = serde_json::from_value(document.clone()).expect("a policy");
    document.validate_result().expect("a valid policy");
    let headers = sent.headers().into_iter();
    let mut data: HashMap<String, ContextValue> = headers
        .map(|(name, value)| (format!("s3:{name}"), ContextValue::String(value)))
        .collect();
    data.insert("aws:SecureTransport".into(), ContextValue::Boolean(true));
    let caller = "arn:aws-cn:iam::111122223333:user/ann".to_owned();
    let request = IAMRequest::new_with_context(
        Principal::Aws(PrincipalId::String(caller)),
        "s3:PutObject",
        Arn::parse("arn:aws-cn:s3:::state/prod/a.json").expect("an ARN"),
        Context::with_data(data),
    );
    evaluate_policy(&document, &request).expect("a decision")
}

#[test]
fn another_evaluator_agrees() {
    for (wanted, or_default, rule) in rules() {
        let enforcement = enforcement_policy(&bucket(), &everything(), &rule, Tls::Required);
        let identity = uploader_policy(&uploader(rule));
        for sent in modes() {
            let passes = fits(&wanted, &sent) || (or_default && sent == Candidate::BucketDefault);
            let expected = match passes {
                true => [Decision::NotApplicable, Decision::Allow],
                false => [Decision::Deny, Decision::Deny],
            };
            let found = [&enforcement, &identity].map(|document| by_iam_rs(document, &sent));
            assert_eq!(
                found, expected,
                "{wanted:?} (or default: {or_default}) with {sent:?}"
            );
        }
    }
}

#[test]
fn a_key_policy_is_valid_for_another_reader() {
    let rule = Rule::strict(Candidate::S3Managed).expect("a rule");
    let using = uploader(rule).using;
    let role = "arn:aws-cn:iam::111122223333:role/deploy".to_owned();
    // It does not know { "AWS": "*" }, which stands there without principals.
    for principals in [vec![role.clone()], vec![role, "444455556666".to_owned()]] {
        let document = kms_key_policy(&using, "111122223333", &principals);
        let document: IAMPolicy = serde_json::from_value(document).expect("a policy");
        assert_eq!(document.validate_result(), Ok(()));
    }
}

#[test]
fn one_statement_for_each_mistake() {
    let rule = Rule::strict(Candidate::Kms(named(KEY))).expect("a rule");
    let policy = policy(&enforcement_policy(
        &bucket(),
        &everything(),
        &rule,
        Tls::AtLeast("1.3"),
    ));
    let sids = |sent: &Candidate| policy.explain(&request("PutObject", sent)).deny_sids;
    assert_eq!(sids(&Candidate::BucketDefault), ["DenyMissingEncryption"]);
    assert_eq!(sids(&Candidate::S3Managed), ["DenyOtherEncryption"]);
    assert_eq!(sids(&Candidate::Kms(named(OTHER_KEY))), ["DenyOtherKey"]);
    let customer = sids(&Candidate::CustomerKey);
    assert_eq!(customer, ["DenyMissingEncryption", "DenyCustomerKey"]);
    let right = request("PutObject", &Candidate::Kms(named(KEY)));
    let http = right.clone().with_value("aws:SecureTransport", "false");
    assert_eq!(policy.explain(&http).deny_sids, ["DenyInsecureTransport"]);
    let old = right.with_value("s3:TlsVersion", "1.2");
    assert_eq!(policy.explain(&old).deny_sids, ["DenyOutdatedTls"]);
}

proptest! {
    // No file beside the sources.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A header that no rule knows is refused by every strict one.
    #[test]
    fn any_other_header_is_refused(text in "[a-zA-Z0-9:]{1,16}", at in 0usize..7) {
        let modes = ["AES256", "aws:kms", "aws:kms:dsse"];
        prop_assume!(!modes.contains(&text.as_str()));
        let strict = rules().filter(|(_, or_default, _)| !or_default).nth(at);
        let (wanted, _, rule) = strict.expect("a rule");
        let policy = policy(&enforcement_policy(&bucket(), &everything(), &rule, Tls::Any));
        let mut request = request("PutObject", &Candidate::BucketDefault);
        request = request.header("x-amz-server-side-encryption", text);
        prop_assert_eq!(policy.explain(&request).verdict, Verdict::ExplicitDeny, "{:?}", wanted);
    }
}

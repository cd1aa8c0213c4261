//! The evaluator against another one, the crate `iam-rs`, wherever both claim
//! the same semantics.
//!
//! Left out, because `iam-rs` 0.8 differs from AWS or does not have it:
//! - anything unknown: it has two values, so every key here is known;
//! - `ArnEquals` with wildcards: plain equality there, `ArnLike` in AWS;
//! - `*` in `ArnLike` that could reach over a colon: one glob over the whole
//!   text there, part by part in AWS;
//! - values that an operator cannot read: an error there;
//! - prefixes (`ForAnyValue:`) on other operators than strings, and together
//!   with `IfExists`: not there;
//! - account ids as principals: only the root user there, everyone in the
//!   account in AWS; and `NotPrincipal`, which in AWS needs all the caller's
//!   names;
//! - lists under `Null`, of which it reads the first;
//! - policies without `Version`.

use std::collections::HashMap;

use iam_rs::{Arn, Context, Decision, IAMPolicy, IAMRequest, Principal, PrincipalId};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{json, Value};

use super::{ContextValue, Operation, Policy, Request, Verdict};

const CALLER: &str = "arn:aws:iam::111122223333:user/ann";
const TEXT: &str = "aws:PrincipalTag/team";
const LIST: &str = "s3:RequestObjectTagKeys";
const NUMBER: &str = "s3:TlsVersion";
const DATE: &str = "aws:CurrentTime";
const FLAG: &str = "aws:SecureTransport";
const ADDRESS: &str = "aws:SourceIp";
const ARN: &str = "aws:SourceArn";

const TEXTS: &[&str] = &["", "a", "A", "ab", "abc", "b", "a*", "a?"];
const NUMBERS: &[&str] = &["1", "1.0", "1.2", "1.3", "10", "-2"];
const DATES: &[&str] = &[
    "2024-01-01T00:00:00Z",
    "2024-01-01T01:00:00+01:00",
    "2024-06-30T23:59:59Z",
    "1704067200",
];
const ADDRESSES: &[&str] = &["10.1.2.3", "10.1.3.4", "192.0.2.1", "2001:db8::1"];
const RANGES: &[&str] = &[
    "10.0.0.0/8",
    "10.1.2.0/24",
    "0.0.0.0/0",
    "192.0.2.1",
    "2001:db8::/32",
];
const ARNS: &[&str] = &[
    "arn:aws:sns:us-east-1:111122223333:topic",
    "arn:aws:sns:eu-west-1:111122223333:topic",
    "arn:aws:sqs:us-east-1:444455556666:queue",
];
const ARN_PATTERNS: &[&str] = &[
    "arn:aws:sns:us-east-1:111122223333:topic",
    "arn:aws:sns:*:111122223333:topic",
    "arn:aws:s?s:us-east-1:*:t*",
    "arn:aws:sqs:us-east-1:444455556666:*",
];

/// One condition: operator, key, values.
fn condition() -> impl Strategy<Value = (String, &'static str, Value)> {
    let texts = || prop::collection::vec(select(TEXTS), 1..4);
    let string = select(vec![
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "StringLike",
        "StringNotLike",
    ]);
    let set = select(vec![
        "ForAllValues:StringEquals",
        "ForAllValues:StringNotEquals",
        "ForAllValues:StringLike",
        "ForAllValues:StringNotLike",
        "ForAnyValue:StringEquals",
        "ForAnyValue:StringNotEquals",
        "ForAnyValue:StringLike",
        "ForAnyValue:StringNotLike",
    ]);
    let ordered = |kind: &'static str| {
        let relations = vec![
            "Equals",
            "NotEquals",
            "LessThan",
            "LessThanEquals",
            "GreaterThan",
            "GreaterThanEquals",
        ];
        select(relations).prop_map(move |relation| format!("{kind}{relation}"))
    };
    let list = |values: &'static [&'static str]| prop::collection::vec(select(values), 1..3);
    let plain = prop_oneof![
        (string, texts()).prop_map(|(o, v)| (o.to_owned(), TEXT, json!(v))),
        (ordered("Numeric"), list(NUMBERS)).prop_map(|(o, v)| (o, NUMBER, json!(v))),
        (ordered("Date"), list(DATES)).prop_map(|(o, v)| (o, DATE, json!(v))),
        any::<bool>().prop_map(|v| ("Bool".to_owned(), FLAG, json!(v.to_string()))),
        (select(vec!["IpAddress", "NotIpAddress"]), list(RANGES)).prop_map(|(o, v)| (
            o.to_owned(),
            ADDRESS,
            json!(v)
        )),
        (select(vec!["ArnLike", "ArnNotLike"]), list(ARN_PATTERNS)).prop_map(|(o, v)| (
            o.to_owned(),
            ARN,
            json!(v)
        )),
        (select(vec!["ArnEquals", "ArnNotEquals"]), list(ARNS)).prop_map(|(o, v)| (
            o.to_owned(),
            ARN,
            json!(v)
        )),
    ];
    let plain = (plain, any::<bool>()).prop_map(|((operator, key, values), if_exists)| {
        let suffix = if if_exists { "IfExists" } else { "" };
        (format!("{operator}{suffix}"), key, values)
    });
    prop_oneof![
        4 => plain,
        1 => (set, texts()).prop_map(|(o, v)| (o.to_owned(), LIST, json!(v))),
        1 => (select(vec![TEXT, ADDRESS, LIST]), any::<bool>())
            .prop_map(|(key, v)| ("Null".to_owned(), key, json!(v.to_string()))),
    ]
}

fn statement() -> impl Strategy<Value = Value> {
    let who = select(vec![
        json!("*"),
        json!({ "AWS": CALLER }),
        json!({ "AWS": "arn:aws:iam::111122223333:user/bob" }),
    ]);
    let action = select(vec![
        "s3:PutObject",
        "s3:put*",
        "S3:*",
        "*",
        "s3:GetObject",
        "sns:*",
    ]);
    let resource = select(vec![
        "*",
        "arn:aws:s3:::state/*",
        "arn:aws:s3:::state/prod/?.json",
        "arn:aws:s3:::state/${aws:username}/*",
        "arn:aws:s3:::other/*",
    ]);
    let conditions = prop::collection::vec(condition(), 0..3);
    let shape = (any::<[bool; 3]>(), who, action, resource, conditions);
    shape.prop_map(
        |([deny, not_action, not_resource], who, action, resource, conditions)| {
            let mut statement = json!({
                "Effect": if deny { "Deny" } else { "Allow" },
                "Principal": who,
            });
            statement[if not_action { "NotAction" } else { "Action" }] = json!(action);
            statement[if not_resource {
                "NotResource"
            } else {
                "Resource"
            }] = json!(resource);
            for (operator, key, values) in conditions {
                statement["Condition"][operator][key] = values;
            }
            statement
        },
    )
}

/// What the request has; keys that are not here are absent.
fn context() -> impl Strategy<Value = Vec<(&'static str, Vec<&'static str>)>> {
    let of = |key: &'static str, values: &'static [&'static str], most: usize| {
        let values = prop::collection::vec(select(values), 1..=most);
        prop::option::of(values.prop_map(move |values| (key, values)))
    };
    let keys = (
        of(TEXT, TEXTS, 1),
        of(LIST, TEXTS, 3),
        of(NUMBER, NUMBERS, 1),
        of(DATE, DATES, 1),
        of(FLAG, &["true", "false"], 1),
        of(ADDRESS, ADDRESSES, 1),
        of(ARN, ARNS, 1),
    );
    keys.prop_map(|(a, b, c, d, e, f, g)| [a, b, c, d, e, f, g].into_iter().flatten().collect())
}

fn ours(policy: &Value, key: &str, context: &[(&'static str, Vec<&'static str>)]) -> Verdict {
    let mut request =
        Request::new(Operation::put_object(), "state", key).with_value("aws:PrincipalArn", CALLER);
    for name in [TEXT, LIST, NUMBER, DATE, FLAG, ADDRESS, ARN] {
        let given = context.iter().find(|(key, _)| *key == name);
        let value = given.map_or(ContextValue::Absent, |(_, values)| {
            ContextValue::Values(values.iter().map(|v| (*v).to_owned()).collect())
        });
        request = request.with(name, value);
    }
    let policy = Policy::from_value(policy).expect("a policy");
    policy.explain(&request).verdict
}

fn theirs(policy: &Value, key: &str, context: &[(&'static str, Vec<&'static str>)]) -> Verdict {
    let mut data = HashMap::new();
    let mut add = |key: &str, value| data.insert(key.to_owned(), value);
    add(
        "aws:username",
        iam_rs::ContextValue::String("ann".to_owned()),
    );
    for (key, values) in context {
        let value = match values.as_slice() {
            values if *key == LIST => {
                let list = values.iter().map(|v| (*v).to_owned());
                iam_rs::ContextValue::StringList(list.collect())
            }
            ["true"] => iam_rs::ContextValue::Boolean(true),
            ["false"] => iam_rs::ContextValue::Boolean(false),
            [number] if *key == NUMBER => {
                iam_rs::ContextValue::Number(number.parse().expect("a number"))
            }
            values => iam_rs::ContextValue::String(values.concat()),
        };
        add(key, value);
    }
    let policy: IAMPolicy = serde_json::from_value(policy.clone()).expect("a policy");
    let request = IAMRequest::new_with_context(
        Principal::Aws(PrincipalId::String(CALLER.to_owned())),
        "s3:PutObject",
        Arn::parse(&format!("arn:aws:s3:::state/{key}")).expect("an ARN"),
        Context::with_data(data),
    );
    match iam_rs::evaluate_policy(&policy, &request).expect("a decision") {
        Decision::Deny => Verdict::ExplicitDeny,
        Decision::Allow => Verdict::Allow,
        Decision::NotApplicable => Verdict::NoDeny,
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        // No file beside the sources.
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn both_decide_alike(
        statements in prop::collection::vec(statement(), 1..4),
        key in select(vec!["prod/a.json", "ann/a.json", "k"]),
        context in context(),
    ) {
        let policy = json!({ "Version": "2012-10-17", "Statement": statements });
        prop_assert_eq!(ours(&policy, key, &context), theirs(&policy, key, &context), "{}", policy);
    }
}

//! Laws that hold for every input.

use proptest::prelude::*;
use proptest::test_runner::Config;
use serde_json::{json, Value};

use super::glob::{matches, Token};
use super::operator::OPERATORS;
use super::suggest::suggest_for;
use super::{ContextValue, Operation, Policy, Request, Tri, Verdict};

fn config() -> Config {
    Config {
        cases: 256,
        // No file beside the sources.
        failure_persistence: None,
        ..Config::default()
    }
}

const KEYS: &[&str] = &[
    "s3:x-amz-server-side-encryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "aws:SourceIp",
    "aws:SourceVpce",
    "aws:PrincipalArn",
    "aws:SecureTransport",
    "aws:CurrentTime",
    "s3:TlsVersion",
];

const VALUES: &[&str] = &[
    "",
    "true",
    "false",
    "AES256",
    "aws:kms",
    "*",
    "a?s*",
    "${aws:username}",
    "1.2",
    "2024-01-01T00:00:00Z",
    "10.0.0.0/8",
    "10.1.2.3",
    "alias/state",
    "arn:aws:kms:us-east-1:111122223333:key/1",
    "arn:aws:kms:*:111122223333:key/*",
    "arn:aws:iam::111122223333:role/Deploy",
    "vpce-1",
];

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        proptest::sample::select(VALUES).prop_map(Value::from),
    ];
    let name = prop_oneof![
        Just("Statement".to_owned()),
        Just("Effect".to_owned()),
        Just("Principal".to_owned()),
        Just("Action".to_owned()),
        Just("Resource".to_owned()),
        Just("Condition".to_owned()),
        Just("StringLike".to_owned()),
        ".{0,6}",
    ];
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn operator() -> impl Strategy<Value = String> {
    let prefix = prop_oneof![Just(""), Just("ForAllValues:"), Just("ForAnyValue:")];
    let name = proptest::sample::select(OPERATORS);
    (prefix, name, any::<bool>()).prop_map(|(prefix, row, if_exists)| {
        let suffix = if if_exists && row.name != "Null" {
            "IfExists"
        } else {
            ""
        };
        format!("{prefix}{}{suffix}", row.name)
    })
}

fn condition() -> impl Strategy<Value = Value> {
    let key = proptest::sample::select(KEYS);
    let values = prop::collection::vec(proptest::sample::select(VALUES), 0..4);
    let entry = (operator(), key, values);
    prop::collection::vec(entry, 0..4).prop_map(|entries| {
        let mut condition = json!({});
        for (operator, key, values) in entries {
            condition[operator][key] = json!(values);
        }
        condition
    })
}

fn principal() -> impl Strategy<Value = Value> {
    let role = "arn:aws:iam::111122223333:role/Deploy";
    proptest::sample::select(vec![
        json!("*"),
        json!({"AWS": role}),
        json!({"AWS": ["111122223333", role]}),
        json!({"Service": "s3.amazonaws.com"}),
    ])
}

fn statement() -> impl Strategy<Value = Value> {
    let action = proptest::sample::select(vec!["s3:*", "s3:PutObject", "s3:GetObject"]);
    let resource = proptest::sample::select(vec![
        "*",
        "arn:aws:s3:::b/*",
        "arn:aws:s3:::b/${aws:username}",
        "arn:aws:s3:::c/*",
    ]);
    let shape = (any::<bool>(), any::<[bool; 3]>());
    (shape, principal(), action, resource, condition()).prop_map(
        |(
            (deny, [not_principal, not_action, not_resource]),
            principal,
            action,
            resource,
            condition,
        )| {
            let name = |not: bool, name: &str| match not {
                true => format!("Not{name}"),
                false => name.to_owned(),
            };
            let mut statement = json!({
                "Effect": if deny { "Deny" } else { "Allow" },
                "Condition": condition,
            });
            statement[name(not_principal, "Principal")] = principal;
            statement[name(not_action, "Action")] = json!(action);
            statement[name(not_resource, "Resource")] = json!(resource);
            statement
        },
    )
}

fn policy() -> impl Strategy<Value = Policy> {
    prop::collection::vec(statement(), 1..4).prop_map(|statements| {
        let document = json!({"Version": "2012-10-17", "Statement": statements});
        Policy::from_value(&document).expect("a policy")
    })
}

fn context_value() -> impl Strategy<Value = ContextValue> {
    let values = proptest::sample::select(VALUES).prop_map(str::to_owned);
    prop_oneof![
        Just(ContextValue::Absent),
        Just(ContextValue::Unknown),
        prop::collection::vec(values, 1..3).prop_map(ContextValue::Values),
    ]
}

fn request() -> impl Strategy<Value = Request> {
    let operation = proptest::sample::select(vec!["PutObject", "UploadPart", "GetObject"]);
    let headers = prop::collection::vec(
        (
            proptest::sample::select(vec![
                "x-amz-server-side-encryption",
                "x-amz-server-side-encryption-aws-kms-key-id",
                "x-amz-acl",
                "x-amz-tagging",
            ]),
            proptest::sample::select(VALUES),
        ),
        0..3,
    );
    let context = prop::collection::vec((proptest::sample::select(KEYS), context_value()), 0..4);
    (operation, headers, context).prop_map(|(operation, headers, context)| {
        let operation = Operation::parse(operation).expect("an operation");
        let mut request = Request::new(operation, "b", "ann");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        for (key, value) in context {
            request = request.with(key, value);
        }
        request
    })
}

/// Matching by definition, to compare the quick way with.
fn naive(pattern: &[Token], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (None, Some(_)) => false,
        (Some((Token::Any, rest)), None) => naive(rest, text),
        (Some((Token::Any, rest)), Some((_, after))) => naive(rest, text) || naive(pattern, after),
        (Some((Token::One, rest)), Some((_, after))) => naive(rest, after),
        (Some((Token::Char(c), rest)), Some((d, after))) => c == d && naive(rest, after),
        (Some(_), None) => false,
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}") {
        if let Err(error) = Policy::parse(&text) {
            prop_assert!(error.line.is_some() && !error.reason.is_empty());
        }
    }

    #[test]
    fn any_json_is_read_or_refused(value in any_json()) {
        let _ = Policy::from_value(&value);
        let statement = json!({"Statement": [value]});
        if let Ok(policy) = Policy::from_value(&statement) {
            let _ = policy.explain(&Request::new(Operation::put_object(), "b", "k"));
        }
    }

    #[test]
    fn json_is_read_as_serde_reads_it(value in any_json()) {
        prop_assert!(super::json::read(&value.to_string()).is_ok());
    }

    #[test]
    fn a_broken_policy_is_refused_with_a_position(policy in statement(), at in 0usize..400, junk in "[\\PC]{0,2}") {
        let mut text = json!({"Statement": policy}).to_string();
        let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(at);
        text.push_str(&junk);
        if let Err(error) = Policy::parse(&text) {
            prop_assert!(error.line == Some(1) && error.column.is_some());
        }
    }

    #[test]
    fn kleene(a in 0..3, b in 0..3, c in 0..3) {
        let [a, b, c] = [a, b, c].map(|n| [Tri::False, Tri::Unknown, Tri::True][n as usize]);
        prop_assert_eq!(a.and(b), b.and(a));
        prop_assert_eq!(a.and(b.or(c)), a.and(b).or(a.and(c)));
        prop_assert_eq!(!(a.and(b)), (!a).or(!b));
        prop_assert_eq!(!!a, a);
        prop_assert_eq!(Tri::False.and(a), Tri::False);
        prop_assert_eq!(Tri::True.or(a), Tri::True);
    }

    #[test]
    fn glob_by_definition(pattern in "[ab*?]{0,8}", text in "[ab]{0,8}") {
        let pattern: Vec<Token> = super::glob::tokens(&pattern).collect();
        let characters: Vec<char> = text.chars().collect();
        prop_assert_eq!(matches(&pattern, &text), naive(&pattern, &characters));
    }

    #[test]
    fn the_verdict_follows_from_the_sids(policy in policy(), request in request()) {
        let explanation = policy.explain(&request);
        let denied = !explanation.deny_sids.is_empty();
        let open = !explanation.unknown_sids.is_empty();
        prop_assert_eq!(explanation.verdict == Verdict::ExplicitDeny, denied);
        prop_assert_eq!(explanation.verdict == Verdict::Unknown, !denied && open);
        prop_assert_eq!(explanation.statements.len(), policy.statements.len());
    }

    /// What is known stays true once the unknown becomes known.
    #[test]
    fn learning_never_contradicts(
        policy in policy(), request in request(),
        key in proptest::sample::select(KEYS), value in context_value(),
    ) {
        let unknown = request.clone().with(key, ContextValue::Unknown);
        let before = policy.explain(&unknown);
        let after = policy.explain(&request.with(key, value));
        for (before, after) in before.statements.iter().zip(&after.statements) {
            prop_assert!(
                before.applies == Tri::Unknown || before.applies == after.applies
                    || before.reason.contains("both readings") || after.reason.contains("both readings"),
                "{} / {}", before.reason, after.reason
            );
        }
        match before.verdict {
            Verdict::ExplicitDeny => prop_assert_eq!(after.verdict, Verdict::ExplicitDeny),
            Verdict::Allow | Verdict::NoDeny => prop_assert!(after.verdict.passes()),
            Verdict::Unknown => {}
        }
    }

    #[test]
    fn a_suggestion_passes(policy in policy(), request in request()) {
        let suggestions = suggest_for(&policy, &request, &[]);
        prop_assert_eq!(suggestions.best().is_empty(), suggestions.collision.is_some());
        let put = Request::new(Operation::put_object(), "b", "ann");
        for suggestion in suggest_for(&policy, &put, &[]).accepted {
            let mut put = put.clone();
            put.headers = suggestion.candidate.headers();
            prop_assert!(policy.explain(&put).verdict.passes());
        }
    }
}

use super::super::settings::check_unknown_field;
use super::*;
use crate::error::name;

const ARN: &str = "arn:aws:kms:us-east-1:111122223333:key/01234567-89ab-cdef-0123-456789abcdef";
const KEY: &str = "0123456789abcdef0123456789abcdef";

fn s(text: &str) -> Value {
    Value::String(text.into())
}

fn o(entries: &[(&str, Value)]) -> Value {
    Value::Object(
        entries
            .iter()
            .map(|(k, v)| ((*k).to_owned(), v.clone()))
            .collect(),
    )
}

fn config(encryption: Value) -> Result<Option<Choice>> {
    resolve(&Value::Null, &encryption, &Value::Null)
}

fn both(input: &[(&str, Value)], encryption: Value) -> Result<Option<Choice>> {
    resolve(&o(input), &encryption, &Value::Null)
}

fn source(choice: Result<Option<Choice>>) -> Option<Source> {
    choice.expect("valid").map(|c| c.source)
}

#[test]
fn nothing_set_means_the_mirror() {
    for nothing in [
        Value::Null,
        o(&[]),
        o(&[("serverSideEncryption", Value::Null)]),
    ] {
        assert_eq!(config(nothing).expect("valid"), None);
    }
    assert_eq!(
        both(
            &[("Bucket", s("b")), ("SSEKMSKeyId", Value::Null)],
            Value::Null
        )
        .expect("valid"),
        None
    );
}

#[test]
fn precedence_and_agreement() {
    let aes = || ("ServerSideEncryption", s("AES256"));
    assert_eq!(source(both(&[aes()], Value::Null)), Some(Source::Input));
    assert_eq!(source(both(&[aes()], s("AES256"))), Some(Source::Input));
    assert_eq!(source(config(s("AES256"))), Some(Source::Config));
    let joined = both(
        &[("ServerSideEncryption", s("aws:kms"))],
        o(&[("kms_key_id", s(ARN))]),
    )
    .expect("valid")
    .expect("set");
    assert_eq!(joined.encryption.kms_key().map(|k| k.as_str()), Some(ARN));
    assert_eq!(joined.key_setting.as_deref(), Some("encryption.kms_key_id"));
}

#[test]
fn every_collision_names_both_settings() {
    let kms = || ("serverSideEncryption", s("aws:kms"));
    let cases: Vec<(Result<Option<Choice>>, [&str; 2])> = vec![
        (
            both(&[("ServerSideEncryption", s("AES256"))], s("aws:kms")),
            ["ServerSideEncryption in the input", "encryption"],
        ),
        (
            both(
                &[("ServerSideEncryption", s("AES256"))],
                s("bucket-default"),
            ),
            ["ServerSideEncryption in the input", "encryption"],
        ),
        (
            config(o(&[
                ("serverSideEncryption", s("AES256")),
                ("sseKMSKeyId", s(ARN)),
            ])),
            ["encryption.sseKMSKeyId", "encryption.serverSideEncryption"],
        ),
        (
            both(&[("SSEKMSKeyId", s(ARN))], s("AES256")),
            ["SSEKMSKeyId in the input", "encryption"],
        ),
        (
            config(o(&[
                kms(),
                ("sseKMSKeyId", s(ARN)),
                ("kmsKeyID", s("alias/x")),
            ])),
            ["encryption.sseKMSKeyId", "encryption.kmsKeyID"],
        ),
        (
            config(o(&[("sseKMSKeyId", s(ARN))])),
            ["encryption.sseKMSKeyId", "a missing serverSideEncryption"],
        ),
        (
            config(o(&[("bucketKeyEnabled", Value::Bool(true))])),
            [
                "encryption.bucketKeyEnabled",
                "a missing serverSideEncryption",
            ],
        ),
        (
            config(o(&[("sseCustomerKey", s(KEY)), kms()])),
            [
                "encryption.sseCustomerKey",
                "encryption.serverSideEncryption",
            ],
        ),
        (
            both(&[("SSECustomerKey", s(KEY))], o(&[("sseKMSKeyId", s(ARN))])),
            ["SSECustomerKey in the input", "encryption.sseKMSKeyId"],
        ),
        (
            config(o(&[
                ("serverSideEncryption", s("aws:kms:dsse")),
                ("bucketKeyEnabled", Value::Bool(true)),
            ])),
            [
                "encryption.bucketKeyEnabled",
                "encryption.serverSideEncryption",
            ],
        ),
        (
            config(o(&[
                ("serverSideEncryption", s("AES256")),
                ("encryptionContext", o(&[("a", s("b"))])),
            ])),
            [
                "encryption.encryptionContext",
                "encryption.serverSideEncryption",
            ],
        ),
        (
            config(o(&[
                ("serverSideEncryption", s("AES256")),
                ("bucketKeyEnabled", Value::Bool(true)),
            ])),
            [
                "encryption.bucketKeyEnabled",
                "encryption.serverSideEncryption",
            ],
        ),
        (
            config(o(&[
                ("sseCustomerKey", s(KEY)),
                ("sseCustomerKeyMD5", s("AAAA")),
            ])),
            ["encryption.sseCustomerKeyMD5", "encryption.sseCustomerKey"],
        ),
    ];
    for (result, settings) in cases {
        let error = result.expect_err(settings[0]);
        assert_eq!(error.name, name::CONFLICT, "{settings:?}");
        assert_eq!(
            error.extra.get("settings"),
            Some(&serde_json::json!(settings))
        );
        for setting in settings {
            assert!(error.message.contains(setting), "{}", error.message);
        }
        assert!(!error.message.contains(KEY));
    }
}

#[test]
fn a_false_bucket_key_contradicts_nothing() {
    for algorithm in ["AES256", "aws:kms", "aws:kms:dsse"] {
        let setting = o(&[
            ("serverSideEncryption", s(algorithm)),
            ("bucketKeyEnabled", s("false")),
        ]);
        assert!(config(setting).is_ok(), "{algorithm}");
    }
}

#[test]
fn wrong_values_name_the_setting() {
    for (setting, bad) in [
        ("encryption", s("aes256")),
        ("encryption", s("aws:fsx")),
        ("encryption", s("")),
        ("encryption", Value::Bool(true)),
        ("encryption", Value::Array(vec![])),
        (
            "encryption.serverSideEncryption",
            o(&[("serverSideEncryption", Value::Number(1.0))]),
        ),
        (
            "encryption.sseKMSKeyId",
            o(&[
                ("serverSideEncryption", s("aws:kms")),
                ("sseKMSKeyId", s("")),
            ]),
        ),
        (
            "encryption.bucketKeyEnabled",
            o(&[
                ("serverSideEncryption", s("aws:kms")),
                ("bucketKeyEnabled", s("yes")),
            ]),
        ),
        (
            "encryption.sseCustomerAlgorithim",
            o(&[
                ("sseCustomerKey", s(KEY)),
                ("sseCustomerAlgorithim", s("AES128")),
            ]),
        ),
        (
            "sseCustomerKey",
            o(&[("sseCustomerAlgorithm", s("AES256"))]),
        ),
        ("encryption.kmsKeyy", o(&[("kmsKeyy", s(ARN))])),
    ] {
        let error = config(bad).expect_err(setting);
        assert_eq!(error.setting.as_deref(), Some(setting));
        assert!(error.hint.is_some());
    }
}

#[test]
fn fields_that_were_meant_for_ours() {
    for (field, remedy) in [
        ("SSEKmsKeyId", "Write SSEKMSKeyId"),
        ("kms_key_id", "Write SSEKMSKeyId"),
        ("sseCustomerAlgorithim", "Write SSECustomerAlgorithm"),
        (
            "ServerSideEncyption",
            "did you mean \"ServerSideEncryption\"",
        ),
        ("encryption", "the second argument"),
        ("stage", "the second argument"),
    ] {
        let error = check_unknown_field(field).expect_err(field);
        assert_eq!(error.setting.as_deref(), Some(field));
        assert!(error.message.contains(remedy), "{}", error.message);
    }
    assert!(check_unknown_field("Whatever").is_ok());
}

#[test]
fn a_stage_replaces_the_rest() {
    let setting = o(&[
        (
            "stages",
            o(&[
                ("dev", s("AES256")),
                ("prod", o(&[("serverSideEncryption", s("aws:kms"))])),
            ]),
        ),
        (
            "default",
            o(&[
                ("serverSideEncryption", s("aws:kms")),
                ("sseKMSKeyId", s(ARN)),
            ]),
        ),
    ]);
    let choose = |stage: &str| {
        resolve(&Value::Null, &setting, &s(stage))
            .expect("valid")
            .expect("set")
    };
    assert_eq!(choose("dev").encryption, Encryption::S3Managed);
    assert_eq!(choose("dev").source, Source::Stage);
    assert_eq!(choose("prod").encryption.kms_key(), None);
    assert!(choose("other").encryption.kms_key().is_some());
    assert_eq!(choose("other").source, Source::Config);
}

#[test]
fn a_stage_that_is_not_there() {
    let setting = o(&[("stages", o(&[("dev", s("AES256")), ("prod", s("AES256"))]))]);
    for stage in [s("prdo"), Value::Null] {
        let error = resolve(&Value::Null, &setting, &stage).expect_err("no such stage");
        assert!(error.message.contains("dev, prod"), "{}", error.message);
    }
    for bad in [s(""), Value::Number(1.0)] {
        assert!(resolve(&Value::Null, &setting, &bad).is_err());
    }
    // What is `undefined` is not there.
    let unset = |default: Value| {
        o(&[
            ("stages", o(&[("dev", s("AES256")), ("prod", Value::Null)])),
            ("default", default),
        ])
    };
    let error = resolve(&Value::Null, &unset(Value::Null), &s("prod")).expect_err("not set");
    assert!(error.message.contains("has dev."), "{}", error.message);
    let other = resolve(&Value::Null, &unset(s("aws:kms")), &s("prod")).expect("the default");
    assert_eq!(other.map(|choice| choice.source), Some(Source::Config));
    let plain = o(&[
        ("stages", Value::Null),
        ("default", Value::Null),
        ("sse", s("AES256")),
    ]);
    assert!(resolve(&Value::Null, &plain, &s("dev")).is_ok());
    let nested = o(&[("stages", o(&[("dev", setting)]))]);
    let error = resolve(&Value::Null, &nested, &s("dev")).expect_err("nested");
    assert!(error.message.contains("do not nest"), "{}", error.message);
    for bad in [
        o(&[("stages", s("dev"))]),
        o(&[("default", s("AES256"))]),
        o(&[("stages", o(&[])), ("serverSideEncryption", s("AES256"))]),
    ] {
        assert!(resolve(&Value::Null, &bad, &s("dev")).is_err());
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_an_algorithm_or_an_error(text in ".{0,40}") {
        let known = ALGORITHMS.iter().any(|a| a.as_str() == text);
        proptest::prop_assert_eq!(config(s(&text)).is_ok(), known);
    }
}

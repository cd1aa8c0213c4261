use super::*;
use crate::encryption::{CustomerKey, EncryptionContext, KmsKeyId};
use crate::value::Value;

const ID: &str = "01234567-89ab-cdef-0123-456789abcdef";
const ARN: &str = "arn:aws:kms:us-east-1:111122223333:key/01234567-89ab-cdef-0123-456789abcdef";
const OTHER: &str = "arn:aws:kms:us-east-1:111122223333:key/99999999-9999-9999-9999-999999999999";

fn kms(key: &str, bucket_key: Option<bool>) -> Encryption {
    Encryption::Kms {
        key: KmsKeyId::parse("k", key).ok(),
        context: None,
        bucket_key,
    }
}

fn reply(algorithm: &str, key: Option<&str>, bucket_key: Option<bool>) -> Reply {
    Reply {
        algorithm: Some(algorithm.into()),
        kms_key: key.map(Into::into),
        bucket_key,
        ..Reply::default()
    }
}

#[test]
fn accepted_replies() {
    let dsse = Encryption::DualLayerKms {
        key: KmsKeyId::parse("k", ARN).ok(),
        context: None,
    };
    for (asked, reply, key) in [
        (
            Encryption::S3Managed,
            reply("AES256", None, None),
            Comparison::NotAsked,
        ),
        (
            Encryption::BucketDefault,
            reply("aws:kms", Some(ARN), None),
            Comparison::NotAsked,
        ),
        (
            kms(ARN, Some(true)),
            reply("aws:kms", Some(ARN), Some(true)),
            Comparison::Equal,
        ),
        (
            kms(ARN, Some(false)),
            reply("aws:kms", Some(ARN), None),
            Comparison::Equal,
        ),
        (
            kms(ID, None),
            reply("aws:kms", Some(ARN), Some(true)),
            Comparison::Equal,
        ),
        (
            kms("alias/state", None),
            reply("aws:kms", Some(OTHER), None),
            Comparison::NotComparable,
        ),
        (
            dsse,
            reply("aws:kms:dsse", Some(ARN), None),
            Comparison::Equal,
        ),
    ] {
        assert_eq!(verify(&asked, &reply).map(|v| v.key), Ok(key), "{asked:?}");
    }
}

#[test]
fn refused_replies() {
    for (asked, reply) in [
        (Encryption::S3Managed, Reply::default()),
        (Encryption::S3Managed, reply("aws:kms", None, None)),
        (Encryption::S3Managed, reply("AES256", Some(ARN), None)),
        (Encryption::BucketDefault, Reply::default()),
        (kms(ARN, None), reply("AES256", None, None)),
        (kms(ARN, None), reply("aws:kms:dsse", Some(ARN), None)),
        (kms(ARN, None), reply("aws:kms", Some(OTHER), None)),
        (kms(ID, None), reply("aws:kms", Some(OTHER), None)),
        (kms(ARN, None), reply("aws:kms", None, None)),
        (kms(ARN, Some(true)), reply("aws:kms", Some(ARN), None)),
        (
            kms(ARN, Some(false)),
            reply("aws:kms", Some(ARN), Some(true)),
        ),
        (
            Encryption::DualLayerKms {
                key: None,
                context: None,
            },
            Reply::default(),
        ),
    ] {
        assert!(verify(&asked, &reply).is_err(), "{asked:?}");
    }
}

#[test]
fn customer_keys() {
    let key = CustomerKey::parse("k", &Value::Bytes(vec![9; 32])).expect("32 bytes");
    let md5 = key.md5_base64();
    let asked = Encryption::CustomerKey(key);
    let good = Reply {
        customer_algorithm: Some("AES256".into()),
        customer_md5: Some(md5.clone()),
        ..Reply::default()
    };
    assert!(verify(&asked, &good).is_ok());
    let wrong = Reply {
        customer_md5: Some("AAAA".into()),
        ..good.clone()
    };
    let told = verify(&asked, &wrong).expect_err("another key");
    assert!(!told.contains(&md5));
    assert!(verify(
        &asked,
        &Reply {
            customer_algorithm: None,
            ..good
        }
    )
    .is_err());
}

#[test]
fn contexts() {
    let pairs = |list: &[(&str, &str)]| {
        let list = list
            .iter()
            .map(|(k, v)| ((*k).to_owned(), Value::String((*v).to_owned())));
        EncryptionContext::parse("c", &Value::Object(list.collect())).expect("valid")
    };
    let asked = Encryption::Kms {
        key: None,
        context: Some(pairs(&[("app", "api")])),
        bucket_key: None,
    };
    let with = |context: Option<String>| Reply {
        context,
        ..reply("aws:kms", Some(ARN), None)
    };
    let told = |context| verify(&asked, &with(context)).map(|v| v.context);
    assert_eq!(told(None), Ok(Comparison::NotComparable));
    assert_eq!(
        told(Some(pairs(&[("x", "y"), ("app", "api")]).header().into())),
        Ok(Comparison::Equal)
    );
    assert!(told(Some(pairs(&[("app", "other")]).header().into())).is_err());
    assert!(told(Some("garbage".into())).is_err());
}

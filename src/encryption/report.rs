//! `result.encryption`: what was asked, where it came from, what S3 reported, what was compared.

use serde_json::{json, Map, Value};

use super::{headers, Choice, Encryption, Header, Operation, Reply, Verified};

/// Secret values (SSE-C key and MD5, context values) are left out.
pub fn describe(choice: &Choice, stage: Option<&str>, reply: &Reply, verified: &Verified) -> Value {
    let mut report = request_report(choice, stage);
    report["reported"] = reported(reply);
    report["compared"] = json!({
        "algorithm": verified.algorithm.as_str(),
        "key": verified.key.as_str(),
        "bucketKey": verified.bucket_key.as_str(),
        "context": verified.context.as_str(),
    });
    report
}

/// The part that is known before S3 has answered.
pub fn request_report(choice: &Choice, stage: Option<&str>) -> Value {
    let mut report = json!({
        "source": choice.source.as_str(),
        "requested": requested(&choice.encryption),
    });
    if let (super::Source::Stage, Some(stage)) = (choice.source, stage) {
        report["stage"] = stage.into();
    }
    report
}

fn requested(encryption: &Encryption) -> Value {
    let mut fields: Map<String, Value> = headers(encryption, Operation::PutObject)
        .into_iter()
        .filter(|header| !header.sensitive)
        .map(Header::param)
        .collect();
    if let Encryption::Kms {
        context: Some(context),
        ..
    }
    | Encryption::DualLayerKms {
        context: Some(context),
        ..
    } = encryption
    {
        fields.insert("contextNames".into(), context.names().into());
    }
    Value::Object(fields)
}

fn reported(reply: &Reply) -> Value {
    let texts = [
        ("ServerSideEncryption", &reply.algorithm),
        ("SSEKMSKeyId", &reply.kms_key),
        ("SSECustomerAlgorithm", &reply.customer_algorithm),
    ];
    let mut fields: Map<String, Value> = texts
        .into_iter()
        .filter_map(|(name, text)| Some((name.to_owned(), text.clone()?.into())))
        .collect();
    if let Some(flag) = reply.bucket_key {
        fields.insert("BucketKeyEnabled".into(), flag.into());
    }
    Value::Object(fields)
}

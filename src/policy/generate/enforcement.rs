//! The bucket policy that lets nothing in but with the right encryption.

use serde_json::{json, Value};

use super::{document, one_or_list, BucketArn, Rule};

/// What is demanded of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// Nothing.
    Any,
    /// https.
    Required,
    /// https with at least this version: `1.2` or `1.3`.
    AtLeast(&'static str),
}

/// A bucket policy. It denies and allows nothing: who may upload is for the
/// uploaders' own policies to say. `keys` are patterns of the objects' keys; of
/// the connection the whole bucket demands the same.
pub fn enforcement_policy(bucket: &BucketArn, keys: &[String], rule: &Rule, tls: Tls) -> Value {
    let everyone = json!("*");
    let objects: Vec<String> = keys.iter().map(|key| bucket.objects(key)).collect();
    let mut statements = rule.denials(&one_or_list(&objects), Some(&everyone));
    if tls != Tls::Any {
        statements.push(deny_all(
            "DenyInsecureTransport",
            bucket,
            json!({ "Bool": { "aws:SecureTransport": "false" } }),
        ));
    }
    if let Tls::AtLeast(version) = tls {
        statements.push(deny_all(
            "DenyOutdatedTls",
            bucket,
            json!({ "NumericLessThan": { "s3:TlsVersion": version } }),
        ));
    }
    document(statements)
}

/// Every action, on the bucket and on its objects.
fn deny_all(sid: &str, bucket: &BucketArn, condition: Value) -> Value {
    json!({
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket.arn(), bucket.objects("*")],
        "Condition": condition,
    })
}

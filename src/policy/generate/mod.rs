//! Policies to put in place: for the bucket, for who uploads, and for the KMS key.
//!
//! What is generated here the evaluator of this room must accept for the
//! intended upload and refuse for every other encryption; the tests hold the
//! two against each other.

mod bucket;
mod encryption;
mod enforcement;
mod key;
mod uploader;

pub use bucket::BucketArn;
pub use encryption::Rule;
pub use enforcement::{enforcement_policy, Tls};
pub use key::{kms_key_policy, KeyUse};
pub use uploader::{uploader_policy, KeyResource, Uploader};

use serde_json::{json, Value};

/// A whole document.
fn document(statements: Vec<Value>) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// `x` for one item, `["x", "y"]` for more, as AWS's own examples write it.
fn one_or_list(items: &[String]) -> Value {
    match items {
        [only] => json!(only),
        items => json!(items),
    }
}

#[cfg(test)]
mod round_trip;

//! Whether S3 did what was asked, by what its reply says.

use super::{Encryption, Operation};
use crate::value::Value;

/// The encryption headers of a reply.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Reply {
    pub algorithm: Option<String>,
    pub kms_key: Option<String>,
    pub context: Option<String>,
    pub bucket_key: Option<bool>,
    pub customer_algorithm: Option<String>,
    pub customer_md5: Option<String>,
}

impl Reply {
    /// Whether it says anything at all of how the object is encrypted.
    pub fn names_encryption(&self) -> bool {
        self.algorithm.is_some() || self.customer_algorithm.is_some()
    }

    /// From the fields of an SDK's output.
    pub fn from_fields(output: &Value) -> Reply {
        let text = |name| match output.get(name) {
            Some(Value::String(text)) => Some(text.clone()),
            _ => None,
        };
        Reply {
            algorithm: text("ServerSideEncryption"),
            kms_key: text("SSEKMSKeyId"),
            context: text("SSEKMSEncryptionContext"),
            bucket_key: match output.get("BucketKeyEnabled") {
                Some(Value::Bool(flag)) => Some(*flag),
                _ => None,
            },
            customer_algorithm: text("SSECustomerAlgorithm"),
            customer_md5: text("SSECustomerKeyMD5"),
        }
    }

    /// What this reply leaves out, from an earlier one about the same object.
    pub fn or(self, earlier: Reply) -> Reply {
        Reply {
            algorithm: self.algorithm.or(earlier.algorithm),
            kms_key: self.kms_key.or(earlier.kms_key),
            context: self.context.or(earlier.context),
            bucket_key: self.bucket_key.or(earlier.bucket_key),
            customer_algorithm: self.customer_algorithm.or(earlier.customer_algorithm),
            customer_md5: self.customer_md5.or(earlier.customer_md5),
        }
    }
}

/// How a part of the request compares with the reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// The reply shows what was asked.
    Equal,
    /// It was asked for, and the reply cannot show it (an alias, or the AWS-managed key).
    NotComparable,
    /// It was not asked for.
    NotAsked,
}

impl Comparison {
    pub fn as_str(self) -> &'static str {
        match self {
            Comparison::Equal => "equal",
            Comparison::NotComparable => "not-comparable",
            Comparison::NotAsked => "not-asked",
        }
    }
}

/// A reply that was accepted, and what of it proves what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    pub algorithm: Comparison,
    pub key: Comparison,
    pub bucket_key: Comparison,
    pub context: Comparison,
}

/// The same for the reply of one of several operations that write an object: what that operation's
/// reply never shows, or what some servers show only later, is not missed.
pub fn verify_step(
    asked: &Encryption,
    operation: Operation,
    reply: &Reply,
) -> Result<Verified, String> {
    let silent = match operation {
        // The completion has no header for SSE-C.
        Operation::CompleteMultipartUpload => matches!(asked, Encryption::CustomerKey(_)),
        // AWS names the encryption from the beginning, others when the upload is completed.
        Operation::CreateMultipartUpload | Operation::UploadPart | Operation::UploadPartCopy => {
            !reply.names_encryption()
        }
        _ => false,
    };
    if !silent {
        return verify(asked, reply);
    }
    let unseen = |asked: bool| match asked {
        true => Comparison::NotComparable,
        false => Comparison::NotAsked,
    };
    Ok(Verified {
        algorithm: unseen(*asked != Encryption::BucketDefault),
        key: unseen(asked.kms_key().is_some() || matches!(asked, Encryption::CustomerKey(_))),
        bucket_key: unseen(matches!(
            asked,
            Encryption::Kms {
                bucket_key: Some(_),
                ..
            }
        )),
        context: unseen(matches!(
            asked,
            Encryption::Kms {
                context: Some(_),
                ..
            } | Encryption::DualLayerKms {
                context: Some(_),
                ..
            }
        )),
    })
}

/// `Err` holds one sentence about the first difference; it quotes no secret.
pub fn verify(asked: &Encryption, reply: &Reply) -> Result<Verified, String> {
    let mut verified = Verified {
        algorithm: Comparison::Equal,
        key: Comparison::NotAsked,
        bucket_key: Comparison::NotAsked,
        context: Comparison::NotAsked,
    };
    match asked {
        Encryption::BucketDefault => {
            if reply.algorithm.is_none() {
                return Err("the reply names no encryption at all".into());
            }
            verified.algorithm = Comparison::NotAsked;
        }
        Encryption::S3Managed => {
            algorithm("AES256", reply)?;
            if reply.kms_key.is_some() {
                return Err("AES256 was asked for and the reply names a KMS key".into());
            }
        }
        Encryption::Kms {
            key,
            context,
            bucket_key,
        } => {
            algorithm("aws:kms", reply)?;
            verified.key = compare_key(key.as_ref(), reply)?;
            verified.context = compare_context(context.as_ref(), reply)?;
            verified.bucket_key = match bucket_key {
                None => Comparison::NotAsked,
                Some(asked) if *asked == reply.bucket_key.unwrap_or(false) => Comparison::Equal,
                Some(asked) => {
                    return Err(format!(
                        "bucketKeyEnabled {asked} was asked for and the reply says {}",
                        !asked
                    ))
                }
            };
        }
        Encryption::DualLayerKms { key, context } => {
            algorithm("aws:kms:dsse", reply)?;
            verified.key = compare_key(key.as_ref(), reply)?;
            verified.context = compare_context(context.as_ref(), reply)?;
        }
        Encryption::CustomerKey(key) => {
            if reply.customer_algorithm.as_deref() != Some("AES256") {
                return Err("SSE-C was asked for and the reply does not confirm it".into());
            }
            if reply.customer_md5.as_deref() != Some(key.md5_base64().as_str()) {
                return Err(
                    "the reply's SSE-C key MD5 is not that of the key that was sent".into(),
                );
            }
            verified.key = Comparison::Equal;
        }
    }
    Ok(verified)
}

fn algorithm(asked: &str, reply: &Reply) -> Result<(), String> {
    match reply.algorithm.as_deref() {
        Some(found) if found == asked => Ok(()),
        Some(found) => Err(format!(
            "{asked} was asked for and the reply says {found:?}"
        )),
        None => Err(format!(
            "{asked} was asked for and the reply names no encryption at all"
        )),
    }
}

fn compare_key(asked: Option<&super::KmsKeyId>, reply: &Reply) -> Result<Comparison, String> {
    let Some(asked) = asked else {
        return Ok(Comparison::NotAsked);
    };
    let reported = reply.kms_key.as_deref();
    match reported.map_or_else(|| asked.matches(""), |found| asked.matches(found)) {
        None => Ok(Comparison::NotComparable),
        Some(true) => Ok(Comparison::Equal),
        Some(false) => Err(format!(
            "KMS key {} was asked for and the reply names {}",
            asked.as_str(),
            reported.unwrap_or("none")
        )),
    }
}

// S3 need not repeat the context, and repeating is the only proof there is.
fn compare_context(
    asked: Option<&super::EncryptionContext>,
    reply: &Reply,
) -> Result<Comparison, String> {
    match (asked, &reply.context) {
        (None, _) => Ok(Comparison::NotAsked),
        (Some(_), None) => Ok(Comparison::NotComparable),
        (Some(asked), Some(found)) if asked.is_within(found) => Ok(Comparison::Equal),
        (Some(_), Some(_)) => {
            Err("the reply's encryption context lacks a pair that was sent".into())
        }
    }
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;

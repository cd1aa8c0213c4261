//! The one header builder: every operation's encryption headers come from here.

use std::fmt;

use super::Encryption;
use crate::error::{Error, Result};
use crate::similar::did_you_mean;

const SSE: &str = "x-amz-server-side-encryption";
const KEY: &str = "x-amz-server-side-encryption-aws-kms-key-id";
const CONTEXT: &str = "x-amz-server-side-encryption-context";
const BUCKET_KEY: &str = "x-amz-server-side-encryption-bucket-key-enabled";
const CUSTOMER_ALGORITHM: &str = "x-amz-server-side-encryption-customer-algorithm";
const CUSTOMER_KEY: &str = "x-amz-server-side-encryption-customer-key";
const CUSTOMER_MD5: &str = "x-amz-server-side-encryption-customer-key-md5";

/// The S3 operations that carry encryption headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    PutObject,
    CreateMultipartUpload,
    CopyObject,
    UploadPart,
    UploadPartCopy,
    CompleteMultipartUpload,
    GetObject,
    HeadObject,
}

/// Operation, name, and whether it decides the encryption. S3 answers 400 `InvalidArgument` to
/// KMS headers on the others; SSE-C needs its key everywhere.
const OPERATIONS: &[(Operation, &str, bool)] = &[
    (Operation::PutObject, "PutObject", true),
    (
        Operation::CreateMultipartUpload,
        "CreateMultipartUpload",
        true,
    ),
    (Operation::CopyObject, "CopyObject", true),
    (Operation::UploadPart, "UploadPart", false),
    (Operation::UploadPartCopy, "UploadPartCopy", false),
    (
        Operation::CompleteMultipartUpload,
        "CompleteMultipartUpload",
        false,
    ),
    (Operation::GetObject, "GetObject", false),
    (Operation::HeadObject, "HeadObject", false),
];

impl Operation {
    pub fn parse(setting: &str, text: &str) -> Result<Operation> {
        OPERATIONS
            .iter()
            .find(|(_, name, _)| *name == text)
            .map(|(operation, _, _)| *operation)
            .ok_or_else(|| {
                let names: Vec<&str> = OPERATIONS.iter().map(|(_, name, _)| *name).collect();
                Error::invalid(
                    setting,
                    &format!(
                        "{text:?} carries no encryption headers{}",
                        did_you_mean(text, names.clone())
                    ),
                    &format!("Give one of {}", names.join(", ")),
                )
            })
    }

    pub fn name(self) -> &'static str {
        OPERATIONS
            .iter()
            .find(|(operation, _, _)| *operation == self)
            .map_or("", |(_, name, _)| name)
    }

    fn decides(self) -> bool {
        OPERATIONS
            .iter()
            .any(|(operation, _, decides)| *operation == self && *decides)
    }
}

#[derive(Clone, PartialEq)]
pub struct Header {
    pub name: &'static str,
    pub value: String,
    /// Keep the value out of everything that is shown.
    pub sensitive: bool,
    /// The same thing as a field of the AWS SDK's input.
    field: &'static str,
}

impl Header {
    /// The same thing in the AWS SDK's words.
    pub(super) fn param(self) -> (String, serde_json::Value) {
        let value = match self.field {
            "BucketKeyEnabled" => (self.value == "true").into(),
            _ => self.value.into(),
        };
        (self.field.to_owned(), value)
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = if self.sensitive { "****" } else { &self.value };
        write!(f, "{}: {value}", self.name)
    }
}

/// The headers that `operation` must carry for `encryption`.
pub fn headers(encryption: &Encryption, operation: Operation) -> Vec<Header> {
    let mut list = Vec::new();
    let mut add = |name, field, value: String, sensitive| {
        list.push(Header {
            name,
            value,
            sensitive,
            field,
        });
    };
    match encryption {
        Encryption::CustomerKey(key) => {
            add(
                CUSTOMER_ALGORITHM,
                "SSECustomerAlgorithm",
                "AES256".into(),
                false,
            );
            add(CUSTOMER_KEY, "SSECustomerKey", key.base64(), true);
            add(CUSTOMER_MD5, "SSECustomerKeyMD5", key.md5_base64(), true);
        }
        _ if !operation.decides() => {}
        Encryption::BucketDefault => {}
        Encryption::S3Managed => add(SSE, "ServerSideEncryption", "AES256".into(), false),
        Encryption::Kms { key, context, .. } | Encryption::DualLayerKms { key, context } => {
            let algorithm = match encryption {
                Encryption::Kms { .. } => "aws:kms",
                _ => "aws:kms:dsse",
            };
            add(SSE, "ServerSideEncryption", algorithm.into(), false);
            if let Some(key) = key {
                add(KEY, "SSEKMSKeyId", key.as_str().into(), false);
            }
            if let Some(context) = context {
                add(
                    CONTEXT,
                    "SSEKMSEncryptionContext",
                    context.header().into(),
                    true,
                );
            }
            if let Encryption::Kms {
                bucket_key: Some(flag),
                ..
            } = encryption
            {
                add(BUCKET_KEY, "BucketKeyEnabled", flag.to_string(), false);
            }
        }
    }
    list
}

/// The same as fields of the AWS SDK's input of `operation`.
pub fn params(
    encryption: &Encryption,
    operation: Operation,
) -> serde_json::Map<String, serde_json::Value> {
    headers(encryption, operation)
        .into_iter()
        .map(Header::param)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encryption::{CustomerKey, EncryptionContext, KmsKeyId};
    use crate::value::Value;

    fn modes() -> Vec<(Encryption, &'static [&'static str])> {
        let key = || KmsKeyId::parse("k", "alias/state").ok();
        let context = || {
            let pairs = Value::Object(vec![("app".into(), Value::String("api".into()))]);
            EncryptionContext::parse("c", &pairs).ok()
        };
        let customer = CustomerKey::parse("k", &Value::Bytes(vec![7; 32])).expect("32 bytes");
        vec![
            (Encryption::BucketDefault, &[]),
            (Encryption::S3Managed, &[SSE]),
            (
                Encryption::Kms {
                    key: None,
                    context: None,
                    bucket_key: None,
                },
                &[SSE],
            ),
            (
                Encryption::Kms {
                    key: key(),
                    context: context(),
                    bucket_key: Some(true),
                },
                &[SSE, KEY, CONTEXT, BUCKET_KEY],
            ),
            (
                Encryption::Kms {
                    key: key(),
                    context: None,
                    bucket_key: Some(false),
                },
                &[SSE, KEY, BUCKET_KEY],
            ),
            (
                Encryption::DualLayerKms {
                    key: key(),
                    context: context(),
                },
                &[SSE, KEY, CONTEXT],
            ),
            (
                Encryption::CustomerKey(customer),
                &[CUSTOMER_ALGORITHM, CUSTOMER_KEY, CUSTOMER_MD5],
            ),
        ]
    }

    #[test]
    fn every_mode_and_operation() {
        for (encryption, full) in modes() {
            for (operation, name, decides) in OPERATIONS {
                let customer = matches!(encryption, Encryption::CustomerKey(_));
                let expected: &[&str] = if *decides || customer { full } else { &[] };
                let found: Vec<&str> = headers(&encryption, *operation)
                    .iter()
                    .map(|h| h.name)
                    .collect();
                assert_eq!(found, expected, "{name} {encryption:?}");
            }
        }
    }

    #[test]
    fn debug_hides_what_is_secret() {
        for (encryption, _) in modes() {
            let shown = format!(
                "{:?} {encryption:?}",
                headers(&encryption, Operation::PutObject)
            );
            for header in headers(&encryption, Operation::PutObject) {
                assert_eq!(shown.contains(&header.value), !header.sensitive, "{shown}");
            }
        }
    }

    #[test]
    fn params_are_the_same_in_the_sdks_words() {
        let kms = Encryption::Kms {
            key: KmsKeyId::parse("k", "alias/x").ok(),
            context: None,
            bucket_key: Some(true),
        };
        assert_eq!(
            serde_json::Value::Object(params(&kms, Operation::PutObject)),
            serde_json::json!({ "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "alias/x", "BucketKeyEnabled": true })
        );
    }

    #[test]
    fn operations_by_name() {
        assert_eq!(
            Operation::parse("operation", "UploadPart").ok(),
            Some(Operation::UploadPart)
        );
        assert!(Operation::parse("operation", "putObject").is_err());
    }
}

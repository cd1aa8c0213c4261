//! The one list of encryption settings and of the spellings in which hosts write them.

use crate::error::{Error, Result};
use crate::similar::did_you_mean;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    Algorithm,
    KmsKey,
    Context,
    BucketKey,
    CustomerAlgorithm,
    CustomerKey,
    CustomerKeyMd5,
}

/// One setting: its name here, its name in the AWS SDK's input, and other spellings with their host.
#[derive(Debug)]
pub struct Row {
    pub setting: Setting,
    pub name: &'static str,
    pub input: &'static str,
    pub aliases: &'static [(&'static str, &'static str)],
}

/// Spellings are compared without case, `_` and `-`; each is listed in one of its forms.
pub const SETTINGS: &[Row] = &[
    Row {
        setting: Setting::Algorithm,
        name: "serverSideEncryption",
        input: "ServerSideEncryption",
        aliases: &[
            (
                "sseAlgorithm",
                "CloudFormation, Alchemy, PutBucketEncryption",
            ),
            ("sse", "AWS CLI"),
            ("s3Sse", "Claudia"),
            ("ssetype", "Pulumi"),
            ("x-amz-server-side-encryption", "the header"),
        ],
    },
    Row {
        setting: Setting::KmsKey,
        name: "sseKMSKeyId",
        input: "SSEKMSKeyId",
        aliases: &[
            (
                "kmsKeyID",
                "serverless-deployment-bucket, Pulumi, Terraform",
            ),
            (
                "kmsMasterKeyId",
                "CloudFormation, Alchemy, Terraform's bucket",
            ),
            ("kmsKeyArn", "home-grown CLIs"),
            ("x-amz-server-side-encryption-aws-kms-key-id", "the header"),
        ],
    },
    Row {
        setting: Setting::Context,
        name: "sseKMSEncryptionContext",
        input: "SSEKMSEncryptionContext",
        aliases: &[
            ("encryptionContext", "AWS Encryption SDK"),
            ("kmsEncryptionContext", "home-grown CLIs"),
            ("x-amz-server-side-encryption-context", "the header"),
        ],
    },
    Row {
        setting: Setting::BucketKey,
        name: "bucketKeyEnabled",
        input: "BucketKeyEnabled",
        aliases: &[
            ("bucketKey", "home-grown CLIs"),
            (
                "x-amz-server-side-encryption-bucket-key-enabled",
                "the header",
            ),
        ],
    },
    Row {
        setting: Setting::CustomerAlgorithm,
        name: "sseCustomerAlgorithm",
        input: "SSECustomerAlgorithm",
        aliases: &[
            (
                "sseCustomerAlgorithim",
                "Serverless Framework: the typo is its API",
            ),
            (
                "x-amz-server-side-encryption-customer-algorithm",
                "the header",
            ),
        ],
    },
    Row {
        setting: Setting::CustomerKey,
        name: "sseCustomerKey",
        input: "SSECustomerKey",
        aliases: &[("x-amz-server-side-encryption-customer-key", "the header")],
    },
    Row {
        setting: Setting::CustomerKeyMd5,
        name: "sseCustomerKeyMD5",
        input: "SSECustomerKeyMD5",
        aliases: &[(
            "x-amz-server-side-encryption-customer-key-MD5",
            "the header",
        )],
    },
];

impl Setting {
    /// The setting that `spelling` means inside `encryption`, if any.
    pub fn from_spelling(spelling: &str) -> Option<Setting> {
        Row::of_spelling(spelling).map(|row| row.setting)
    }
}

impl Row {
    fn of_spelling(spelling: &str) -> Option<&'static Row> {
        SETTINGS
            .iter()
            .find(|row| row.spellings().any(|known| is_same(known, spelling)))
    }

    pub fn spellings(&self) -> impl Iterator<Item = &'static str> {
        [self.name, self.input]
            .into_iter()
            .chain(self.aliases.iter().map(|(spelling, _)| *spelling))
    }
}

fn is_same(one: &str, other: &str) -> bool {
    fn plain(spelling: &str) -> impl Iterator<Item = u8> + '_ {
        let bytes = spelling.bytes().filter(|b| !matches!(b, b'_' | b'-'));
        bytes.map(|b| b.to_ascii_lowercase())
    }
    plain(one).eq(plain(other))
}

/// The error for a key of `encryption` that nobody knows.
pub(super) fn unknown(place: &str, key: &str) -> Error {
    if super::stages::is_of_stages(key) {
        return Error::invalid(
            &format!("{place}.{key}"),
            "stands inside a stage, and stages do not nest",
            "Give the stage's encryption itself",
        );
    }
    let names = SETTINGS
        .iter()
        .map(|row| row.name)
        .chain(
            SETTINGS
                .iter()
                .flat_map(|row| row.aliases)
                .map(|(spelling, _)| *spelling),
        )
        .chain(["stages", "default"]);
    let known: Vec<&str> = SETTINGS.iter().map(|row| row.name).collect();
    Error::invalid(
        &format!("{place}.{key}"),
        &format!("is not an encryption setting{}", did_you_mean(key, names)),
        &format!("Known settings: {}", known.join(", ")),
    )
}

/// Refuses a field that PutObject does not have and that is an encryption setting in another spelling,
/// or nearly: the SDK would ignore it, and the object would be encrypted otherwise than meant.
pub fn check_unknown_field(key: &str) -> Result<()> {
    let suggestion = did_you_mean(key, SETTINGS.iter().map(|row| row.input));
    let remedy = match Row::of_spelling(key) {
        Some(row) => format!("Write {}", row.input),
        None if matches!(key, "encryption" | "stage") => {
            "Put it into the configuration, the second argument".into()
        }
        None if !suggestion.is_empty() => "Correct its spelling".into(),
        None => return Ok(()),
    };
    let problem = format!("is not a field of PutObject{suggestion}");
    Err(Error::invalid(key, &problem, &remedy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_spellings() {
        for (spelling, setting) in [
            ("sseKMSKeyId", Setting::KmsKey),
            ("SSEKMSKeyId", Setting::KmsKey),
            ("kmsKeyID", Setting::KmsKey),
            ("kmskeyid", Setting::KmsKey),
            ("kms_key_id", Setting::KmsKey),
            ("kms_master_key_id", Setting::KmsKey),
            ("KMSMasterKeyID", Setting::KmsKey),
            ("sseCustomerAlgorithim", Setting::CustomerAlgorithm),
            ("SSECustomerAlgorithm", Setting::CustomerAlgorithm),
            ("sse_customer_key", Setting::CustomerKey),
            ("SSECustomerKeyMD5", Setting::CustomerKeyMd5),
            ("server_side_encryption", Setting::Algorithm),
            ("SSEAlgorithm", Setting::Algorithm),
            ("bucket_key_enabled", Setting::BucketKey),
        ] {
            assert_eq!(
                Setting::from_spelling(spelling),
                Some(setting),
                "{spelling}"
            );
        }
        assert_eq!(Setting::from_spelling("kmsKey"), None);
    }

    #[test]
    fn no_spelling_means_two_things() {
        for row in SETTINGS {
            for spelling in row.spellings() {
                assert_eq!(Setting::from_spelling(spelling), Some(row.setting));
            }
        }
    }

    #[test]
    fn unknown_keys_get_a_suggestion() {
        let error = unknown("encryption", "sseKMSKeyIdd");
        assert!(
            error.message.contains("did you mean \"sseKMSKeyId\"?"),
            "{}",
            error.message
        );
    }
}

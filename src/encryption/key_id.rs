//! The four forms in which S3 takes a KMS key, told apart once.

use crate::error::{Error, Result};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KmsKeyId {
    /// A key id (UUID, or `mrk-` and 32 hex digits): S3 looks it up in the bucket's Region.
    Id(String),
    /// `arn:…:key/…`: the only form that means the same key for every caller.
    Arn(KmsArn),
    /// `alias/…`: KMS looks it up in the **caller's** account.
    Alias(String),
    /// `arn:…:alias/…`.
    AliasArn(KmsArn),
}

/// A key ARN or an alias ARN, in its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KmsArn {
    pub partition: String,
    pub region: String,
    pub account: String,
    /// What follows `key/` or the whole `alias/…`.
    pub resource: String,
    text: String,
}

impl KmsKeyId {
    /// Parses a whole value; nothing around a valid id is forgiven.
    pub fn parse(setting: &str, text: &str) -> Result<KmsKeyId> {
        classify(text).map_err(|problem| {
            Error::invalid(
                setting,
                &format!("is not a KMS key: {problem}"),
                "Give a key ARN (arn:aws:kms:REGION:ACCOUNT:key/ID), a key id, an alias (alias/NAME) or an alias ARN",
            )
        })
    }

    pub fn as_str(&self) -> &str {
        match self {
            KmsKeyId::Id(text) | KmsKeyId::Alias(text) => text,
            KmsKeyId::Arn(arn) | KmsKeyId::AliasArn(arn) => &arn.text,
        }
    }

    pub fn arn(&self) -> Option<&KmsArn> {
        match self {
            KmsKeyId::Arn(arn) | KmsKeyId::AliasArn(arn) => Some(arn),
            _ => None,
        }
    }

    /// Whether `reported`, the key ARN in S3's reply, is this key; `None` where only KMS could tell.
    pub fn matches(&self, reported: &str) -> Option<bool> {
        match self {
            KmsKeyId::Arn(arn) => Some(same_key(&arn.text, reported)),
            KmsKeyId::Id(id) => Some(same_key(
                id,
                reported.rsplit_once(":key/").map_or(reported, |(_, id)| id),
            )),
            KmsKeyId::Alias(_) | KmsKeyId::AliasArn(_) => None,
        }
    }
}

// Hex digits of a key id are the same key in either case.
fn same_key(asked: &str, reported: &str) -> bool {
    asked.eq_ignore_ascii_case(reported)
}

fn classify(text: &str) -> std::result::Result<KmsKeyId, String> {
    if text.is_empty() {
        return Err("it is empty".into());
    }
    if text.trim() != text {
        return Err("there is white space around it".into());
    }
    if text.contains("${") || text.contains("{{") {
        return Err("it holds a variable that was never resolved".into());
    }
    if text.starts_with("arn:") {
        return parse_arn(text);
    }
    if let Some(name) = text.strip_prefix("alias/") {
        return if is_alias_name(name) {
            Ok(KmsKeyId::Alias(text.to_owned()))
        } else {
            Err("an alias holds only letters, digits and / _ -, 250 at most".into())
        };
    }
    if is_key_id(text) {
        return Ok(KmsKeyId::Id(text.to_owned()));
    }
    Err("it has none of the four forms".into())
}

fn parse_arn(text: &str) -> std::result::Result<KmsKeyId, String> {
    let parts: Vec<&str> = text.split(':').collect();
    let [_, partition, service, region, account, resource] = parts[..] else {
        return Err("a KMS ARN has six parts".into());
    };
    if !(partition == "aws" || partition.starts_with("aws-"))
        || !partition
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b == b'-')
    {
        return Err(format!("its partition {partition:?} is none of AWS's"));
    }
    if service != "kms" {
        return Err(format!("it names the service {service:?}, not kms"));
    }
    if !super::region::is_aws_region(region) {
        return Err("its Region is not the name of one".into());
    }
    if account.len() != 12 || !account.bytes().all(|b| b.is_ascii_digit()) {
        return Err("its account is not 12 digits".into());
    }
    if super::region::partition_of(region) != partition {
        return Err(format!("Region {region} is not in partition {partition}"));
    }
    let arn = |resource: &str| KmsArn {
        partition: partition.to_owned(),
        region: region.to_owned(),
        account: account.to_owned(),
        resource: resource.to_owned(),
        text: text.to_owned(),
    };
    if let Some(id) = resource.strip_prefix("key/") {
        return if is_key_id(id) {
            Ok(KmsKeyId::Arn(arn(id)))
        } else {
            Err("what follows key/ is not a key id".into())
        };
    }
    match resource.strip_prefix("alias/") {
        Some(name) if is_alias_name(name) => Ok(KmsKeyId::AliasArn(arn(resource))),
        _ => Err("it names neither key/… nor alias/…".into()),
    }
}

fn is_alias_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 250
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-'))
}

fn is_key_id(text: &str) -> bool {
    let hex = |part: &str| part.bytes().all(|b| b.is_ascii_hexdigit());
    if let Some(digits) = text.strip_prefix("mrk-") {
        return digits.len() == 32 && hex(digits);
    }
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|g| g.len()).eq([8, 4, 4, 4, 12]) && groups.iter().all(|g| hex(g))
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "01234567-89ab-cdef-0123-456789abcdef";

    fn parse(text: &str) -> Result<KmsKeyId> {
        KmsKeyId::parse("sseKMSKeyId", text)
    }

    #[test]
    fn the_four_forms() {
        assert!(matches!(parse(UUID), Ok(KmsKeyId::Id(_))));
        assert!(matches!(parse(&UUID.to_uppercase()), Ok(KmsKeyId::Id(_))));
        assert!(matches!(
            parse("0198f1c2-7b1a-7c3d-9e4f-5a6b7c8d9e0f"),
            Ok(KmsKeyId::Id(_))
        ));
        assert!(matches!(
            parse("mrk-1234abcd12ab34cd56ef1234567890ab"),
            Ok(KmsKeyId::Id(_))
        ));
        assert!(matches!(parse("alias/aws/s3"), Ok(KmsKeyId::Alias(_))));
        for (partition, region) in [
            ("aws", "us-east-1"),
            ("aws-cn", "cn-north-1"),
            ("aws-us-gov", "us-gov-west-1"),
            ("aws-iso", "us-iso-east-1"),
            ("aws-iso-b", "us-isob-east-1"),
            ("aws-eusc", "eusc-de-east-1"),
        ] {
            let key = format!("arn:{partition}:kms:{region}:111122223333:key/{UUID}");
            assert!(matches!(parse(&key), Ok(KmsKeyId::Arn(_))), "{key}");
            let alias = format!("arn:{partition}:kms:{region}:111122223333:alias/state");
            assert!(
                matches!(parse(&alias), Ok(KmsKeyId::AliasArn(_))),
                "{alias}"
            );
        }
    }

    #[test]
    fn nothing_around_a_valid_id_is_forgiven() {
        let arn = format!("arn:aws:kms:us-east-1:111122223333:key/{UUID}");
        for bad in [
            String::new(),
            format!(" {UUID}"),
            format!("{UUID}\n"),
            format!("x{UUID}"),
            format!("{UUID}x"),
            format!("{UUID},{UUID}"),
            format!("key/{UUID}"),
            format!("{arn}/x"),
            format!("{arn}:x"),
            format!("x{arn}"),
            "arn:aws:kms:us-east-1:111122223333:key/".into(),
            format!("arn:aws:kms:us-east-1:11112222333:key/{UUID}"),
            format!("arn:aws:kms::111122223333:key/{UUID}"),
            format!("arn:aws:s3:us-east-1:111122223333:key/{UUID}"),
            format!("arn:aws-cn:kms:us-east-1:111122223333:key/{UUID}"),
            format!("arn:amazon:kms:us-east-1:111122223333:key/{UUID}"),
            "alias/".into(),
            "alias/with space".into(),
            "mrk-1234".into(),
            "${env:KEY}".into(),
            "fake-key-id".into(),
            "01234567-89ab-cdef-0123-456789abcdeg".into(),
        ] {
            assert!(parse(&bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_reply_is_compared_where_it_can_be() {
        let reported = format!("arn:aws:kms:us-east-1:111122223333:key/{UUID}");
        let check = |asked: &str| parse(asked).ok().and_then(|key| key.matches(&reported));
        assert_eq!(check(UUID), Some(true));
        assert_eq!(check(&UUID.to_uppercase()), Some(true));
        assert_eq!(check(&reported), Some(true));
        assert_eq!(check("99999999-9999-9999-9999-999999999999"), Some(false));
        assert_eq!(
            check(&format!("arn:aws:kms:us-east-1:444455556666:key/{UUID}")),
            Some(false)
        );
        assert_eq!(check("alias/state"), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_kept_or_refused(text in ".{0,120}") {
            if let Ok(key) = parse(&text) {
                proptest::prop_assert_eq!(key.as_str(), text);
            }
        }
    }
}

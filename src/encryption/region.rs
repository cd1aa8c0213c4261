//! Which Regions and partitions a KMS key and a request may have together.

use super::{Choice, Encryption};
use crate::error::{Error, Result};

/// Prefix of the Region, partition. Source: the partitions file of AWS's endpoint rules.
const PARTITIONS: &[(&str, &str)] = &[
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-iso-", "aws-iso"),
    ("us-isob-", "aws-iso-b"),
    ("eu-isoe-", "aws-iso-e"),
    ("us-isof-", "aws-iso-f"),
    ("eusc-", "aws-eusc"),
];

pub fn partition_of(region: &str) -> &'static str {
    PARTITIONS
        .iter()
        .find(|(prefix, _)| region.starts_with(prefix))
        .map_or("aws", |(_, partition)| partition)
}

/// `us-east-1`, `us-gov-west-1`, …; not the invented Regions of S3-compatible servers (`auto`).
pub fn is_aws_region(text: &str) -> bool {
    let Some((front, number)) = text.rsplit_once('-') else {
        return false;
    };
    let words: Vec<&str> = front.split('-').collect();
    words.len() >= 2
        && words
            .iter()
            .all(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase()))
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
}

/// S3 uses only keys of the bucket's Region; it would answer `KMS.NotFoundException`.
///
/// `region` is where the request is finally sent. A Region that AWS does not have is not judged:
/// such a server has rules of its own.
pub fn check_region(choice: &Choice, region: &str, region_setting: &str) -> Result<()> {
    let Some(arn) = choice.encryption.kms_key().and_then(|key| key.arn()) else {
        return Ok(());
    };
    if !is_aws_region(region) || arn.region == region {
        return Ok(());
    }
    let key = choice.key_setting.as_deref().unwrap_or("the KMS key");
    let remedy = if arn.resource.starts_with("mrk-") {
        format!("S3 treats a multi-Region key as a single-Region one: give the ARN of its replica in {region}")
    } else {
        format!("Give the ARN of a key in {region}, or send the request to the key's Region")
    };
    let partition = partition_of(region);
    let why = if arn.partition == partition {
        format!("the key is in Region {}, the request goes to {region}, and S3 uses only keys of the bucket's Region", arn.region)
    } else {
        format!("the key is in partition {}, the request goes to partition {partition} (Region {region})", arn.partition)
    };
    Err(Error::conflict(key, region_setting, &why, &remedy))
}

impl Choice {
    /// The Region that the key's ARN names.
    pub fn key_region(&self) -> Option<&str> {
        match &self.encryption {
            Encryption::Kms { key, .. } | Encryption::DualLayerKms { key, .. } => {
                key.as_ref()?.arn().map(|arn| arn.region.as_str())
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions() {
        for good in [
            "us-east-1",
            "us-gov-west-1",
            "ap-southeast-5",
            "eusc-de-east-1",
        ] {
            assert!(is_aws_region(good), "{good}");
        }
        for bad in [
            "",
            "auto",
            "local",
            "us-east",
            "us--1",
            "US-EAST-1",
            "us-east-1 ",
        ] {
            assert!(!is_aws_region(bad), "{bad}");
        }
        assert_eq!(partition_of("us-isob-east-1"), "aws-iso-b");
        assert_eq!(partition_of("eu-west-1"), "aws");
    }
}

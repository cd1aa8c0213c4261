//! AWS partitions: which one a Region is in, and how its services are called there.
//!
//! Source: the partitions file of AWS's endpoint rules.

struct Row {
    /// How the names of its Regions begin.
    prefix: &'static str,
    name: &'static str,
    dns_suffix: &'static str,
}

const fn row(prefix: &'static str, name: &'static str, dns_suffix: &'static str) -> Row {
    Row {
        prefix,
        name,
        dns_suffix,
    }
}

/// The last one takes every Region that no other claims.
const PARTITIONS: &[Row] = &[
    row("cn-", "aws-cn", "amazonaws.com.cn"),
    row("us-gov-", "aws-us-gov", "amazonaws.com"),
    row("us-iso-", "aws-iso", "c2s.ic.gov"),
    row("us-isob-", "aws-iso-b", "sc2s.sgov.gov"),
    row("eu-isoe-", "aws-iso-e", "cloud.adc-e.uk"),
    row("us-isof-", "aws-iso-f", "csp.hci.ic.gov"),
    row("eusc-", "aws-eusc", "amazonaws.eu"),
    row("", "aws", "amazonaws.com"),
];

/// The partition of a Region.
pub fn of_region(region: &str) -> &'static str {
    let row = PARTITIONS.iter().find(|row| region.starts_with(row.prefix));
    row.map_or("aws", |row| row.name)
}

/// What the names of a partition's services end with; `None` for a partition that AWS does not have.
pub fn dns_suffix(partition: &str) -> Option<&'static str> {
    let row = PARTITIONS.iter().find(|row| row.name == partition);
    row.map(|row| row.dns_suffix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions() {
        assert_eq!(of_region("cn-north-1"), "aws-cn");
        assert_eq!(of_region("us-gov-west-1"), "aws-us-gov");
        assert_eq!(of_region("us-isob-east-1"), "aws-iso-b");
        assert_eq!(of_region("eu-west-1"), "aws");
        assert_eq!(
            dns_suffix(of_region("cn-north-1")),
            Some("amazonaws.com.cn")
        );
        assert_eq!(dns_suffix("amazon"), None);
    }
}

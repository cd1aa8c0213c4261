//! A bucket, as the resource of a policy.

/// The partition and name of a general purpose bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketArn {
    partition: String,
    name: String,
}

impl BucketArn {
    /// Takes a bucket's name and partition.
    ///
    /// # Errors
    /// What is wrong with the name, as the end of a sentence.
    pub fn new(name: &str, partition: &str) -> Result<BucketArn, &'static str> {
        // Names of before 2018 in us-east-1 may have capitals and be long.
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b".-_".contains(&b);
        if !(3..=255).contains(&name.len()) || !name.bytes().all(allowed) {
            return Err("is not the name of a bucket");
        }
        if name.ends_with("--x-s3") {
            return Err("is a directory bucket, whose policies know other actions (s3express:CreateSession)");
        }
        if name.ends_with("-s3alias") {
            return Err("is the alias of an access point; policies name the bucket behind it");
        }
        Ok(BucketArn {
            partition: partition.to_owned(),
            name: name.to_owned(),
        })
    }

    /// `aws`, `aws-cn`, …
    pub fn partition(&self) -> &str {
        &self.partition
    }

    /// The bucket itself.
    pub fn arn(&self) -> String {
        format!("arn:{}:s3:::{}", self.partition, self.name)
    }

    /// Its objects under a pattern of keys, such as `*` or `prod/*`.
    pub fn objects(&self, pattern: &str) -> String {
        format!("{}/{pattern}", self.arn())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let arn = |name| BucketArn::new(name, "aws-cn").map(|bucket| bucket.arn());
        assert_eq!(
            arn("my.state-1"),
            Ok("arn:aws-cn:s3:::my.state-1".to_owned())
        );
        for bad in [
            "",
            "ab",
            "my bucket",
            "a/b",
            "b*d",
            "x--use1-az4--x-s3",
            "p-abc-s3alias",
        ] {
            assert!(arn(bad).is_err(), "{bad}");
        }
    }
}

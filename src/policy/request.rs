//! The request to judge, as its sender knows it.

use super::arn;
use super::operation::{Operation, Target};

/// A request, before it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What is asked of S3.
    pub operation: Operation,
    /// The bucket's name.
    pub bucket: String,
    /// The object's key; empty when the bucket itself is meant.
    pub key: String,
    /// `aws`, `aws-cn`, `aws-us-gov`, … When it is not given it follows from
    /// `aws:RequestedRegion` in the context, else from the policy's own
    /// resources (S3 refuses a bucket policy that names another partition),
    /// else it is `aws`.
    pub partition: Option<String>,
    /// The headers as they go on the wire, names in any case. A header that is
    /// not here is not sent. For a part or the completion of a multipart
    /// upload the headers of its `CreateMultipartUpload` may stand here, too.
    pub headers: Vec<(String, String)>,
    /// For a part or the completion: the headers of `CreateMultipartUpload`.
    /// With `None`, and without encryption in `headers`, the encryption of the
    /// upload is unknown.
    pub create_headers: Option<Vec<(String, String)>>,
    /// What is known of condition keys, names in any case. Beats headers and
    /// defaults.
    pub context: Vec<(String, ContextValue)>,
}

/// What is known of one condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContextValue {
    /// The request does not carry the key.
    Absent,
    /// The values; an empty list is the same as absent.
    Values(Vec<String>),
    /// It cannot be known; takes back a default.
    Unknown,
}

impl Request {
    /// A request without headers and context.
    pub fn new(operation: Operation, bucket: impl Into<String>, key: impl Into<String>) -> Request {
        Request {
            operation,
            bucket: bucket.into(),
            key: key.into(),
            partition: None,
            headers: Vec::new(),
            create_headers: None,
            context: Vec::new(),
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Request {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Adds what is known of a condition key.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: ContextValue) -> Request {
        self.context.push((key.into(), value));
        self
    }

    /// Adds a condition key with one value.
    #[must_use]
    pub fn with_value(self, key: impl Into<String>, value: impl Into<String>) -> Request {
        self.with(key, ContextValue::Values(vec![value.into()]))
    }

    /// The ARN that `Resource` is compared with.
    pub fn arn(&self, partition: &str) -> String {
        let target = self.operation.target.unwrap_or(if self.key.is_empty() {
            Target::Bucket
        } else {
            Target::Object
        });
        // An access point or a bucket may be given by its ARN.
        let bucket = match self.bucket.starts_with("arn:") {
            true => self.bucket.clone(),
            false => format!("arn:{partition}:s3:::{}", self.bucket),
        };
        match target {
            Target::Bucket => bucket,
            // S3 names the objects of an access point …/object/key.
            Target::Object if bucket.contains(":accesspoint/") => {
                format!("{bucket}/object/{}", self.key)
            }
            Target::Object => format!("{bucket}/{}", self.key),
        }
    }
}

/// Partition, bucket and key of the ARN of a bucket or an object; the key is
/// empty for a bucket. What is neither (an access point, or the resource of
/// another service) stays an ARN, as [`Request::bucket`] takes it.
pub fn bucket_and_key(arn: &str) -> Option<(&str, &str, &str)> {
    let [_, partition, service, region, account, resource] = arn::parts(arn)?;
    if resource.is_empty() {
        return None;
    }
    if service != "s3" {
        return Some((partition, arn, ""));
    }
    if region.is_empty() && account.is_empty() {
        let (bucket, key) = resource.split_once('/').unwrap_or((resource, ""));
        return Some((partition, bucket, key));
    }
    let (point, key) = arn.split_once("/object/").unwrap_or((arn, ""));
    Some((partition, point, key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns() {
        let put = Request::new(Operation::put_object(), "b", "k/x");
        assert_eq!(put.arn("aws-cn"), "arn:aws-cn:s3:::b/k/x");
        let list = Operation::parse("ListObjectsV2").expect("an operation");
        assert_eq!(Request::new(list, "b", "k").arn("aws"), "arn:aws:s3:::b");
    }

    #[test]
    fn arns_in_parts() {
        let put = bucket_and_key("arn:aws-cn:s3:::b/k/x");
        assert_eq!(put, Some(("aws-cn", "b", "k/x")));
        assert_eq!(bucket_and_key("arn:aws:s3:::b"), Some(("aws", "b", "")));
        let point = "arn:aws:s3:eu-west-1:111122223333:accesspoint/p";
        let object = format!("{point}/object/k");
        assert_eq!(bucket_and_key(&object), Some(("aws", point, "k")));
        let key = "arn:aws:kms:eu-west-1:111122223333:key/1";
        assert_eq!(bucket_and_key(key), Some(("aws", key, "")));
        assert_eq!(bucket_and_key("state/k"), None);
        assert_eq!(bucket_and_key("arn:aws:s3:::"), None);
    }
}

//! The request to judge, as its sender knows it.

use std::fmt;

use serde_json::Value;

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

/// A context that is not an object of scalars, lists of scalars and nulls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextError {
    /// The key at fault; empty for the context itself.
    pub key: String,
}

impl fmt::Display for ContextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.as_str() {
            "" => write!(f, "the context must be an object"),
            key => write!(
                f,
                "the context key {key:?} must be a string, number, boolean, a list of these, or null for a key that is absent"
            ),
        }
    }
}

impl std::error::Error for ContextError {}

impl ContextValue {
    /// From JavaScript: a scalar, a list of scalars, or `null` for absent.
    fn from_json(value: &Value) -> Option<ContextValue> {
        match value {
            Value::Null => Some(ContextValue::Absent),
            Value::Array(items) => {
                let values = items.iter().map(scalar).collect::<Option<_>>()?;
                Some(ContextValue::Values(values))
            }
            other => Some(ContextValue::Values(vec![scalar(other)?])),
        }
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(known) => Some(known.to_string()),
        _ => None,
    }
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

    /// Adds a JSON object of condition keys: scalars, lists of scalars, and
    /// `null` for a key that is known to be absent.
    ///
    /// # Errors
    /// The first key whose value is none of these.
    pub fn add_context(&mut self, context: &Value) -> Result<(), ContextError> {
        let Value::Object(members) = context else {
            return Err(ContextError { key: String::new() });
        };
        for (key, value) in members {
            let value =
                ContextValue::from_json(value).ok_or_else(|| ContextError { key: key.clone() })?;
            self.context.push((key.clone(), value));
        }
        Ok(())
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
    fn context_from_json() {
        let mut request = Request::new(Operation::put_object(), "b", "k");
        let context = serde_json::json!({"a:b": true, "a:c": null, "a:d": ["x", 1]});
        assert_eq!(request.add_context(&context), Ok(()));
        let values: Vec<_> = request.context.iter().map(|(_, value)| value).collect();
        assert_eq!(values[0], &ContextValue::Values(vec!["true".into()]));
        assert_eq!(values[1], &ContextValue::Absent);
        let wrong = request.add_context(&serde_json::json!({"a:e": {}}));
        assert_eq!(wrong.map_err(|e| e.key), Err("a:e".to_owned()));
    }
}

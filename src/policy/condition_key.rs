//! The condition keys of one request: what the context declares, else what the
//! table ([`super::key_table`]) derives from headers and operation.
//!
//! A key that the table does not have is unknown. So are keys that look like a
//! header but are no condition keys (encryption context, bucket key, MD5 of a
//! customer key): S3 refuses a policy that uses them.

use std::collections::HashMap;

use super::key_table::{self, Source};
use super::request::{ContextValue, Request};

/// The encryption that the request asks for.
pub const SSE: &str = "s3:x-amz-server-side-encryption";
/// The KMS key that the request asks for; see [`super::reading`].
pub const KMS_KEY: &str = "s3:x-amz-server-side-encryption-aws-kms-key-id";
/// SSE-C.
pub const CUSTOMER_ALGORITHM: &str = "s3:x-amz-server-side-encryption-customer-algorithm";
/// The caller: a user, a role (with its path), or an assumed-role session.
pub const PRINCIPAL_ARN: &str = "aws:PrincipalArn";

/// What is known of a condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyValue {
    /// The request does not carry it.
    Absent,
    /// Its values, at least one.
    Values(Vec<String>),
    /// Cannot be known here, and why.
    Unknown(&'static str),
}

impl KeyValue {
    pub(super) fn one(value: impl Into<String>) -> KeyValue {
        KeyValue::Values(vec![value.into()])
    }

    /// The value, when there is exactly one.
    pub fn single(&self) -> Option<&str> {
        match self {
            KeyValue::Values(values) => match values.as_slice() {
                [value] => Some(value),
                _ => None,
            },
            KeyValue::Absent | KeyValue::Unknown(_) => None,
        }
    }
}

/// Why a key that the table does not have is unknown.
const NOT_IN_TABLE: &str = "not a condition key that can be told from the request";
/// Why a part's encryption is unknown.
const SET_BY_CREATE: &str = "settled by CreateMultipartUpload, whose headers are not given";
/// Why a key is unknown that the context declares so.
const DECLARED: &str = "declared unknown by the context";

/// The condition keys of one request.
pub struct Keys<'a> {
    request: &'a Request,
    context: HashMap<String, &'a ContextValue>,
    headers: HashMap<String, &'a str>,
    create: Option<HashMap<String, &'a str>>,
    kms_key: Option<KeyValue>,
}

impl<'a> Keys<'a> {
    /// Indexes a request.
    pub fn new(request: &'a Request) -> Keys<'a> {
        let context = request.context.iter();
        Keys {
            request,
            context: context
                .map(|(key, value)| (key.to_ascii_lowercase(), value))
                .collect(),
            headers: index(&request.headers),
            create: request.create_headers.as_deref().map(index),
            kms_key: None,
        }
    }

    /// Replaces the value of [`KMS_KEY`] by the key that S3 would really use;
    /// `None` goes back to the header.
    pub fn assume_kms_key(&mut self, assumed: Option<KeyValue>) {
        self.kms_key = assumed;
    }

    /// The request.
    pub fn request(&self) -> &'a Request {
        self.request
    }

    /// True when the context speaks about the key.
    pub fn is_declared(&self, key: &str) -> bool {
        self.context.contains_key(&key.to_ascii_lowercase())
    }

    /// The names of the headers that are sent, in lower case.
    pub fn header_names(&self) -> impl Iterator<Item = &str> {
        self.headers.keys().map(String::as_str)
    }

    /// What the context says about a caller that may be a session; the value
    /// of the condition key is [`Keys::get`]'s.
    pub fn declared_principal(&self) -> Option<&'a str> {
        let value = self.context.get(&PRINCIPAL_ARN.to_ascii_lowercase())?;
        match value {
            ContextValue::Values(values) => values.first().map(String::as_str),
            ContextValue::Absent | ContextValue::Unknown => None,
        }
    }

    /// The value of a condition key; its name in any case.
    pub fn get(&self, key: &str) -> KeyValue {
        if let Some(assumed) = &self.kms_key {
            if key.eq_ignore_ascii_case(KMS_KEY) {
                return assumed.clone();
            }
        }
        match self.context.get(&key.to_ascii_lowercase()) {
            Some(ContextValue::Absent) => return KeyValue::Absent,
            Some(ContextValue::Unknown) => return KeyValue::Unknown(DECLARED),
            Some(ContextValue::Values(values)) if values.is_empty() => return KeyValue::Absent,
            Some(ContextValue::Values(values)) => return normalize(key, values),
            None => {}
        }
        let Some((row, tail)) = key_table::lookup(key) else {
            return KeyValue::Unknown(NOT_IN_TABLE);
        };
        match row.source {
            Source::Header(name) => self.header(name),
            Source::CreateHeader(name) => self.create_header(name),
            Source::Known(value) => KeyValue::one(value),
            Source::Absent => KeyValue::Absent,
            Source::Unknown => KeyValue::Unknown(row.reason),
            Source::Computed(compute) => compute(self, tail),
        }
    }

    /// A header of this request; the name in lower case.
    pub fn header(&self, name: &str) -> KeyValue {
        match self.headers.get(name) {
            Some(&value) => KeyValue::one(value),
            None => KeyValue::Absent,
        }
    }

    /// The same, looked up in `CreateMultipartUpload` where that settled it.
    pub fn create_header(&self, name: &str) -> KeyValue {
        let own = self.header(name);
        if own != KeyValue::Absent || !self.request.operation.follows_create() {
            return own;
        }
        match &self.create {
            Some(create) => create
                .get(name)
                .map_or(KeyValue::Absent, |&value| KeyValue::one(value)),
            // SSE or SSE-C among the part's headers: they are Create's, or as
            // good as, since the two exclude each other.
            None if self.knows_encryption() => KeyValue::Absent,
            None => KeyValue::Unknown(SET_BY_CREATE),
        }
    }

    fn knows_encryption(&self) -> bool {
        let prefix = SSE.trim_start_matches("s3:");
        self.is_declared(SSE) || self.header_names().any(|name| name.starts_with(prefix))
    }
}

fn index(headers: &[(String, String)]) -> HashMap<String, &str> {
    let pairs = headers.iter();
    pairs
        .map(|(name, value)| (name.to_ascii_lowercase(), value.as_str()))
        .collect()
}

/// In a request context, `aws:PrincipalArn` is the role, never the session.
/// A session does not tell the role's path: give the role where it has one.
fn normalize(key: &str, values: &[String]) -> KeyValue {
    if key.eq_ignore_ascii_case(PRINCIPAL_ARN) {
        let roles = values
            .iter()
            .map(|arn| super::principal::role_of_session(arn).unwrap_or_else(|| arn.clone()));
        return KeyValue::Values(roles.collect());
    }
    KeyValue::Values(values.to_vec())
}

#[cfg(test)]
mod tests {
    use super::super::operation::Operation;
    use super::*;

    fn request(operation: &str) -> Request {
        let operation = Operation::parse(operation).expect("an operation");
        Request::new(operation, "b", "k")
    }

    fn one(value: &str) -> KeyValue {
        KeyValue::one(value)
    }

    #[test]
    fn context_beats_header_beats_default() {
        let sent = request("PutObject")
            .header("X-Amz-Server-Side-Encryption", "aws:kms")
            .with_value("AWS:securetransport", "false")
            .with("s3:authtype", ContextValue::Unknown)
            .with("aws:sourceVPCE", ContextValue::Absent);
        let keys = Keys::new(&sent);
        assert_eq!(keys.get("S3:X-AMZ-server-side-encryption"), one("aws:kms"));
        assert_eq!(keys.get("aws:SecureTransport"), one("false"));
        assert_eq!(keys.get("s3:TlsVersion"), KeyValue::Absent);
        assert_eq!(keys.get("aws:SourceVpce"), KeyValue::Absent);
        assert_eq!(
            keys.get("s3:signatureAge"),
            KeyValue::Unknown("the age of a presigned request")
        );
        assert!(matches!(keys.get("aws:SourceIp"), KeyValue::Unknown(_)));
        assert!(matches!(
            keys.get("s3:x-amz-server-side-encryption-context"),
            KeyValue::Unknown(_)
        ));
    }

    #[test]
    fn a_part_has_the_encryption_of_its_upload() {
        let mut part = request("UploadPart");
        assert_eq!(Keys::new(&part).get(SSE), KeyValue::Unknown(SET_BY_CREATE));
        assert_eq!(Keys::new(&part).get(CUSTOMER_ALGORITHM), KeyValue::Absent);
        part.create_headers = Some(vec![(
            "x-amz-server-side-encryption".into(),
            "AES256".into(),
        )]);
        assert_eq!(Keys::new(&part).get(SSE), one("AES256"));
        part.create_headers = Some(Vec::new());
        assert_eq!(Keys::new(&part).get(SSE), KeyValue::Absent);
        let customer = request("UploadPart")
            .header("x-amz-server-side-encryption-customer-algorithm", "AES256");
        assert_eq!(Keys::new(&customer).get(SSE), KeyValue::Absent);
    }

    #[test]
    fn the_caller() {
        let user = request("PutObject").with_value(
            "aws:principalarn",
            "arn:aws:iam::111122223333:user/team/ann",
        );
        assert_eq!(Keys::new(&user).get("aws:username"), one("ann"));
        assert_eq!(
            Keys::new(&user).get("aws:PrincipalAccount"),
            one("111122223333")
        );
        let session = request("PutObject").with_value(
            "aws:PrincipalArn",
            "arn:aws:sts::111122223333:assumed-role/Deploy/ci",
        );
        let role = "arn:aws:iam::111122223333:role/Deploy";
        assert_eq!(Keys::new(&session).get("aws:PrincipalArn"), one(role));
        assert_eq!(Keys::new(&session).get("aws:username"), KeyValue::Absent);
        assert_eq!(
            Keys::new(&session).get("aws:PrincipalType"),
            one("AssumedRole")
        );
        assert_eq!(Keys::new(&user).get("aws:principaltype"), one("User"));
        let owned = request("PutObject").with_value("aws:resourceaccount", "444455556666");
        assert_eq!(
            Keys::new(&owned).get("s3:ResourceAccount"),
            one("444455556666")
        );
    }
}

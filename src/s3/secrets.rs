//! What is sent and must not come back: a server may quote any header in its error.

use std::fmt;

use base64::{engine::general_purpose::STANDARD, Engine};
use serde_json::Value;

/// Headers whose values nobody may see, in lower case.
pub const SECRET_HEADERS: [&str; 5] = [
    "x-amz-security-token",
    "x-amz-s3session-token",
    CONTEXT,
    "x-amz-server-side-encryption-customer-key",
    "x-amz-server-side-encryption-customer-key-md5",
];
const CONTEXT: &str = "x-amz-server-side-encryption-context";

/// Shorter texts tell nothing, and stand in errors by chance.
const LEAST: usize = 8;

pub const REDACTED: &str = "[redacted]";

/// The secrets of one request.
#[derive(Clone, Default)]
pub(super) struct Secrets(Vec<(&'static str, String)>);

impl Secrets {
    pub fn add<'a>(&mut self, headers: impl Iterator<Item = (&'a str, &'a str)>) {
        for (name, value) in headers {
            let (name, value) = match SECRET_HEADERS.iter().find(|secret| **secret == name) {
                Some(name) => (*name, value),
                None if name == AUTHORIZATION => (AUTHORIZATION, signature_in(value)),
                None => continue,
            };
            if !self.0.iter().any(|(_, known)| known == value) {
                self.0.push((name, value.to_owned()));
            }
        }
    }

    /// Takes them out of texts that the server wrote. What stands in `url` is known anyway.
    pub fn redact<'t>(&self, texts: impl IntoIterator<Item = &'t mut String>, url: &str) {
        if self.0.is_empty() {
            return;
        }
        let mut secrets: Vec<String> = self.0.iter().flat_map(spellings).collect();
        secrets.retain(|secret| secret.len() >= LEAST && !url.contains(secret.as_str()));
        // The longest first: one may be a part of another.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        for text in texts {
            for secret in &secrets {
                if text.contains(secret) {
                    *text = text.replace(secret, REDACTED);
                }
            }
        }
    }
}

const AUTHORIZATION: &str = "authorization";

/// What follows the names of who signed and of what is signed.
fn signature_in(authorization: &str) -> &str {
    let parts = authorization.split_once("Signature=");
    parts.map_or(authorization, |(_, signature)| signature)
}

/// The value as it may be quoted, and of a context also what it says.
fn spellings((name, value): &(&'static str, String)) -> Vec<String> {
    let escaped = value
        .replace('+', "%2B")
        .replace('/', "%2F")
        .replace('=', "%3D");
    let unpadded = value.trim_end_matches('=').to_owned();
    let for_urls = unpadded.replace('+', "-").replace('/', "_");
    let mut list = vec![value.clone(), escaped, unpadded, for_urls];
    let decoded = (*name == CONTEXT).then(|| STANDARD.decode(value).ok());
    let json = decoded
        .flatten()
        .and_then(|json| String::from_utf8(json).ok());
    if let Some(json) = json {
        if let Ok(Value::Object(entries)) = serde_json::from_str(&json) {
            // A value alone may be any word of the error; with its name it is the context's.
            for (key, value) in entries.iter().filter_map(|(k, v)| Some((k, v.as_str()?))) {
                list.extend([": ", ":", "="].map(|sign| format!("{key}{sign}{value}")));
                list.extend([": ", ":"].map(|sign| format!("\"{key}\"{sign}\"{value}\"")));
            }
        }
        list.push(json);
    }
    list
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_spelling_of_a_secret_stays() {
        let context =
            STANDARD.encode(r#"{"tenant":"planted-tenant","bucket":"state-bucket","n":1}"#);
        let mut secrets = Secrets::default();
        secrets.add(
            [
                ("x-amz-security-token", "planted-token"),
                (
                    "x-amz-server-side-encryption-customer-key",
                    "planted-key+/=",
                ),
                (
                    "x-amz-server-side-encryption-customer-key-md5",
                    "planted-md5==",
                ),
                (CONTEXT, context.as_str()),
                ("x-amz-acl", "private-acl"),
                (
                    "authorization",
                    "AWS4-HMAC-SHA256 Credential=AKIA/s3, Signature=planted-signature",
                ),
            ]
            .into_iter(),
        );
        let mut shown = format!("planted-token planted-key+/= planted-md5== {context} planted-signature tenant=planted-tenant planted-key%2B%2F%3D planted-key-_ planted-md5 private-acl state-bucket");
        secrets.redact([&mut shown], "http://s3/state-bucket/k");
        assert!(
            !shown.contains("planted") && !shown.contains(&context),
            "{shown}"
        );
        assert!(
            shown.ends_with("[redacted] private-acl state-bucket"),
            "{shown}"
        );
        assert!(!format!("{secrets:?}").contains("planted"));
    }
}

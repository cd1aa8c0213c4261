//! SSE-C: a 256-bit key that never shows itself.

use std::fmt;

use base64::{engine::general_purpose::STANDARD, Engine};
use md5::{Digest, Md5};
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::value::Value;

/// 32 bytes, wiped when dropped. The copies that JavaScript and the HTTP stack hold are not ours.
#[derive(Clone, PartialEq)]
pub struct CustomerKey(Zeroizing<[u8; 32]>);

impl CustomerKey {
    /// Normalizes as the AWS SDK for JavaScript does: a string that is base64 of 32 bytes is that;
    /// any other string is its UTF-8 bytes; bytes are the key itself.
    pub fn parse(setting: &str, value: &Value) -> Result<CustomerKey> {
        let bytes: Zeroizing<Vec<u8>> = match value {
            Value::String(text) => match STANDARD.decode(text) {
                Ok(decoded) if decoded.len() == 32 => decoded.into(),
                _ => text.as_bytes().to_vec().into(),
            },
            Value::Bytes(bytes) => bytes.clone().into(),
            other => {
                return Err(Error::wrong_type(
                    setting,
                    other,
                    "Give the 32-byte key as base64, Buffer or Uint8Array",
                ))
            }
        };
        let key: [u8; 32] = bytes.as_slice().try_into().map_err(|_| {
            Error::invalid(
                setting,
                &format!("holds {} bytes; an SSE-C key has 32", bytes.len()),
                "Give 32 random bytes as base64, Buffer or Uint8Array (openssl rand -base64 32)",
            )
        })?;
        Ok(CustomerKey(Zeroizing::new(key)))
    }

    pub fn base64(&self) -> String {
        STANDARD.encode(self.0.as_slice())
    }

    /// As secret as the key: whoever knows it can check guesses offline.
    pub fn md5_base64(&self) -> String {
        STANDARD.encode(Md5::digest(self.0.as_slice()))
    }
}

impl fmt::Debug for CustomerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CustomerKey(****)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_one_key() {
        let raw = "0123456789abcdef0123456789abcdef";
        let same = [
            Value::String(raw.into()),
            Value::String(STANDARD.encode(raw)),
            Value::Bytes(raw.as_bytes().to_vec()),
        ];
        for value in same {
            let key = CustomerKey::parse("k", &value).expect("a key");
            assert_eq!(key.base64(), STANDARD.encode(raw));
            assert_eq!(key.md5_base64(), STANDARD.encode(Md5::digest(raw)));
            assert_eq!(format!("{key:?}"), "CustomerKey(****)");
        }
    }

    #[test]
    fn other_lengths_are_refused_without_showing_them() {
        for value in [
            Value::String("short-secret".into()),
            Value::Bytes(vec![7; 31]),
            Value::Bytes(vec![7; 44]),
            Value::String(String::new()),
        ] {
            let error = CustomerKey::parse("sseCustomerKey", &value).expect_err("refused");
            assert!(!error.message.contains("short-secret"));
        }
    }
}

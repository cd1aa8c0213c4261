//! Signing a request that was made elsewhere: Signature Version 4.

use std::time::SystemTime;

use aws_sigv4::http_request::{
    sign, PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;

use super::credentials::Credentials;
use crate::error::{Error, Origin, Result};

/// A request to sign; its body is known by the hash in `x-amz-content-sha256`.
pub struct Unsigned {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
}

/// What an earlier signature left; it is made anew.
const REPLACED: [&str; 3] = ["authorization", "x-amz-date", "x-amz-security-token"];

/// What clients and proxies change on the way.
const NOT_SIGNED: [&str; 5] = [
    "connection",
    "expect",
    "transfer-encoding",
    "user-agent",
    "x-amzn-trace-id",
];

const HASH: &str = "x-amz-content-sha256";

/// Where and for whom a signature holds.
pub(super) struct Scope<'a> {
    pub identity: Identity,
    pub region: &'a str,
    pub name: &'a str,
    pub time: SystemTime,
}

/// The headers with a new signature. `now` is the time that it names.
pub fn sign_request(
    request: &Unsigned,
    region: &str,
    credentials: &Credentials,
    now: SystemTime,
) -> Result<Vec<(String, String)>> {
    let Credentials::Given(credentials) = credentials else {
        return Err(Error::missing(
            "credentials",
            "Give the credentials to sign with",
        ));
    };
    let mut headers: Vec<(String, String)> = request
        .headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
        .filter(|(name, _)| !REPLACED.contains(&name.as_str()))
        .collect();
    let hash = headers.iter().position(|(name, _)| name == HASH);
    let hash = hash.map(|at| headers.remove(at).1);
    let body = match hash {
        // Each of its chunks is signed with the signature before it.
        Some(hash) if hash.starts_with("STREAMING-AWS4") => {
            return Err(Error::invalid(
                HASH,
                "names a body whose chunks are signed",
                "Send the body unchunked, or with STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            ))
        }
        None => SignableBody::UnsignedPayload,
        Some(hash) if hash == "UNSIGNED-PAYLOAD" => SignableBody::UnsignedPayload,
        Some(hash) if hash == "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => {
            SignableBody::StreamingUnsignedPayloadTrailer
        }
        Some(hash) => SignableBody::Precomputed(hash),
    };
    let scope = Scope {
        identity: credentials.clone().into(),
        region,
        name: "s3",
        time: now,
    };
    let added = signature(&request.method, &request.url, &headers, body, &scope)?;
    headers.extend(
        added
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value)),
    );
    Ok(headers)
}

/// The headers that sign a request.
pub(super) fn signature<N: AsRef<str>>(
    method: &str,
    url: &str,
    headers: &[(N, String)],
    body: SignableBody<'_>,
    scope: &Scope<'_>,
) -> Result<Vec<(&'static str, String)>> {
    let failed = |what: &str| Error::new(Origin::Client, "Error", format!("Signing: {what}"));
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    settings.excluded_headers = Some(NOT_SIGNED.map(Into::into).to_vec());
    let params = v4::SigningParams::builder()
        .identity(&scope.identity)
        .region(scope.region)
        .name(scope.name)
        .time(scope.time)
        .settings(settings)
        .build()
        .map_err(|_| failed("incomplete"))?;
    let headers = headers
        .iter()
        .map(|(name, value)| (name.as_ref(), value.as_str()));
    // The library's own errors may quote headers.
    let signable = SignableRequest::new(method, url, headers, body)
        .map_err(|_| failed("the request has a URL or header that cannot be signed"))?;
    let (instructions, _) = sign(signable, &params.into())
        .map_err(|_| failed("the request cannot be signed"))?
        .into_parts();
    let (added, _) = instructions.into_parts();
    Ok(added
        .into_iter()
        .map(|header| (header.name(), header.value().to_owned()))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    fn credentials() -> Credentials {
        let text = |k: &str, v: &str| (k.to_owned(), Value::String(v.to_owned()));
        Credentials::parse(&Value::Object(vec![
            text("accessKeyId", "AKIAIOSFODNN7EXAMPLE"),
            text(
                "secretAccessKey",
                "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            ),
        ]))
        .expect("credentials")
    }

    /// The example of S3's own documentation, "Example: PUT Object" of Signature Version 4.
    #[test]
    fn the_documented_example() {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let request = Unsigned {
            method: "PUT".into(),
            url: "https://examplebucket.s3.amazonaws.com/test%24file.text".into(),
            headers: vec![
                header("Date", "Fri, 24 May 2013 00:00:00 GMT"),
                header("x-amz-storage-class", "REDUCED_REDUNDANCY"),
                header(
                    HASH,
                    "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
                ),
                header("Authorization", "of an earlier signature"),
            ],
        };
        let now = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_369_353_600);
        let signed = sign_request(&request, "us-east-1", &credentials(), now).expect("signed");
        let authorization = signed.iter().find(|(name, _)| name == "authorization");
        assert_eq!(
            authorization.map(|(_, value)| value.as_str()),
            Some("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class, Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
        );
    }

    #[test]
    fn chunk_signatures_cannot_be_renewed() {
        let hash = (
            HASH.to_owned(),
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD".to_owned(),
        );
        let request = Unsigned {
            method: "PUT".into(),
            url: "https://b.s3.amazonaws.com/k".into(),
            headers: vec![hash],
        };
        let error = sign_request(&request, "us-east-1", &credentials(), SystemTime::now());
        assert_eq!(
            error.err().and_then(|e| e.setting.clone()).as_deref(),
            Some(HASH)
        );
    }
}

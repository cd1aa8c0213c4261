//! The one question to KMS: the state of a key.
//!
//! One signed JSON request over the connector that is there already; the SDK's client of KMS would
//! be one more service in the addon.

use aws_sdk_s3::config::http::HttpResponse;
use bytes::Bytes;
use serde_json::{json, Value};

use super::client::Connection;
use super::direct::Request;
use super::endpoint::Endpoint;
use super::failure::Failure;
use crate::error::{Error, Origin};

/// What `DescribeKey` told.
#[derive(Debug, Clone, PartialEq)]
pub struct KmsKey {
    pub arn: Option<String>,
    /// `Enabled`, `Disabled`, `PendingDeletion`, …
    pub state: String,
    /// `SYMMETRIC_DEFAULT` for what S3 can use.
    pub spec: Option<String>,
    /// `ENCRYPT_DECRYPT` for what S3 can use.
    pub usage: Option<String>,
    pub aws_managed: bool,
}

impl Connection {
    /// The state of a key, given in any of its four forms. Needs `kms:DescribeKey`.
    pub async fn describe_key(&self, endpoint: &str, key: &str) -> Result<KmsKey, Failure> {
        let endpoint = Endpoint {
            url: endpoint.trim_end_matches('/').to_owned(),
            signing_region: self.region().to_owned(),
            signing_name: "kms".into(),
            headers: Vec::new(),
        };
        let headers = [
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", "TrentService.DescribeKey"),
        ];
        let own = self.wire.user_agent.iter();
        let own = own.map(|(name, value)| (*name, value.as_str()));
        let request = Request {
            method: "POST",
            url: format!("{}/", endpoint.url),
            headers: headers
                .into_iter()
                .chain(own)
                .map(|(name, value)| (name.into(), value.to_owned()))
                .collect(),
            body: Bytes::from(json!({ "KeyId": key }).to_string()),
        };
        let exchange = self.untold_exchange();
        let response = request.once(self, &endpoint, &exchange).await?;
        Ok(read(&response).map_err(|mut error| {
            exchange.redact(&mut error);
            error
        })?)
    }
}

fn read(response: &HttpResponse) -> Result<KmsKey, Error> {
    let body = response.body().bytes().unwrap_or_default();
    let told: Value = serde_json::from_slice(body).unwrap_or_default();
    let status = response.status().as_u16();
    let key = &told["KeyMetadata"];
    let text = |name: &str| key[name].as_str().map(str::to_owned);
    if let (200, Some(state)) = (status, text("KeyState")) {
        return Ok(KmsKey {
            arn: text("Arn"),
            state,
            spec: text("KeySpec"),
            usage: text("KeyUsage"),
            aws_managed: key["KeyManager"] == "AWS",
        });
    }
    // `com.amazonaws.kms#NotFoundException`
    let code = told["__type"].as_str().unwrap_or("Unknown");
    let code = code.rsplit('#').next().unwrap_or(code);
    let message = told["message"].as_str().or(told["Message"].as_str());
    let message = message.map_or_else(|| format!("KMS answered {status}"), str::to_owned);
    let mut error = Error::new(Origin::Service, code, message);
    error.metadata.http_status = Some(status);
    Err(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_s3::primitives::SdkBody;

    fn told(status: u16, body: &str) -> Result<KmsKey, Error> {
        let status = status.try_into().expect("a status");
        read(&HttpResponse::new(status, SdkBody::from(body)))
    }

    #[test]
    fn answers_and_refusals() {
        let key = told(
            200,
            r#"{"KeyMetadata":{"Arn":"a","KeyState":"Enabled","KeySpec":"SYMMETRIC_DEFAULT","KeyUsage":"ENCRYPT_DECRYPT","KeyManager":"AWS"}}"#,
        );
        let key = key.expect("a key");
        assert_eq!((key.state.as_str(), key.aws_managed), ("Enabled", true));
        for (status, body, code) in [
            (
                400,
                r#"{"__type":"NotFoundException","message":"m"}"#,
                "NotFoundException",
            ),
            (
                400,
                r#"{"__type":"com.amazonaws.kms#AccessDeniedException"}"#,
                "AccessDeniedException",
            ),
            (200, "<html>", "Unknown"),
            (200, r#"{"KeyMetadata":{}}"#, "Unknown"),
            (503, "", "Unknown"),
        ] {
            assert_eq!(told(status, body).expect_err(body).name, code, "{body}");
        }
    }
}

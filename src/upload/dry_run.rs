//! The request that an upload would send: explained, or signed for somebody else to send.

use bytes::Bytes;
use serde_json::{json, Map, Value};

use super::{Plan, Prepared};
use crate::encryption::{headers, request_report, Operation};
use crate::error::Result;
use crate::s3::{Credentials, Signed, REDACTED, SECRET_HEADERS};

impl Plan {
    /// What would be sent first, secrets redacted, and why.
    pub async fn explain_upload(mut self, credentials: Credentials) -> Result<Value> {
        let control = self.control.clone();
        let prepared = control.unless_stopped(self.prepare(&credentials)).await;
        let Prepared {
            connection,
            choice,
            start,
            ..
        } = prepared?;
        let total = start
            .source
            .total
            .or(start.is_whole.then(|| start.source.given()));
        let operation = match start.is_whole {
            true => Operation::PutObject,
            false => Operation::CreateMultipartUpload,
        };
        let asked = headers(&choice.encryption, operation);
        let signed = match start.is_whole {
            true => self.object.sign_put(&connection, start.first, asked).await,
            false => self.object.sign_create(&connection, asked).await,
        };
        let signed = signed.map_err(|failure| failure.error)?;
        let mut told = json!({
            "operation": operation.name(),
            "method": signed.method,
            "url": signed.url,
            "headers": shown(&signed),
            "region": connection.region(),
            "encryption": request_report(&choice, self.stage.as_deref()),
        });
        if let Some(total) = total {
            told["contentLength"] = total.into();
        }
        if !start.is_whole {
            told["multipart"] = json!({
                "partSize": self.transfer.part_size(total),
                "queueSize": self.transfer.queue_size,
            });
        }
        Ok(told)
    }

    /// One put, signed, with its body.
    pub async fn sign(mut self, credentials: Credentials) -> Result<(Value, Bytes)> {
        let control = self.control.clone();
        control.unless_stopped(self.signed(&credentials)).await
    }

    async fn signed(&mut self, credentials: &Credentials) -> Result<(Value, Bytes)> {
        let mut connection = self.connect(credentials).await?;
        let (choice, _) = self.choose(&mut connection).await?;
        self.settle_region(&mut connection, &choice).await?;
        let body = self.whole_body().await?;
        let asked = headers(&choice.encryption, Operation::PutObject);
        let signed = self.object.sign_put(&connection, body.clone(), asked).await;
        let signed = signed.map_err(|failure| failure.error)?;
        let headers: Map<String, Value> = signed
            .headers
            .into_iter()
            .map(|(name, value)| (name, value.into()))
            .collect();
        let value = json!({ "url": signed.url, "method": signed.method, "headers": headers });
        Ok((value, body))
    }

    async fn whole_body(&mut self) -> Result<Bytes> {
        let body = self.body.take().unwrap_or(super::Body::Bytes(Bytes::new()));
        let mut source = super::source::Source::open(body, self.content_length).await?;
        Ok(source.next(usize::MAX).await?.bytes)
    }
}

fn shown(signed: &Signed) -> Map<String, Value> {
    signed
        .headers
        .iter()
        .map(|(name, value)| {
            let shown = if SECRET_HEADERS.contains(&name.as_str()) {
                REDACTED.to_owned()
            } else if name == "authorization" {
                // Whom it names and what it covers is worth reading; the signature is not.
                let end = value.find("Signature=").unwrap_or(0);
                format!("{}Signature={REDACTED}", &value[..end])
            } else {
                value.clone()
            };
            (name.clone(), shown.into())
        })
        .collect()
}

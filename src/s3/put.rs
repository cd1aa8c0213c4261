//! The put that stores a state.

use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_http::label::{fmt_string, EncodingStrategy};
use bytes::Bytes;

use super::checksum;
use super::client::Connection;
use super::direct::Request;
use super::dry_run::{self, DryRun};
use super::endpoint::Endpoint;
use super::exchange::Exchange;
use super::failure::{failure, Failure};
use super::object::Object;
use super::output::{self, Reported};
use crate::encryption::Header;
use crate::error::Result;

const CONTENT_TYPE: &str = "content-type";

impl Object {
    pub async fn put(
        &self,
        connection: &Connection,
        body: Bytes,
        headers: Vec<Header>,
    ) -> std::result::Result<Reported, Failure> {
        let exchange = connection.exchange("PutObject");
        let reply = match self.directly(connection).await {
            Some(endpoint) => {
                let request = self.request(connection, &endpoint, body, headers)?;
                request.send(connection, &endpoint, &exchange).await?
            }
            None => {
                // Boxed: it is rare and large.
                Box::pin(self.put_by_sdk(connection, body, headers, &exchange)).await?;
                exchange.headers()
            }
        };
        Ok(Reported {
            fields: output::of_put(&reply),
            encryption: output::encryption_of_put(&reply),
            metadata: exchange.metadata(),
            location: exchange.url(),
        })
    }

    /// The same request, signed and not sent.
    pub async fn sign_put(
        &self,
        connection: &Connection,
        body: Bytes,
        headers: Vec<Header>,
    ) -> std::result::Result<dry_run::Signed, Failure> {
        if let Some(endpoint) = self.directly(connection).await {
            let request = self.request(connection, &endpoint, body, headers)?;
            let signed = request.sign(connection, &endpoint).await;
            return Ok(dry_run::Signed::new(request.method, &request.url, signed?));
        }
        let dry = DryRun::of(connection);
        let sent = self
            .put_by_sdk(
                &dry.connection,
                body,
                headers,
                &connection.untold_exchange(),
            )
            .await;
        dry.request().ok_or_else(|| match sent {
            Err(failure) => failure,
            Ok(()) => dry_run::no_request().into(),
        })
    }

    /// The endpoint to send the put to ourselves; nothing where the SDK must do it.
    async fn directly(&self, connection: &Connection) -> Option<Endpoint> {
        if connection.settings.adaptive_retries {
            return None;
        }
        connection.endpoint(&self.bucket).await
    }

    fn request(
        &self,
        connection: &Connection,
        endpoint: &Endpoint,
        body: Bytes,
        encryption: Vec<Header>,
    ) -> Result<Request> {
        let mut headers = Vec::with_capacity(16);
        let own = endpoint.headers.iter();
        headers.extend(own.map(|(name, value)| (name.clone().into(), value.clone())));
        let mut add = |name: &'static str, value: String| headers.push((name.into(), value));
        add("content-length", body.len().to_string());
        if !self.fields.has("ContentType") {
            add(
                CONTENT_TYPE,
                self.default_content_type
                    .unwrap_or("application/octet-stream")
                    .to_owned(),
            );
        }
        headers.extend(self.fields.put_headers().cloned());
        if let Some((algorithm, value)) = self.checksum(connection, &body)? {
            if !self.fields.has("ChecksumAlgorithm") {
                headers.push(("x-amz-sdk-checksum-algorithm".into(), algorithm.to_owned()));
            }
            let name = format!("x-amz-checksum-{}", algorithm.to_ascii_lowercase());
            headers.push((name.into(), value));
        }
        let encryption = encryption.into_iter();
        headers.extend(encryption.map(|header| (header.name.into(), header.value)));
        let agent = connection.wire.user_agent.iter();
        headers.extend(agent.map(|(name, value)| ((*name).into(), value.clone())));
        let key = fmt_string(&self.key, EncodingStrategy::Greedy);
        Ok(Request {
            method: "PUT",
            url: format!("{}/{key}?x-id=PutObject", endpoint.url),
            headers,
            body,
        })
    }

    /// The checksum to send beside what the caller gave: its algorithm and value.
    fn checksum(&self, connection: &Connection, body: &[u8]) -> Result<Option<(&str, String)>> {
        if self.fields.have_checksum() {
            return Ok(None);
        }
        let algorithm = match self.fields.text("ChecksumAlgorithm") {
            Some(algorithm) => algorithm,
            None if connection.settings.checksum_when_required => return Ok(None),
            None => "CRC32",
        };
        Ok(Some((algorithm, checksum::compute(algorithm, body)?)))
    }

    /// For what this room does not sign itself.
    async fn put_by_sdk(
        &self,
        connection: &Connection,
        body: Bytes,
        encryption: Vec<Header>,
        exchange: &Exchange,
    ) -> std::result::Result<(), Failure> {
        let computed = self.checksum(connection, &body)?;
        let named = self.fields.text("ChecksumAlgorithm");
        let announced = named.or(computed.as_ref().map(|(algorithm, _)| *algorithm));
        let mut put = connection
            .client()
            .put_object()
            .bucket(&self.bucket)
            .key(&self.key)
            .set_checksum_algorithm(announced.map(Into::into));
        if let Some((algorithm, value)) = computed {
            put = checksum::put(put, algorithm, value);
        }
        let mut headers: Vec<(String, String)> = Vec::new();
        if let (Some(kind), false) = (self.default_content_type, self.fields.has("ContentType")) {
            headers.push((CONTENT_TYPE.into(), kind.into()));
        }
        for (name, value) in self.fields.put_headers() {
            match name.strip_prefix("x-amz-checksum-") {
                // The SDK must know of it, or it adds another.
                Some(algorithm) => put = checksum::put(put, algorithm, value.to_owned()),
                None => headers.push((name.to_string(), value.clone())),
            }
        }
        let encryption = encryption.into_iter();
        headers.extend(encryption.map(|header| (header.name.to_owned(), header.value)));
        put.body(ByteStream::from(body))
            .customize()
            .interceptor(exchange.clone())
            .mutate_request(move |request| {
                for (name, value) in &headers {
                    request.headers_mut().insert(name.clone(), value.clone());
                }
            })
            .send()
            .await
            .map(drop)
            .map_err(|error| failure(error, exchange))
    }
}

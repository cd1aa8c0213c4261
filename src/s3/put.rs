//! One PutObject with a body in memory.

use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;

use super::client::Connection;
use super::exchange::Exchange;
use super::failure::{failure, Failure};
use super::fields::Fields;
use super::output::{encryption, fields, PutOutput};
use crate::encryption::Header;

pub struct PutRequest {
    pub bucket: String,
    pub key: String,
    pub fields: Fields,
    /// Used unless the fields set one.
    pub default_content_type: Option<&'static str>,
}

impl PutRequest {
    /// Sends it with `headers`, which are signed like all others.
    pub async fn send(
        &self,
        connection: &Connection,
        body: Bytes,
        headers: Vec<Header>,
    ) -> Result<PutOutput, Failure> {
        let exchange = Exchange::default();
        let mut put = connection
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(&self.key)
            // In memory: one checksum header, no chunked encoding, and retries send the same bytes.
            .body(ByteStream::from(body));
        if let (Some(kind), false) = (self.default_content_type, self.fields.has("ContentType")) {
            put = put.content_type(kind);
        }
        if let (Some(owner), false) = (
            &connection.settings.expected_bucket_owner,
            self.fields.has("ExpectedBucketOwner"),
        ) {
            put = put.expected_bucket_owner(owner);
        }
        let sent = self
            .fields
            .apply(put)
            .customize()
            .config_override(connection.overrides())
            .interceptor(exchange.clone())
            .mutate_request(move |request| {
                for header in &headers {
                    request
                        .headers_mut()
                        .insert(header.name, header.value.clone());
                }
            })
            .send()
            .await;
        match sent {
            Ok(reply) => Ok(PutOutput {
                fields: fields(&reply),
                encryption: encryption(&reply),
                metadata: exchange.metadata(),
                location: exchange.url(),
            }),
            Err(error) => Err(failure(error, &exchange)),
        }
    }
}

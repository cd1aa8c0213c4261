//! One object, and the requests that write it.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode, CompletedMultipartUpload, CompletedPart};
use bytes::Bytes;

use super::checksum;
use super::client::Connection;
use super::completion::WholeAnswer;
use super::dry_run::{self, DryRun, Signed};
use super::failure::{failure, Failure};
use super::fields::Fields;
use super::output::{self, Reported};
use crate::encryption::{Header, Reply};
use crate::error::{Error, Origin};

pub struct Object {
    pub bucket: String,
    pub key: String,
    pub fields: Fields,
    /// Used unless the fields set one.
    pub default_content_type: Option<&'static str>,
}

/// Sends a request with headers of ours, which are signed like all others.
macro_rules! send {
    ($request:expr, $exchange:expr, $headers:expr $(, $interceptor:expr)?) => {{
        let headers = $headers;
        $request
            .customize()
            .interceptor($exchange.clone())
            $(.interceptor($interceptor))?
            .mutate_request(move |request| {
                // Servers and proxies may refuse a POST that does not say that it has no body.
                if request.method() == "POST" && request.body().content_length() == Some(0) {
                    request.headers_mut().insert("content-length", "0");
                }
                for header in &headers {
                    request
                        .headers_mut()
                        .insert(header.name, header.value.clone());
                }
            })
            .send()
            .await
            .map_err(|error| failure(error, &$exchange))
    }};
}

/// A part that S3 has.
pub struct SentPart {
    pub number: i32,
    /// How S3 says that it encrypted the part.
    pub encryption: Reply,
    completed: CompletedPart,
}

impl Object {
    /// The upload's id, and the encryption that S3 will apply.
    pub async fn create(
        &self,
        connection: &Connection,
        headers: Vec<Header>,
    ) -> Result<(String, Reply), Failure> {
        let exchange = connection.exchange("CreateMultipartUpload");
        let mut create = connection
            .client()
            .create_multipart_upload()
            .bucket(&self.bucket)
            .key(&self.key)
            .set_checksum_algorithm(self.part_checksum(connection));
        if let Some(kind) = self.default_content_type {
            create = create.content_type(kind);
        }
        // A content type of the fields beats the default.
        let reply = send!(self.fields.create(create), exchange, headers)?;
        let id = reply.upload_id().unwrap_or_default().to_owned();
        Ok((id, output::encryption_of_create(&reply)))
    }

    /// The same request, signed and not sent.
    pub async fn sign_create(
        &self,
        connection: &Connection,
        headers: Vec<Header>,
    ) -> Result<Signed, Failure> {
        let dry = DryRun::of(connection);
        let sent = self.create(&dry.connection, headers).await;
        dry.request().ok_or_else(|| match sent {
            Err(failure) => failure,
            Ok(_) => dry_run::no_request().into(),
        })
    }

    /// As lib-storage has it: CRC32 unless the caller names another, nothing where only what is
    /// required is sent.
    fn part_checksum(&self, connection: &Connection) -> Option<ChecksumAlgorithm> {
        match self.fields.text("ChecksumAlgorithm") {
            Some(name) => Some(name.into()),
            None if connection.settings.checksum_when_required => None,
            None => Some(ChecksumAlgorithm::Crc32),
        }
    }

    pub async fn part(
        &self,
        connection: &Connection,
        upload: &str,
        number: i32,
        body: Bytes,
        headers: Vec<Header>,
    ) -> Result<SentPart, Failure> {
        let exchange = connection.exchange("UploadPart");
        let mut part = connection
            .client()
            .upload_part()
            .bucket(&self.bucket)
            .key(&self.key)
            .upload_id(upload)
            .part_number(number);
        part = part.set_checksum_algorithm(self.part_checksum(connection));
        if connection.settings.checksum_when_required {
            // The SDK would announce the algorithm and compute nothing, which S3 refuses.
            if let Some(algorithm) = self.fields.text("ChecksumAlgorithm") {
                part = checksum::part(part, algorithm, checksum::compute(algorithm, &body)?);
            }
        }
        let part = self.fields.part(part).body(ByteStream::from(body));
        let reply = send!(part, exchange, headers)?;
        if reply.e_tag().is_none() {
            // CompleteMultipartUpload names each part by it.
            let told = format!("The answer to part {number} has no ETag");
            return Err(Error::new(Origin::Client, "Error", told).into());
        }
        Ok(SentPart {
            number,
            encryption: output::encryption_of_part(&reply),
            completed: output::completed_part(number, &reply),
        })
    }

    pub async fn complete(
        &self,
        connection: &Connection,
        upload: &str,
        mut parts: Vec<SentPart>,
        headers: Vec<Header>,
    ) -> Result<Reported, Failure> {
        let exchange = connection.exchange("CompleteMultipartUpload");
        parts.sort_by_key(|part| part.number);
        let list = parts.into_iter().map(|part| part.completed).collect();
        let complete = connection
            .client()
            .complete_multipart_upload()
            .bucket(&self.bucket)
            .key(&self.key)
            .upload_id(upload)
            .multipart_upload(
                CompletedMultipartUpload::builder()
                    .set_parts(Some(list))
                    .build(),
            );
        let complete = self.fields.complete(complete);
        let reply = send!(complete, exchange, headers, WholeAnswer)?;
        Ok(Reported {
            fields: output::of_complete(&reply),
            encryption: output::encryption_of_complete(&reply),
            metadata: exchange.metadata(),
            // S3 answers with its own URL, in which the slashes of the key are encoded.
            location: reply
                .location()
                .map(|location| location.replace("%2F", "/"))
                .or_else(|| exchange.url()),
        })
    }

    pub async fn abort(&self, connection: &Connection, upload: &str) -> Result<(), Failure> {
        let exchange = connection.exchange("AbortMultipartUpload");
        let abort = connection
            .client()
            .abort_multipart_upload()
            .bucket(&self.bucket)
            .key(&self.key)
            .upload_id(upload);
        send!(self.fields.abort(abort), exchange, Vec::<Header>::new())?;
        Ok(())
    }

    /// What is stored now, with its checksum.
    pub async fn head(
        &self,
        connection: &Connection,
        headers: Vec<Header>,
    ) -> Result<Reported, Failure> {
        let exchange = connection.exchange("HeadObject");
        let head = connection
            .client()
            .head_object()
            .bucket(&self.bucket)
            .key(&self.key)
            .checksum_mode(ChecksumMode::Enabled);
        let reply = send!(head, exchange, headers)?;
        Ok(Reported {
            fields: output::of_head(&reply),
            encryption: output::encryption_of_head(&reply),
            metadata: exchange.metadata(),
            location: exchange.url(),
        })
    }
}

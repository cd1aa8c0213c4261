//! The reply to PutObject, in the SDK for JavaScript's names.

use aws_sdk_s3::operation::put_object::PutObjectOutput;
use serde_json::{Map, Value};

use crate::encryption::Reply;
use crate::error::Metadata;

pub struct PutOutput {
    /// `PutObjectCommandOutput` without `$metadata`; absent fields are left out.
    pub fields: Map<String, Value>,
    pub encryption: Reply,
    pub metadata: Metadata,
    /// The object's URL.
    pub location: Option<String>,
}

type Getter = fn(&PutObjectOutput) -> Option<&str>;

const FIELDS: &[(&str, Getter)] = &[
    ("Expiration", |put| put.expiration()),
    ("ETag", |put| put.e_tag()),
    ("ChecksumCRC32", |put| put.checksum_crc32()),
    ("ChecksumCRC32C", |put| put.checksum_crc32_c()),
    ("ChecksumCRC64NVME", |put| put.checksum_crc64_nvme()),
    ("ChecksumSHA1", |put| put.checksum_sha1()),
    ("ChecksumSHA256", |put| put.checksum_sha256()),
    ("ChecksumSHA512", |put| put.checksum_sha512()),
    ("ChecksumMD5", |put| put.checksum_md5()),
    ("ChecksumXXHASH64", |put| put.checksum_xxhash64()),
    ("ChecksumXXHASH3", |put| put.checksum_xxhash3()),
    ("ChecksumXXHASH128", |put| put.checksum_xxhash128()),
    ("ChecksumType", |put| {
        put.checksum_type().map(|value| value.as_str())
    }),
    ("ServerSideEncryption", |put| {
        put.server_side_encryption().map(|value| value.as_str())
    }),
    ("VersionId", |put| put.version_id()),
    ("SSECustomerAlgorithm", |put| put.sse_customer_algorithm()),
    ("SSECustomerKeyMD5", |put| put.sse_customer_key_md5()),
    ("SSEKMSKeyId", |put| put.ssekms_key_id()),
    ("SSEKMSEncryptionContext", |put| {
        put.ssekms_encryption_context()
    }),
    ("RequestCharged", |put| {
        put.request_charged().map(|value| value.as_str())
    }),
];

pub(super) fn fields(put: &PutObjectOutput) -> Map<String, Value> {
    let mut map: Map<String, Value> = FIELDS
        .iter()
        .filter_map(|(name, get)| Some(((*name).to_owned(), get(put)?.into())))
        .collect();
    if let Some(flag) = put.bucket_key_enabled() {
        map.insert("BucketKeyEnabled".into(), flag.into());
    }
    if let Some(size) = put.size() {
        map.insert("Size".into(), size.into());
    }
    map
}

pub(super) fn encryption(put: &PutObjectOutput) -> Reply {
    let own = |text: Option<&str>| text.map(str::to_owned);
    Reply {
        algorithm: own(put.server_side_encryption().map(|value| value.as_str())),
        kms_key: own(put.ssekms_key_id()),
        context: own(put.ssekms_encryption_context()),
        bucket_key: put.bucket_key_enabled(),
        customer_algorithm: own(put.sse_customer_algorithm()),
        customer_md5: own(put.sse_customer_key_md5()),
    }
}

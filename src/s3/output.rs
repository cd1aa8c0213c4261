//! Replies in the SDK for JavaScript's names.

use aws_sdk_s3::operation::complete_multipart_upload::CompleteMultipartUploadOutput;
use aws_sdk_s3::operation::create_multipart_upload::CreateMultipartUploadOutput;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::operation::upload_part::UploadPartOutput;
use aws_sdk_s3::types::CompletedPart;
use aws_smithy_runtime_api::http::Headers;
use serde_json::{Map, Value};

use crate::encryption::Reply;
use crate::error::Metadata;

/// What S3 reports of an object that was written.
pub struct Reported {
    /// Of `PutObjectCommandOutput`, without `$metadata`; absent fields are left out.
    pub fields: Map<String, Value>,
    pub encryption: Reply,
    pub metadata: Metadata,
    /// The object's URL.
    pub location: Option<String>,
}

/// The fields that all replies about an object have.
macro_rules! fields {
    ($reply:expr, $($name:literal $getter:ident),* $(,)?) => {{
        let reply = $reply;
        let mut map = Map::new();
        let mut text = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                map.insert(name.to_owned(), value.into());
            }
        };
        $( text($name, reply.$getter()); )*
        text("Expiration", reply.expiration());
        text("ETag", reply.e_tag());
        text("ChecksumCRC32", reply.checksum_crc32());
        text("ChecksumCRC32C", reply.checksum_crc32_c());
        text("ChecksumCRC64NVME", reply.checksum_crc64_nvme());
        text("ChecksumSHA1", reply.checksum_sha1());
        text("ChecksumSHA256", reply.checksum_sha256());
        text("ChecksumSHA512", reply.checksum_sha512());
        text("ChecksumMD5", reply.checksum_md5());
        text("ChecksumXXHASH64", reply.checksum_xxhash64());
        text("ChecksumXXHASH3", reply.checksum_xxhash3());
        text("ChecksumXXHASH128", reply.checksum_xxhash128());
        text("ChecksumType", reply.checksum_type().map(|value| value.as_str()));
        text("ServerSideEncryption", reply.server_side_encryption().map(|value| value.as_str()));
        text("VersionId", reply.version_id());
        text("SSEKMSKeyId", reply.ssekms_key_id());
        text("RequestCharged", reply.request_charged().map(|value| value.as_str()));
        if let Some(flag) = reply.bucket_key_enabled() {
            map.insert("BucketKeyEnabled".into(), flag.into());
        }
        map
    }};
}

macro_rules! encryption {
    ($reply:expr) => {
        Reply {
            algorithm: $reply
                .server_side_encryption()
                .map(|value| value.as_str().to_owned()),
            kms_key: $reply.ssekms_key_id().map(str::to_owned),
            bucket_key: $reply.bucket_key_enabled(),
            ..Reply::default()
        }
    };
    ($reply:expr, customer) => {
        Reply {
            customer_algorithm: $reply.sse_customer_algorithm().map(str::to_owned),
            customer_md5: $reply.sse_customer_key_md5().map(str::to_owned),
            ..encryption!($reply)
        }
    };
    ($reply:expr, context) => {
        Reply {
            context: $reply.ssekms_encryption_context().map(str::to_owned),
            ..encryption!($reply, customer)
        }
    };
}

/// Header and field of a put's reply.
const PUT: &[(&str, &str)] = &[
    ("x-amz-expiration", "Expiration"),
    ("etag", "ETag"),
    ("x-amz-checksum-crc32", "ChecksumCRC32"),
    ("x-amz-checksum-crc32c", "ChecksumCRC32C"),
    ("x-amz-checksum-crc64nvme", "ChecksumCRC64NVME"),
    ("x-amz-checksum-sha1", "ChecksumSHA1"),
    ("x-amz-checksum-sha256", "ChecksumSHA256"),
    ("x-amz-checksum-sha512", "ChecksumSHA512"),
    ("x-amz-checksum-md5", "ChecksumMD5"),
    ("x-amz-checksum-xxhash64", "ChecksumXXHASH64"),
    ("x-amz-checksum-xxhash3", "ChecksumXXHASH3"),
    ("x-amz-checksum-xxhash128", "ChecksumXXHASH128"),
    ("x-amz-checksum-type", "ChecksumType"),
    ("x-amz-server-side-encryption", "ServerSideEncryption"),
    ("x-amz-version-id", "VersionId"),
    (
        "x-amz-server-side-encryption-customer-algorithm",
        "SSECustomerAlgorithm",
    ),
    (
        "x-amz-server-side-encryption-customer-key-md5",
        "SSECustomerKeyMD5",
    ),
    ("x-amz-server-side-encryption-aws-kms-key-id", "SSEKMSKeyId"),
    (
        "x-amz-server-side-encryption-context",
        "SSEKMSEncryptionContext",
    ),
    ("x-amz-request-charged", "RequestCharged"),
];

pub(super) fn of_put(reply: &Headers) -> Map<String, Value> {
    let mut map = Map::new();
    for (header, field) in PUT {
        if let Some(text) = reply.get(header).filter(|text| !text.is_empty()) {
            map.insert((*field).to_owned(), text.into());
        }
    }
    if let Some(flag) = flag(reply, "x-amz-server-side-encryption-bucket-key-enabled") {
        map.insert("BucketKeyEnabled".into(), flag.into());
    }
    if let Some(size) = reply
        .get("x-amz-object-size")
        .and_then(|size| size.parse::<u64>().ok())
    {
        map.insert("Size".into(), size.into());
    }
    map
}

fn flag(reply: &Headers, name: &str) -> Option<bool> {
    reply
        .get(name)
        .and_then(|text| text.to_ascii_lowercase().parse().ok())
}

pub(super) fn of_head(reply: &HeadObjectOutput) -> Map<String, Value> {
    fields!(
        reply,
        "SSECustomerAlgorithm" sse_customer_algorithm,
        "SSECustomerKeyMD5" sse_customer_key_md5,
    )
}

pub(super) fn of_complete(reply: &CompleteMultipartUploadOutput) -> Map<String, Value> {
    fields!(reply,)
}

pub(super) fn encryption_of_put(reply: &Headers) -> Reply {
    let text = |name| {
        reply
            .get(name)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    Reply {
        algorithm: text("x-amz-server-side-encryption"),
        kms_key: text("x-amz-server-side-encryption-aws-kms-key-id"),
        context: text("x-amz-server-side-encryption-context"),
        bucket_key: flag(reply, "x-amz-server-side-encryption-bucket-key-enabled"),
        customer_algorithm: text("x-amz-server-side-encryption-customer-algorithm"),
        customer_md5: text("x-amz-server-side-encryption-customer-key-md5"),
    }
}

pub(super) fn encryption_of_create(reply: &CreateMultipartUploadOutput) -> Reply {
    encryption!(reply, context)
}

pub(super) fn encryption_of_part(reply: &UploadPartOutput) -> Reply {
    encryption!(reply, customer)
}

pub(super) fn encryption_of_head(reply: &HeadObjectOutput) -> Reply {
    encryption!(reply, customer)
}

pub(super) fn encryption_of_complete(reply: &CompleteMultipartUploadOutput) -> Reply {
    encryption!(reply)
}

pub(super) fn completed_part(number: i32, reply: &UploadPartOutput) -> CompletedPart {
    let own = |text: Option<&str>| text.map(str::to_owned);
    CompletedPart::builder()
        .part_number(number)
        .set_e_tag(own(reply.e_tag()))
        .set_checksum_crc32(own(reply.checksum_crc32()))
        .set_checksum_crc32_c(own(reply.checksum_crc32_c()))
        .set_checksum_crc64_nvme(own(reply.checksum_crc64_nvme()))
        .set_checksum_sha1(own(reply.checksum_sha1()))
        .set_checksum_sha256(own(reply.checksum_sha256()))
        .build()
}

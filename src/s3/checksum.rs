//! Checksums, and the calls that give them to the SDK.

use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder as Put;
use aws_sdk_s3::operation::upload_part::builders::UploadPartFluentBuilder as Part;
use aws_smithy_checksums::ChecksumAlgorithm;
use base64::{engine::general_purpose::STANDARD, Engine};

use crate::error::{Error, Result};

macro_rules! take {
    ($builder:ident, $algorithm:ident, $value:ident, $($name:literal $method:ident),*) => {
        match $algorithm.to_ascii_uppercase().as_str() {
            $( $name => $builder.$method($value), )*
            _ => $builder,
        }
    };
}

/// Sets the checksum of a put.
pub fn put(builder: Put, algorithm: &str, value: String) -> Put {
    take!(
        builder, algorithm, value,
        "CRC32" checksum_crc32, "CRC32C" checksum_crc32_c, "CRC64NVME" checksum_crc64_nvme,
        "SHA1" checksum_sha1, "SHA256" checksum_sha256, "SHA512" checksum_sha512, "MD5" checksum_md5,
        "XXHASH64" checksum_xxhash64, "XXHASH3" checksum_xxhash3, "XXHASH128" checksum_xxhash128
    )
}

/// Sets the checksum of a part.
pub fn part(builder: Part, algorithm: &str, value: String) -> Part {
    take!(
        builder, algorithm, value,
        "CRC32" checksum_crc32, "CRC32C" checksum_crc32_c, "CRC64NVME" checksum_crc64_nvme,
        "SHA1" checksum_sha1, "SHA256" checksum_sha256
    )
}

/// As base64, the way S3 writes it.
pub fn compute(algorithm: &str, body: &[u8]) -> Result<String> {
    let known = algorithm
        .parse::<ChecksumAlgorithm>()
        .ok()
        .filter(|_| ALGORITHMS.contains(&algorithm));
    let mut checksum = known.ok_or_else(|| unknown(algorithm))?.into_impl();
    checksum.update(body);
    Ok(STANDARD.encode(checksum.finalize()))
}

/// An algorithm that is left to the caller.
pub fn unknown(algorithm: &str) -> Error {
    Error::invalid(
        "ChecksumAlgorithm",
        &format!("is {algorithm:?}, which is not computed here"),
        &format!(
            "Give one of {}, or the checksum itself",
            ALGORITHMS.join(", ")
        ),
    )
}

/// What both SDKs can compute.
pub const ALGORITHMS: [&str; 5] = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"];

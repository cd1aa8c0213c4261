//! Checksums that the SDK does not compute itself.

use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder as Put;
use aws_sdk_s3::operation::upload_part::builders::UploadPartFluentBuilder as Part;
use aws_smithy_checksums::ChecksumAlgorithm;
use base64::{engine::general_purpose::STANDARD, Engine};

use crate::error::{Error, Result};

pub trait TakesChecksum: Sized {
    fn take(self, algorithm: &str, value: String) -> Self;
}

macro_rules! takes_checksum {
    ($($builder:ident),*) => { $(
        impl TakesChecksum for $builder {
            fn take(self, algorithm: &str, value: String) -> Self {
                match algorithm {
                    "CRC32" => self.checksum_crc32(value),
                    "CRC32C" => self.checksum_crc32_c(value),
                    "CRC64NVME" => self.checksum_crc64_nvme(value),
                    "SHA1" => self.checksum_sha1(value),
                    _ => self.checksum_sha256(value),
                }
            }
        }
    )* };
}

takes_checksum!(Put, Part);

/// Sets the checksum of `body` by `algorithm`, where one is named.
pub fn supply<B: TakesChecksum>(builder: B, algorithm: Option<&str>, body: &[u8]) -> Result<B> {
    match algorithm {
        None => Ok(builder),
        Some(name) => Ok(builder.take(name, compute(name, body)?)),
    }
}

/// As base64, the way S3 writes it.
pub fn compute(algorithm: &str, body: &[u8]) -> Result<String> {
    let known = algorithm
        .parse::<ChecksumAlgorithm>()
        .ok()
        .filter(|_| ALGORITHMS.contains(&algorithm));
    let Some(known) = known else {
        return Err(Error::invalid(
            "ChecksumAlgorithm",
            &format!("is {algorithm:?}, which is not computed here"),
            &format!(
                "Give one of {}, or the checksum itself",
                ALGORITHMS.join(", ")
            ),
        ));
    };
    let mut checksum = known.into_impl();
    checksum.update(body);
    Ok(STANDARD.encode(checksum.finalize()))
}

/// What both SDKs can compute.
pub const ALGORITHMS: [&str; 5] = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"];

//! S3 operations and the IAM actions that a policy knows them by.
//!
//! Source: Service Authorization Reference for S3, and "Required permissions
//! for Amazon S3 API operations" in the S3 User Guide.

use std::fmt;

use crate::similar::did_you_mean;

/// What the resource of an operation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// `arn:aws:s3:::bucket/key`
    Object,
    /// `arn:aws:s3:::bucket`
    Bucket,
}

/// What an operation has to do with bringing an object into being.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Creation {
    /// Nothing.
    None,
    /// It creates the object at once; `s3:ObjectCreationOperation` is true.
    Whole,
    /// It opens a multipart upload. Only completing one creates the object, so
    /// `s3:ObjectCreationOperation` is false.
    Opens,
    /// It brings a part of an upload whose encryption was settled on opening.
    Part,
    /// It completes such an upload and creates the object.
    Completes,
}

struct Row {
    name: &'static str,
    action: &'static str,
    target: Target,
    creation: Creation,
}

const fn row(name: &'static str, action: &'static str, target: Target, creation: Creation) -> Row {
    Row {
        name,
        action,
        target,
        creation,
    }
}

/// The first row of an action stands for the raw action.
#[rustfmt::skip]
const OPERATIONS: &[Row] = &[
    row("PutObject", "s3:PutObject", Target::Object, Creation::Whole),
    row("PostObject", "s3:PutObject", Target::Object, Creation::Whole),
    row("CopyObject", "s3:PutObject", Target::Object, Creation::Whole),
    row("CreateMultipartUpload", "s3:PutObject", Target::Object, Creation::Opens),
    row("UploadPart", "s3:PutObject", Target::Object, Creation::Part),
    row("UploadPartCopy", "s3:PutObject", Target::Object, Creation::Part),
    row("CompleteMultipartUpload", "s3:PutObject", Target::Object, Creation::Completes),
    row("AbortMultipartUpload", "s3:AbortMultipartUpload", Target::Object, Creation::None),
    row("ListParts", "s3:ListMultipartUploadParts", Target::Object, Creation::None),
    row("ListMultipartUploads", "s3:ListBucketMultipartUploads", Target::Bucket, Creation::None),
    row("GetObject", "s3:GetObject", Target::Object, Creation::None),
    row("HeadObject", "s3:GetObject", Target::Object, Creation::None),
    row("GetObjectAttributes", "s3:GetObjectAttributes", Target::Object, Creation::None),
    row("GetObjectAcl", "s3:GetObjectAcl", Target::Object, Creation::None),
    row("PutObjectAcl", "s3:PutObjectAcl", Target::Object, Creation::None),
    row("GetObjectTagging", "s3:GetObjectTagging", Target::Object, Creation::None),
    row("PutObjectTagging", "s3:PutObjectTagging", Target::Object, Creation::None),
    row("DeleteObjectTagging", "s3:DeleteObjectTagging", Target::Object, Creation::None),
    row("PutObjectRetention", "s3:PutObjectRetention", Target::Object, Creation::None),
    row("GetObjectRetention", "s3:GetObjectRetention", Target::Object, Creation::None),
    row("PutObjectLegalHold", "s3:PutObjectLegalHold", Target::Object, Creation::None),
    row("GetObjectLegalHold", "s3:GetObjectLegalHold", Target::Object, Creation::None),
    row("UpdateObjectEncryption", "s3:UpdateObjectEncryption", Target::Object, Creation::None),
    row("DeleteObject", "s3:DeleteObject", Target::Object, Creation::None),
    row("DeleteObjects", "s3:DeleteObject", Target::Object, Creation::None),
    row("RestoreObject", "s3:RestoreObject", Target::Object, Creation::None),
    row("HeadBucket", "s3:ListBucket", Target::Bucket, Creation::None),
    row("ListObjects", "s3:ListBucket", Target::Bucket, Creation::None),
    row("ListObjectsV2", "s3:ListBucket", Target::Bucket, Creation::None),
    row("ListObjectVersions", "s3:ListBucketVersions", Target::Bucket, Creation::None),
    row("CreateBucket", "s3:CreateBucket", Target::Bucket, Creation::None),
    row("DeleteBucket", "s3:DeleteBucket", Target::Bucket, Creation::None),
    row("GetBucketLocation", "s3:GetBucketLocation", Target::Bucket, Creation::None),
    row("GetBucketEncryption", "s3:GetEncryptionConfiguration", Target::Bucket, Creation::None),
    row("PutBucketEncryption", "s3:PutEncryptionConfiguration", Target::Bucket, Creation::None),
    row("DeleteBucketEncryption", "s3:PutEncryptionConfiguration", Target::Bucket, Creation::None),
    row("GetBucketPolicy", "s3:GetBucketPolicy", Target::Bucket, Creation::None),
    row("GetBucketPolicyStatus", "s3:GetBucketPolicyStatus", Target::Bucket, Creation::None),
    row("PutBucketPolicy", "s3:PutBucketPolicy", Target::Bucket, Creation::None),
    row("DeleteBucketPolicy", "s3:DeleteBucketPolicy", Target::Bucket, Creation::None),
    row("GetBucketVersioning", "s3:GetBucketVersioning", Target::Bucket, Creation::None),
    row("PutBucketVersioning", "s3:PutBucketVersioning", Target::Bucket, Creation::None),
    row("GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock", Target::Bucket, Creation::None),
    row("GetBucketOwnershipControls", "s3:GetBucketOwnershipControls", Target::Bucket, Creation::None),
    row("GetBucketAcl", "s3:GetBucketAcl", Target::Bucket, Creation::None),
    row("GetBucketTagging", "s3:GetBucketTagging", Target::Bucket, Creation::None),
    row("GetBucketLogging", "s3:GetBucketLogging", Target::Bucket, Creation::None),
    row("GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration", Target::Bucket, Creation::None),
];

/// Headers on a write that need a permission of their own, beside
/// `s3:PutObject` (PutObject, "Permissions").
#[rustfmt::skip]
const FURTHER_ACTIONS: &[(&str, &str)] = &[
    ("x-amz-acl", "s3:PutObjectAcl"),
    ("x-amz-grant-full-control", "s3:PutObjectAcl"),
    ("x-amz-grant-read", "s3:PutObjectAcl"),
    ("x-amz-grant-read-acp", "s3:PutObjectAcl"),
    ("x-amz-grant-write-acp", "s3:PutObjectAcl"),
    ("x-amz-tagging", "s3:PutObjectTagging"),
    ("x-amz-object-lock-mode", "s3:PutObjectRetention"),
    ("x-amz-object-lock-retain-until-date", "s3:PutObjectRetention"),
    ("x-amz-object-lock-legal-hold", "s3:PutObjectLegalHold"),
];

/// An operation, as S3 or as IAM names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The S3 operation, or the IAM action when only that is known.
    pub name: String,
    /// The IAM action.
    pub action: String,
    /// What the resource is; `None` for an action that this table does not
    /// have: then an object when the request names a key, else the bucket.
    pub target: Option<Target>,
    /// What it has to do with bringing an object into being.
    pub creation: Creation,
}

/// A name that is neither an S3 operation nor an IAM action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownOperation {
    /// The name.
    pub name: String,
    hint: String,
}

impl fmt::Display for UnknownOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, hint } = self;
        write!(f, "{name:?} is no operation of S3{hint}")
    }
}

impl std::error::Error for UnknownOperation {}

impl Operation {
    /// Reads `PutObject`, or an IAM action such as `s3:PutObjectAcl`. Case
    /// does not count.
    ///
    /// # Errors
    /// The name is not in the table and has no colon that makes it an action.
    pub fn parse(name: &str) -> Result<Operation, UnknownOperation> {
        let named = |row: &&Row| {
            row.name.eq_ignore_ascii_case(name) || row.action.eq_ignore_ascii_case(name)
        };
        if let Some(row) = OPERATIONS.iter().find(named) {
            return Ok(Operation {
                name: row.name.to_owned(),
                action: row.action.to_owned(),
                target: Some(row.target),
                creation: row.creation,
            });
        }
        if name.contains(':') {
            return Ok(Operation {
                name: name.to_owned(),
                action: name.to_owned(),
                target: None,
                creation: Creation::None,
            });
        }
        Err(UnknownOperation {
            name: name.to_owned(),
            hint: did_you_mean(name, OPERATIONS.iter().map(|row| row.name)),
        })
    }

    /// The put of one whole object.
    pub fn put_object() -> Operation {
        Operation {
            name: "PutObject".to_owned(),
            action: "s3:PutObject".to_owned(),
            target: Some(Target::Object),
            creation: Creation::Whole,
        }
    }

    /// True when it writes an object and so decides its encryption.
    pub fn writes(&self) -> bool {
        self.creation != Creation::None
    }

    /// True when its headers do not decide the encryption, because opening
    /// the upload did.
    pub fn follows_create(&self) -> bool {
        matches!(self.creation, Creation::Part | Creation::Completes)
    }

    /// The actions that a write needs beside its own because of a header.
    pub fn further_action(&self, header: &str) -> Option<&'static str> {
        let carries = matches!(self.creation, Creation::Whole | Creation::Opens);
        let row = FURTHER_ACTIONS.iter().find(|(name, _)| *name == header);
        row.filter(|_| carries).map(|(_, action)| *action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_actions() {
        let action = |name| Operation::parse(name).map(|operation| operation.action);
        assert_eq!(action("uploadpart").as_deref(), Ok("s3:PutObject"));
        assert_eq!(action("HeadObject").as_deref(), Ok("s3:GetObject"));
        assert_eq!(action("s3:PutObjectAcl").as_deref(), Ok("s3:PutObjectAcl"));
        assert_eq!(action("s3:Whatever").as_deref(), Ok("s3:Whatever"));
        assert_eq!(
            Operation::parse("PutObjekt").map_err(|e| e.to_string()),
            Err("\"PutObjekt\" is no operation of S3; did you mean \"PutObject\"?".to_owned())
        );
        assert_eq!(
            Operation::parse("S3:putobject"),
            Ok(Operation::put_object())
        );
    }
}

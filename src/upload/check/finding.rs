//! One thing that was looked at, and what came of it.

use serde_json::{json, Value};

use super::super::mirror::is_about_the_caller;
use crate::error::{Error, Origin};
use crate::policy::Operation;

/// What is looked at, in the order in which it is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Id {
    BucketExists,
    Region,
    Owner,
    Versioning,
    DefaultEncryption,
    BlockedEncryption,
    Policy,
    Tls,
    PublicAccessBlock,
    ObjectOwnership,
    KmsKey,
    ConditionalWrites,
    PutProbe,
}

pub(super) const IDS: [Id; 13] = [
    Id::BucketExists,
    Id::Region,
    Id::Owner,
    Id::Versioning,
    Id::DefaultEncryption,
    Id::BlockedEncryption,
    Id::Policy,
    Id::Tls,
    Id::PublicAccessBlock,
    Id::ObjectOwnership,
    Id::KmsKey,
    Id::ConditionalWrites,
    Id::PutProbe,
];

impl Id {
    fn as_str(self) -> &'static str {
        match self {
            Id::BucketExists => "bucket-exists",
            Id::Region => "region",
            Id::Owner => "owner",
            Id::Versioning => "versioning",
            Id::DefaultEncryption => "default-encryption",
            Id::BlockedEncryption => "blocked-encryption",
            Id::Policy => "policy",
            Id::Tls => "tls",
            Id::PublicAccessBlock => "public-access-block",
            Id::ObjectOwnership => "object-ownership",
            Id::KmsKey => "kms-key",
            Id::ConditionalWrites => "conditional-writes",
            Id::PutProbe => "put-probe",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Ok,
    /// The upload passes; something around it could be safer.
    Warning,
    /// The upload fails, or the state is not safe.
    Problem,
    /// Not looked at, or not to be found out.
    Skipped,
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::Warning => "warning",
            Status::Problem => "problem",
            Status::Skipped => "skipped",
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Finding {
    pub id: Id,
    pub status: Status,
    /// One sentence.
    pub message: String,
    /// What to change.
    pub remedy: Option<String>,
    /// The IAM action whose lack hid the answer.
    pub permission: Option<String>,
}

impl Finding {
    fn new(id: Id, status: Status, message: impl Into<String>) -> Finding {
        Finding {
            id,
            status,
            message: message.into(),
            remedy: None,
            permission: None,
        }
    }

    pub fn ok(id: Id, message: impl Into<String>) -> Finding {
        Finding::new(id, Status::Ok, message)
    }

    pub fn warning(id: Id, message: impl Into<String>, remedy: impl Into<String>) -> Finding {
        Finding::new(id, Status::Warning, message).remedy(remedy)
    }

    pub fn problem(id: Id, message: impl Into<String>, remedy: impl Into<String>) -> Finding {
        Finding::new(id, Status::Problem, message).remedy(remedy)
    }

    pub fn skipped(id: Id, message: impl Into<String>) -> Finding {
        Finding::new(id, Status::Skipped, message)
    }

    /// Of an argument error or the like: its message and hint.
    pub fn of_error(id: Id, error: &Error) -> Finding {
        let mut finding = Finding::new(id, Status::Problem, error.message.clone());
        finding.remedy = error.hint.clone();
        finding
    }

    /// The question was refused for want of `permission`.
    pub fn denied(id: Id, what: &str, permission: &str) -> Finding {
        let mut finding = Finding::skipped(
            id,
            format!("{what} could not be read: {permission} is not allowed"),
        );
        finding.remedy = Some(format!("Allow {permission} for the caller"));
        finding.permission = Some(permission.to_owned());
        finding
    }

    pub fn remedy(mut self, remedy: impl Into<String>) -> Finding {
        self.remedy = Some(remedy.into());
        self
    }

    pub fn to_json(&self) -> Value {
        let mut json = json!({
            "id": self.id.as_str(),
            "status": self.status.as_str(),
            "message": self.message,
        });
        for (name, text) in [("remedy", &self.remedy), ("permission", &self.permission)] {
            if let Some(text) = text {
                json[name] = text.as_str().into();
            }
        }
        json
    }
}

/// Why a question has no answer.
pub(super) enum Unanswered {
    Denied,
    /// The server does not know the question.
    Unknown(String),
    /// S3 or the network failed.
    Failed(String),
}

/// Sorts a failure. An error is one that every further request would meet as well.
pub(super) fn unanswered(error: Error) -> Result<Unanswered, Error> {
    if error.origin == Origin::Service && is_about_the_caller(&error.name) {
        return Err(error);
    }
    let status = error.metadata.http_status;
    let told = match status {
        Some(status) if error.name == "Unknown" => format!("HTTP {status}"),
        _ => error.name.clone(),
    };
    // Servers that lack a subresource answer 404, or take the request for that of an object.
    let unknown = matches!(status, Some(404 | 405 | 501))
        || matches!(error.name.as_str(), "NotImplemented" | "MethodNotAllowed");
    Ok(match status {
        _ if unknown && error.name != "NoSuchBucket" => Unanswered::Unknown(told),
        Some(403) => Unanswered::Denied,
        Some(_) => Unanswered::Failed(format!("the server answered {told}")),
        None => Unanswered::Failed(error.message.clone()),
    })
}

impl Unanswered {
    pub fn finding(&self, id: Id, what: &str, operation: &str) -> Finding {
        match self {
            Unanswered::Denied => Finding::denied(id, what, &permission(operation)),
            Unanswered::Unknown(told) => Finding::skipped(
                id,
                format!(
                    "{what} could not be read: the server does not answer {operation} ({told})"
                ),
            ),
            Unanswered::Failed(why) => {
                Finding::skipped(id, format!("{what} could not be read: {why}"))
                    .remedy("Check again")
            }
        }
    }
}

/// The IAM action of an operation.
pub(super) fn permission(operation: &str) -> String {
    match Operation::parse(operation) {
        Ok(operation) => operation.action,
        Err(_) => format!("s3:{operation}"),
    }
}

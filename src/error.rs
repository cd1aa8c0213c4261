//! The one error type: what went wrong, and what to change.
//!
//! It holds what the AWS SDK for JavaScript puts on its errors, as plain data. Nothing secret may
//! be put into it: everything here reaches logs.

use std::ops::{Deref, DerefMut};

use serde_json::{json, Map, Value};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Names of the errors that stateseal raises itself, before or after S3 was asked.
pub mod name {
    /// A required argument is not there.
    pub const MISSING: &str = "MissingRequiredParameter";
    /// An argument has the wrong JavaScript type.
    pub const TYPE: &str = "InvalidParameterType";
    /// An argument has the right type and an impossible value.
    pub const VALUE: &str = "InvalidParameterValue";
    /// A bucket policy that S3 would not take; S3's own code for it.
    pub const POLICY: &str = "MalformedPolicy";
    /// Two settings cannot both hold.
    pub const CONFLICT: &str = "EncryptionConflict";
    /// S3 answered 200, and did not apply what was asked.
    pub const NOT_APPLIED: &str = "EncryptionNotApplied";
}

/// What is known of the exchange with S3.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata {
    pub http_status: Option<u16>,
    pub request_id: Option<String>,
    pub extended_request_id: Option<String>,
    pub cf_id: Option<String>,
    /// How often the request was sent.
    pub attempts: Option<u32>,
    /// Milliseconds spent waiting between attempts.
    pub total_retry_delay: Option<u64>,
}

impl Metadata {
    pub fn to_json(&self) -> Value {
        let mut map = Map::new();
        let mut put = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                map.insert(key.to_owned(), value);
            }
        };
        put("httpStatusCode", self.http_status.map(Value::from));
        put("requestId", self.request_id.clone().map(Value::from));
        put(
            "extendedRequestId",
            self.extended_request_id.clone().map(Value::from),
        );
        put("cfId", self.cf_id.clone().map(Value::from));
        put("attempts", self.attempts.map(Value::from));
        put("totalRetryDelay", self.total_retry_delay.map(Value::from));
        Value::Object(map)
    }
}

/// Where the error was found; decides the JavaScript class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// An argument: nothing was sent.
    Argument,
    /// S3 (or what stands in its place) answered with an error.
    Service,
    /// The network, the credentials or the client: no usable answer.
    Client,
    /// The answer was read and is not what was asked for.
    Verification,
}

/// Boxed: results travel through many functions, errors through few.
#[derive(Debug, Clone)]
pub struct Error(Box<Details>);

impl Deref for Error {
    type Target = Details;
    fn deref(&self) -> &Details {
        &self.0
    }
}

impl DerefMut for Error {
    fn deref_mut(&mut self) -> &mut Details {
        &mut self.0
    }
}

#[derive(Debug, Clone)]
pub struct Details {
    pub origin: Origin,
    /// AWS's code where AWS has one.
    pub name: String,
    pub message: String,
    /// One sentence that says what to change.
    pub hint: Option<String>,
    /// The setting at fault, as the caller wrote it: `encryption.sseKMSKeyId`.
    pub setting: Option<String>,
    /// `Some(throttling)` where the SDK would mark the error retryable.
    pub retryable: Option<bool>,
    /// Node's name of a system error, such as `ECONNREFUSED`.
    pub system_code: Option<String>,
    pub metadata: Metadata,
    /// Further properties: elements of S3's error body, or what was written.
    pub extra: Map<String, Value>,
}

impl Error {
    pub fn new(origin: Origin, name: &str, message: impl Into<String>) -> Error {
        Error(Box::new(Details {
            origin,
            name: name.to_owned(),
            message: message.into(),
            hint: None,
            setting: None,
            retryable: None,
            system_code: None,
            metadata: Metadata::default(),
            extra: Map::new(),
        }))
    }

    /// An argument error that names the setting, its problem and the remedy.
    pub fn argument(name: &str, setting: &str, problem: &str, remedy: &str) -> Error {
        let mut error = Error::new(
            Origin::Argument,
            name,
            format!("{setting} {problem}. {remedy}"),
        );
        error.setting = Some(setting.to_owned());
        error.hint = Some(remedy.to_owned());
        error
    }

    pub fn wrong_type(setting: &str, found: &crate::value::Value, remedy: &str) -> Error {
        Error::argument(
            name::TYPE,
            setting,
            &format!("must not be {}", found.type_name()),
            remedy,
        )
    }

    pub fn invalid(setting: &str, problem: &str, remedy: &str) -> Error {
        Error::argument(name::VALUE, setting, problem, remedy)
    }

    pub fn missing(setting: &str, remedy: &str) -> Error {
        Error::argument(name::MISSING, setting, "is required", remedy)
    }

    /// Two settings collide; both are named with the place they came from.
    pub fn conflict(one: &str, other: &str, why: &str, remedy: &str) -> Error {
        let mut error = Error::new(
            Origin::Argument,
            name::CONFLICT,
            format!("{one} and {other} contradict each other: {why}. {remedy}"),
        );
        error.setting = Some(one.to_owned());
        error.hint = Some(remedy.to_owned());
        error.extra.insert("settings".into(), json!([one, other]));
        error
    }

    /// The properties that the facade copies onto a JavaScript `Error`.
    pub fn to_json(&self) -> Value {
        let mut map = self.extra.clone();
        map.insert("name".into(), self.name.clone().into());
        map.insert("message".into(), self.message.clone().into());
        let code = self
            .system_code
            .clone()
            .unwrap_or_else(|| self.name.clone());
        map.insert("code".into(), code.into());
        if self.origin != Origin::Argument {
            map.insert("$metadata".into(), self.metadata.to_json());
        }
        if self.origin == Origin::Service {
            let server = self.metadata.http_status.is_some_and(|s| s >= 500);
            map.insert(
                "$fault".into(),
                if server { "server" } else { "client" }.into(),
            );
        }
        if let Some(throttling) = self.retryable {
            let inner = if throttling {
                json!({ "throttling": true })
            } else {
                json!({})
            };
            map.insert("$retryable".into(), inner);
        }
        map.insert("retryable".into(), self.retryable.is_some().into());
        if let Some(status) = self.metadata.http_status {
            map.insert("statusCode".into(), status.into());
        }
        if let Some(id) = &self.metadata.request_id {
            map.insert("requestId".into(), id.clone().into());
        }
        for (key, value) in [("hint", &self.hint), ("setting", &self.setting)] {
            if let Some(text) = value {
                map.insert(key.into(), text.clone().into());
            }
        }
        let origin = match self.origin {
            Origin::Argument => "argument",
            Origin::Service => "service",
            Origin::Client => "client",
            Origin::Verification => "verification",
        };
        json!({ "origin": origin, "properties": map })
    }
}

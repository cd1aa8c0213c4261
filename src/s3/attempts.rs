//! Every request that was sent for one object, for the audit record.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aws_sdk_s3::config::http::HttpResponse;

use super::failure::error_code;

use crate::lock::lock;

/// One request, with an answer or without.
#[derive(Debug, Clone)]
pub struct Attempt {
    pub operation: &'static str,
    pub took: Duration,
    pub status: Option<u16>,
    pub request_id: Option<String>,
    pub extended_request_id: Option<String>,
    /// S3's code, of an answer that refuses.
    pub code: Option<String>,
}

/// Shared by all requests of one upload.
#[derive(Debug, Clone, Default)]
pub struct Attempts(Arc<Mutex<Vec<Attempt>>>);

impl Attempts {
    pub(super) fn add(&self, attempt: Attempt) {
        lock(&self.0).push(attempt);
    }

    pub fn list(&self) -> Vec<Attempt> {
        lock(&self.0).clone()
    }
}

/// Where the attempts of one operation are told, if anywhere.
#[derive(Debug, Clone)]
pub(super) struct Teller {
    pub attempts: Attempts,
    pub operation: &'static str,
    pub began: Option<Instant>,
}

impl Teller {
    /// An attempt has ended. `redact` takes out of the answer's code what must not be seen.
    pub fn tell(&self, response: Option<&HttpResponse>, redact: impl Fn(&mut String)) {
        let Some(began) = self.began else { return };
        let header = |name| Some(response?.headers().get(name)?.to_owned());
        self.attempts.add(Attempt {
            operation: self.operation,
            took: began.elapsed(),
            status: response.map(|response| response.status().as_u16()),
            request_id: header("x-amz-request-id"),
            extended_request_id: header("x-amz-id-2"),
            code: response
                .filter(|response| !response.status().is_success())
                .and_then(error_code)
                .map(|mut code| {
                    redact(&mut code);
                    code
                }),
        });
    }
}

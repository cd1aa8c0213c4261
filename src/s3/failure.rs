//! From the SDK's failure to our error, in the shape that the SDK for JavaScript would give it.

use std::error::Error as StdError;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::SdkError;
use serde_json::Value;

use super::error_body::{elements, is_error_document};
use super::exchange::Exchange;
use super::network::{is_final, is_hang_up, without_answer};
use super::retry::Retry;
use super::secrets::REDACTED;
use crate::error::{Error, Origin};

/// An operation that failed, and where S3 says the bucket is.
#[derive(Debug)]
pub struct Failure {
    pub error: Error,
    /// The Region to send the request to instead, when S3 says that this one is wrong.
    pub redirect: Option<String>,
    pub(super) retry: Option<Retry>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure {
            error,
            redirect: None,
            retry: None,
        }
    }
}

/// Elements of error bodies that quote a signed request or a token.
const SECRET_ELEMENTS: &[&str] = &[
    "CanonicalRequest",
    "CanonicalRequestBytes",
    "StringToSign",
    "StringToSignBytes",
    "SignatureProvided",
];

/// Properties of errors that only this package sets.
const OURS: &[&str] = &["hint", "setting", "settings", "outcome", "requestId"];

/// Codes that the SDK for JavaScript retries as throttling, and as transient.
const THROTTLING: &[&str] = &[
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];
const TRANSIENT: &[&str] = &["RequestTimeout", "RequestTimeoutException", "TimeoutError"];

pub(super) fn failure<E>(error: SdkError<E, HttpResponse>, exchange: &Exchange) -> Failure
where
    E: StdError + Send + Sync + 'static,
{
    let mut failure = match error.raw_response() {
        Some(response) => from_response(response),
        None => Failure {
            retry: is_transient(&error).then_some(Retry::Transient),
            ..Failure::from(without_answer(&error, exchange.url().as_deref()))
        },
    };
    failure.error.metadata = exchange.metadata();
    if error.raw_response().is_some_and(is_error) {
        failure.error.metadata.http_status = Some(UNAVAILABLE);
    }
    failure.redirect = failure.redirect.and(exchange.bucket_region());
    exchange.redact(&mut failure.error);
    failure
}

/// What the SDK for JavaScript makes of a 200 with an error in its body.
pub(super) const UNAVAILABLE: u16 = 503;

/// S3 may answer 200 and then find that it failed.
pub(super) fn is_error(response: &HttpResponse) -> bool {
    let body = response.body().bytes().unwrap_or_default();
    response.status().is_success() && is_error_document(&String::from_utf8_lossy(body))
}

/// Whether the network failed, and may do better the next time.
fn is_transient<E: StdError + 'static>(error: &SdkError<E, HttpResponse>) -> bool {
    match error {
        SdkError::TimeoutError(_) => true,
        SdkError::DispatchFailure(failure) => {
            let error = failure.as_connector_error();
            // An answer that was cut off is no I/O error to the connector.
            let broken = error.is_some_and(|error| is_hang_up(error));
            let is_final = error.is_some_and(|error| is_final(error));
            (failure.is_io() || failure.is_timeout() || broken) && !is_final
        }
        _ => false,
    }
}

pub(super) fn from_response(response: &HttpResponse) -> Failure {
    let status = response.status().as_u16();
    let body = response.body().bytes().unwrap_or_default();
    let elements = elements(&String::from_utf8_lossy(body)).unwrap_or_default();
    let find = |name: &str| {
        elements
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, text)| text.clone())
    };
    // A reply without a body has no code: the SDK for JavaScript calls a 404 NotFound, others Unknown.
    let code = find("Code").filter(|code| !code.is_empty());
    let code = code.unwrap_or_else(|| match status {
        301 => "PermanentRedirect".into(),
        404 => "NotFound".into(),
        _ => "Unknown".into(),
    });
    let message = find("Message")
        .or_else(|| find("message"))
        .filter(|message| !message.is_empty())
        .unwrap_or_else(|| match status {
            200..=299 => format!("S3 answered {status} with a body that cannot be read"),
            _ => format!("S3 answered {status} without an explanation"),
        });
    let mut error = Error::new(Origin::Service, &code, message);
    for (name, text) in elements {
        let secret = SECRET_ELEMENTS.contains(&name.as_str()) || name.starts_with("Token");
        if name != "Message" && !OURS.contains(&name.as_str()) {
            let value = if secret { REDACTED.to_owned() } else { text };
            error.extra.insert(name, Value::String(value));
        }
    }
    error.retryable = if THROTTLING.contains(&code.as_str()) || status == 429 {
        Some(true)
    } else if TRANSIENT.contains(&code.as_str()) || matches!(status, 500 | 502..=504) {
        Some(false)
    } else {
        None
    };
    let retry = match error.retryable {
        Some(true) => Some(Retry::Throttling),
        Some(false) => Some(Retry::Transient),
        // Two conditional writes met: S3 says to try again.
        None if error.name == "ConditionalRequestConflict" => Some(Retry::Transient),
        None => None,
    };
    let wrong_region = status == 301
        || (status == 400
            && matches!(
                code.as_str(),
                "IllegalLocationConstraintException" | "AuthorizationHeaderMalformed"
            ));
    Failure {
        error,
        redirect: wrong_region.then(String::new),
        retry,
    }
}

/// S3's code in an error's body.
pub(super) fn error_code(response: &HttpResponse) -> Option<String> {
    let list = elements(&String::from_utf8_lossy(response.body().bytes()?))?;
    list.into_iter()
        .find(|(name, _)| name == "Code")
        .map(|(_, text)| text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_s3::primitives::SdkBody;

    fn parse(status: u16, body: &str) -> Failure {
        let status = status.try_into().expect("a status");
        from_response(&HttpResponse::new(status, SdkBody::from(body)))
    }

    #[test]
    fn tokens_and_signed_strings_are_redacted() {
        let failure = parse(
            403,
            "<Error><Code>SignatureDoesNotMatch</Code><Message>m</Message><StringToSign>planted</StringToSign><Token-0>planted</Token-0><HostId>h</HostId></Error>",
        );
        assert_eq!(failure.error.name, "SignatureDoesNotMatch");
        assert_eq!(failure.error.extra["HostId"], "h");
        assert_eq!(failure.error.extra["Token-0"], "[redacted]");
        assert!(!format!("{failure:?}").contains("planted"));
    }

    #[test]
    fn bodies_that_are_no_xml() {
        for (status, body, name) in [
            (403, "", "Unknown"),
            (404, "", "NotFound"),
            (502, "<html><body>x", "Unknown"),
            (403, "<Error><Code>AccessDen", "Unknown"),
            (403, "<Error><Code>AccessDenied</Code><Mess", "Unknown"),
            (500, "{}", "Unknown"),
        ] {
            assert_eq!(parse(status, body).error.name, name, "{body:?}");
        }
    }

    #[test]
    fn retryable_errors_are_marked() {
        assert_eq!(
            parse(503, "<Error><Code>SlowDown</Code></Error>")
                .error
                .retryable,
            Some(true)
        );
        assert_eq!(parse(500, "").error.retryable, Some(false));
        assert_eq!(parse(403, "").error.retryable, None);
    }
}

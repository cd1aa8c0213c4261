//! What is tried again and when, as the SDK for JavaScript does it.

use aws_sdk_s3::config::interceptors::InterceptorContext;
use aws_sdk_s3::config::retry::{ClassifyRetry, RetryAction, RetryConfig};
use aws_smithy_types::retry::RetrySpec;

use super::failure::error_code;
use super::network::certificate_error;
use super::settings::Settings;

/// Explicit, for a bad AWS_MAX_ATTEMPTS or AWS_RETRY_MODE would panic in the SDK; with the waiting
/// times of JavaScript (50 ms, after throttling 1 s) instead of Rust's (1 s).
pub(super) fn config(settings: &Settings) -> RetryConfig {
    let config = if settings.adaptive_retries {
        RetryConfig::adaptive()
    } else {
        RetryConfig::standard()
    };
    config
        .with_max_attempts(settings.max_attempts)
        .with_retry_spec(RetrySpec::v2_1())
}

/// Where the two SDKs differ, JavaScript is right here.
#[derive(Debug)]
pub(super) struct AsInJavaScript;

impl ClassifyRetry for AsInJavaScript {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        if let Some(Err(error)) = context.output_or_error() {
            if error
                .as_connector_error()
                .is_some_and(|error| certificate_error(error).is_some())
            {
                // Another try meets the same certificate.
                return RetryAction::RetryForbidden;
            }
        }
        let Some(response) = context.response() else {
            return RetryAction::NoActionIndicated;
        };
        match response.status().as_u16() {
            429 => RetryAction::throttling_error(),
            // Two conditional writes met: S3 says to try again.
            409 if error_code(response).as_deref() == Some("ConditionalRequestConflict") => {
                RetryAction::transient_error()
            }
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "stateseal::AsInJavaScript"
    }
}

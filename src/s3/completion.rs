//! The answer to CompleteMultipartUpload. S3 begins it before it knows whether it will succeed: its
//! status says nothing, only a body that is whole does.

use aws_sdk_s3::config::interceptors::FinalizerInterceptorContextMut;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_sdk_s3::primitives::SdkBody;

use super::error_body::elements;
use super::failure::UNAVAILABLE;

/// What the SDK for JavaScript makes of an empty body, which is tried again.
const EMPTY: &str =
    "<Error><Code>InternalError</Code><Message>S3 aborted request</Message></Error>";

/// Fails an answer that is not whole, of which the SDK would take what it finds.
#[derive(Debug)]
pub(super) struct WholeAnswer;

impl Intercept for WholeAnswer {
    fn name(&self) -> &'static str {
        "stateseal::WholeAnswer"
    }

    fn modify_before_attempt_completion(
        &self,
        context: &mut FinalizerInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(response) = context.response_mut() else {
            return Ok(());
        };
        let Some(body) = response.body().bytes() else {
            return Ok(());
        };
        if !response.status().is_success() {
            return Ok(());
        }
        if body.is_empty() {
            *response.status_mut() = UNAVAILABLE.try_into()?;
            *response.body_mut() = SdkBody::from(EMPTY);
            return Err("the answer is empty".into());
        }
        match elements(&String::from_utf8_lossy(body)) {
            Some(_) => Ok(()),
            None => Err("the answer was cut off".into()),
        }
    }
}

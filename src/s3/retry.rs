//! What is tried again and when, as the SDK for JavaScript does it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use aws_sdk_s3::config::interceptors::InterceptorContext;
use aws_sdk_s3::config::retry::{ClassifyRetry, RetryAction, RetryConfig};
use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};
use aws_smithy_runtime_api::client::retries::classifiers::RetryReason;
use aws_smithy_runtime_api::http::Headers;
use aws_smithy_types::retry::RetrySpec;

use super::clock::WasSkewed;
use super::failure::{error_code, is_error};
use super::network::{is_final, is_hang_up};
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

/// Why another try may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Retry {
    Transient,
    Throttling,
}

/// What tries cost and how long they wait, by the retry behaviour 2.1 that both SDKs describe.
impl Retry {
    fn cost(self) -> u32 {
        match self {
            Retry::Transient => 14,
            Retry::Throttling => 5,
        }
    }

    /// The wait after the failure of attempt number `attempt`; `asked` is the server's wish.
    pub fn delay(self, attempt: u32, asked: Option<Duration>) -> Duration {
        let base = match self {
            Retry::Transient => 0.05,
            Retry::Throttling => 1.0,
        };
        let most = (base * 2f64.powi(attempt.min(30) as i32 - 1)).min(20.0);
        let delay = Duration::from_secs_f64(most * fastrand::f64());
        asked.map_or(delay, |asked| {
            asked.clamp(delay, delay + Duration::from_secs(5))
        })
    }
}

/// How long the server wishes that we wait: in milliseconds or, as proxies write it, in seconds or
/// until a date.
pub(super) fn wish(headers: &Headers) -> Option<Duration> {
    let number = |name| headers.get(name)?.trim().parse::<f64>().ok();
    let exact = number("x-amz-retry-after").map(|ms| ms / 1000.0);
    let until = || {
        let date = DateTime::from_str(headers.get("retry-after")?, DateTimeFormat::HttpDate);
        Some(date.ok()?.as_secs_f64() - DateTime::from(SystemTime::now()).as_secs_f64())
    };
    let seconds = exact.or_else(|| number("retry-after")).or_else(until)?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// What is left for further tries; shared by all requests of a client, so that a service that fails
/// is not buried under them.
#[derive(Debug)]
pub(super) struct Quota(AtomicU32);

const FULL: u32 = 500;

impl Default for Quota {
    fn default() -> Quota {
        Quota(AtomicU32::new(FULL))
    }
}

impl Quota {
    /// Pays for another try; the price, if there was enough.
    pub fn take(&self, retry: Retry) -> Option<u32> {
        let cost = retry.cost();
        self.0
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| {
                left.checked_sub(cost)
            })
            .ok()
            .map(|_| cost)
    }

    /// A request succeeded: what its last try has cost comes back, else one.
    pub fn succeed(&self, paid: Option<u32>) {
        let back = paid.unwrap_or(1);
        let _ = self
            .0
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| {
                (left < FULL).then(|| (left + back).min(FULL))
            });
    }
}

/// Where the two SDKs differ, JavaScript is right here.
#[derive(Debug)]
pub(super) struct AsInJavaScript;

impl ClassifyRetry for AsInJavaScript {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        if let Some(Err(error)) = context.output_or_error() {
            match error.as_connector_error() {
                Some(error) if is_final(error) => return RetryAction::RetryForbidden,
                Some(error) if is_hang_up(error) => return RetryAction::transient_error(),
                _ => {}
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
            _ if response.extension::<WasSkewed>().is_some() => RetryAction::transient_error(),
            _ if is_error(response) => RetryAction::transient_error(),
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn classify_retry_v2(
        &self,
        context: &InterceptorContext,
        previous: &RetryAction,
    ) -> RetryAction {
        let own = self.classify_retry(context);
        let action = match own {
            RetryAction::NoActionIndicated => previous,
            _ => &own,
        };
        let wish = context.response().and_then(|reply| wish(reply.headers()));
        match (action, wish) {
            (RetryAction::RetryIndicated(RetryReason::RetryableError { kind, .. }), Some(wish)) => {
                RetryAction::retryable_error_with_explicit_delay(*kind, wish)
            }
            _ => own,
        }
    }

    fn name(&self) -> &'static str {
        "stateseal::AsInJavaScript"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_grows_and_is_bounded() {
        let seconds = Duration::from_secs_f64;
        for (retry, attempt, most) in [
            (Retry::Transient, 1, 0.05),
            (Retry::Transient, 3, 0.2),
            (Retry::Throttling, 1, 1.0),
            (Retry::Throttling, 99, 20.0),
        ] {
            for _ in 0..50 {
                assert!(retry.delay(attempt, None) <= seconds(most));
            }
        }
        let asked = |ms| Retry::Transient.delay(1, Some(Duration::from_millis(ms)));
        assert_eq!(asked(1500), seconds(1.5));
        assert!(asked(60_000) <= seconds(5.05));
    }

    #[test]
    fn wishes_of_servers() {
        let soon = DateTime::from(SystemTime::now() + Duration::from_secs(3));
        let soon = soon.fmt(DateTimeFormat::HttpDate).expect("a date");
        for (name, text, between) in [
            ("retry-after", "2", Some((2.0, 2.0))),
            ("retry-after", "0.5", Some((0.5, 0.5))),
            ("retry-after", soon.as_str(), Some((1.0, 3.0))),
            ("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT", None),
            ("x-amz-retry-after", "250", Some((0.25, 0.25))),
            ("x-amz-retry-after", "-1", None),
            ("retry-after", "soon", None),
            ("retry-after", "inf", None),
        ] {
            let mut headers = Headers::new();
            headers.insert(name, text.to_owned());
            let wish = wish(&headers).map(|wish| wish.as_secs_f64());
            match between {
                Some((least, most)) => {
                    assert!((least..=most).contains(&wish.expect(text)), "{text}")
                }
                None => assert_eq!(wish, None, "{text}"),
            }
        }
    }

    #[test]
    fn tries_end_with_the_quota() {
        let quota = Quota::default();
        let tries = std::iter::from_fn(|| quota.take(Retry::Transient)).count();
        assert_eq!(tries, 500 / 14);
        quota.succeed(Some(14));
        assert!(quota.take(Retry::Transient).is_some());
        for _ in 0..600 {
            quota.succeed(None);
        }
        assert_eq!(quota.0.load(Ordering::Relaxed), FULL);
    }
}

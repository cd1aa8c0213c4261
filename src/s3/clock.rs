//! S3's time: this machine's, put right by what S3's replies say.
//!
//! S3 refuses requests that are more than 15 minutes off. The SDK for JavaScript takes the time from
//! the refusal and tries again; so do we.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::config::interceptors::{
    BeforeDeserializationInterceptorContextMut, BeforeTransmitInterceptorContextRef,
};
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};
use aws_smithy_async::time::TimeSource;
use aws_smithy_types::config_bag::{Storable, StoreReplace};

/// Smaller differences do no harm, and the reply's own age is among them.
const TOLERATED_MS: i64 = 300_000;

/// Milliseconds that S3 is ahead of this machine; shared by all requests of a configuration.
#[derive(Debug, Clone, Default)]
pub(super) struct Clock(Arc<AtomicI64>);

impl TimeSource for Clock {
    fn now(&self) -> SystemTime {
        ahead_of_this_machine(self.ahead())
    }
}

impl Clock {
    pub fn ahead(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Sets itself by the `Date` of the reply to a request that was signed when S3 was thought to be
    /// `ahead`; `true` if that was wrong. Another request may have found it out meanwhile.
    pub fn set_by(&self, response: &HttpResponse, ahead: i64) -> bool {
        let date = response
            .headers()
            .get("date")
            .and_then(|text| DateTime::from_str(text, DateTimeFormat::HttpDate).ok())
            .and_then(|date| date.to_millis().ok());
        match (date, milliseconds(SystemTime::now())) {
            (Some(there), Some(here)) if (there - here - ahead).abs() >= TOLERATED_MS => {
                self.0.store(there - here, Ordering::Relaxed);
                true
            }
            _ => false,
        }
    }
}

pub(super) fn ahead_of_this_machine(ahead: i64) -> SystemTime {
    let distance = Duration::from_millis(ahead.unsigned_abs());
    let now = SystemTime::now();
    let moved = match ahead < 0 {
        true => now.checked_sub(distance),
        false => now.checked_add(distance),
    };
    moved.unwrap_or(now)
}

/// Sets the clock by what the SDK's client is answered.
#[derive(Debug)]
pub(super) struct SetByReplies(pub Clock);

/// What the clock said when a request was signed.
#[derive(Debug)]
struct SignedAhead(i64);

impl Storable for SignedAhead {
    type Storer = StoreReplace<SignedAhead>;
}

/// On a reply: its request was signed by a clock that was wrong. A retry classifier is asked more than
/// once, and sees neither the request nor what is stored of it.
#[derive(Debug, Clone)]
pub(super) struct WasSkewed;

impl Intercept for SetByReplies {
    fn name(&self) -> &'static str {
        "stateseal::SetByReplies"
    }

    fn read_before_signing(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        bag.interceptor_state()
            .store_put(SignedAhead(self.0.ahead()));
        Ok(())
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response_mut();
        let signed = bag.load::<SignedAhead>();
        let refused = !response.status().is_success();
        if signed.is_some_and(|signed| refused && self.0.set_by(response, signed.0)) {
            response.add_extension(WasSkewed);
        }
        Ok(())
    }
}

fn milliseconds(time: SystemTime) -> Option<i64> {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_s3::primitives::SdkBody;

    fn dated(ahead: i64) -> HttpResponse {
        let seconds = milliseconds(SystemTime::now()).expect("a time") / 1000 + ahead;
        let date = DateTime::from_secs(seconds).fmt(DateTimeFormat::HttpDate);
        let status = 403u16.try_into().expect("a status");
        let mut response = HttpResponse::new(status, SdkBody::empty());
        response.headers_mut().insert("date", date.expect("a date"));
        response
    }

    #[test]
    fn set_once_by_a_clock_that_differs() {
        for ahead in [-7200, 7200] {
            let clock = Clock::default();
            assert!(clock.set_by(&dated(ahead), 0));
            let moved = milliseconds(clock.now()).zip(milliseconds(SystemTime::now()));
            let moved = moved.map(|(there, here)| there - here).expect("times");
            assert!((moved - ahead * 1000).abs() < 5000, "{moved}");
            let right = clock.ahead();
            assert!(!clock.set_by(&dated(ahead), right), "it is right now");
            assert!(
                clock.set_by(&dated(ahead), 0),
                "for a request from before it is not"
            );
        }
        assert!(!Clock::default().set_by(&dated(60), 0));
    }
}

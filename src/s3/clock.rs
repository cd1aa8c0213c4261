//! S3's time: this machine's, put right by what S3's replies say.
//!
//! S3 refuses requests that are more than 15 minutes off. The SDK for JavaScript takes the time from
//! the refusal and tries again; so do we.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};
use aws_smithy_async::time::TimeSource;

use super::failure::error_code;

/// Smaller differences do no harm, and the reply's own age is among them.
const TOLERATED_MS: i64 = 300_000;

/// Milliseconds that S3 is ahead of this machine; shared by all requests of a configuration.
#[derive(Debug, Clone, Default)]
pub(super) struct Clock(Arc<AtomicI64>);

impl TimeSource for Clock {
    fn now(&self) -> SystemTime {
        let ahead = self.0.load(Ordering::Relaxed);
        let distance = Duration::from_millis(ahead.unsigned_abs());
        let now = SystemTime::now();
        let moved = match ahead < 0 {
            true => now.checked_sub(distance),
            false => now.checked_add(distance),
        };
        moved.unwrap_or(now)
    }
}

impl Clock {
    /// Whether the request that S3 refused, with this reply, would be signed at another time now.
    pub fn corrects(&self, response: &HttpResponse) -> bool {
        // Another request may have set it while this one was under way.
        let was_set = || {
            self.0.load(Ordering::Relaxed) != 0
                && error_code(response).as_deref() == Some("RequestTimeTooSkewed")
        };
        self.set_by(response) || was_set()
    }

    /// Sets itself by the reply's `Date`; `true` if it was wrong before.
    fn set_by(&self, response: &HttpResponse) -> bool {
        let date = response
            .headers()
            .get("date")
            .and_then(|text| DateTime::from_str(text, DateTimeFormat::HttpDate).ok())
            .and_then(|date| date.to_millis().ok());
        match (
            date,
            milliseconds(self.now()),
            milliseconds(SystemTime::now()),
        ) {
            (Some(there), Some(ours), Some(here)) if (there - ours).abs() >= TOLERATED_MS => {
                self.0.store(there - here, Ordering::Relaxed);
                true
            }
            _ => false,
        }
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
            assert!(clock.set_by(&dated(ahead)));
            let moved = milliseconds(clock.now()).zip(milliseconds(SystemTime::now()));
            let moved = moved.map(|(there, here)| there - here).expect("times");
            assert!((moved - ahead * 1000).abs() < 5000, "{moved}");
            assert!(!clock.set_by(&dated(ahead)), "it is right now");
        }
        assert!(!Clock::default().set_by(&dated(60)));
    }
}

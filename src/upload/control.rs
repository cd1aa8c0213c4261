//! What the caller holds of an upload under way: its progress, and the ways to stop it and to renew
//! its credentials.

use std::future::Future;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::Mutex;

use tokio::sync::watch;

use crate::error::{Error, Origin, Result};
use crate::lock::lock;
use crate::s3::Credentials;

pub struct Control {
    cancelled: watch::Sender<bool>,
    renewed: Mutex<Option<Credentials>>,
    loaded: AtomicU64,
    /// `UNKNOWN` until the end of a stream was seen.
    total: AtomicU64,
    part: AtomicU32,
}

const UNKNOWN: u64 = u64::MAX;

/// In lib-storage's words.
pub struct Progress {
    pub loaded: u64,
    pub total: Option<u64>,
    /// The part that arrived last.
    pub part: u32,
}

impl Default for Control {
    fn default() -> Control {
        Control {
            cancelled: watch::Sender::new(false),
            renewed: Mutex::default(),
            loaded: AtomicU64::new(0),
            total: AtomicU64::new(UNKNOWN),
            part: AtomicU32::new(0),
        }
    }
}

impl Control {
    pub fn cancel(&self) {
        self.cancelled.send_replace(true);
    }

    /// The upload's own credentials end soon: `fresh` take their place.
    pub fn renew(&self, fresh: Credentials) {
        *lock(&self.renewed) = Some(fresh);
    }

    /// Those that took the place of the upload's own.
    pub(super) fn renewed(&self) -> Option<Credentials> {
        lock(&self.renewed).clone()
    }

    pub fn progress(&self) -> Progress {
        let total = self.total.load(Ordering::Acquire);
        Progress {
            loaded: self.loaded.load(Ordering::Acquire),
            total: (total != UNKNOWN).then_some(total),
            part: self.part.load(Ordering::Acquire),
        }
    }

    pub(super) fn set_total(&self, total: u64) {
        self.total.store(total, Ordering::Release);
    }

    pub(super) fn arrived(&self, part: u32, bytes: u64) {
        self.part.store(part, Ordering::Release);
        self.loaded.fetch_add(bytes, Ordering::AcqRel);
    }

    /// Runs `work` unless the caller stops it; `None` if he did.
    pub(super) async fn unless_cancelled<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut cancelled = self.cancelled.subscribe();
        tokio::select! {
            biased;
            _ = cancelled.wait_for(|cancelled| *cancelled) => None,
            done = work => Some(done),
        }
    }

    /// The same for what writes nothing.
    pub(super) async fn unless_stopped<T>(
        &self,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let done = self.unless_cancelled(work).await;
        done.unwrap_or_else(|| Err(Stopped::NothingStored.error()))
    }
}

/// What became of the object when the caller stopped the upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stopped {
    NothingStored,
    /// A request was under way that writes the object.
    Unknown,
}

/// The error of an upload that was stopped before it began.
pub fn aborted() -> Error {
    Stopped::NothingStored.error()
}

impl Stopped {
    pub fn error(self) -> Error {
        let mut error = Error::new(Origin::Client, "AbortError", "Upload aborted.");
        let (outcome, hint) = match self {
            Stopped::NothingStored => ("not-stored", None),
            Stopped::Unknown => (
                "unknown",
                Some("The request was under way and may have been carried out: read the object to know"),
            ),
        };
        error.extra.insert("outcome".into(), outcome.into());
        error.hint = hint.map(str::to_owned);
        error
    }
}

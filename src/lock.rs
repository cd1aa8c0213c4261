//! Locking what no panic can leave half-changed.

use std::sync::{Mutex, MutexGuard};

/// The lock, whatever became of a thread that held it: what these guard is changed in one step.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

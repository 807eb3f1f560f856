//! What threads share.

use std::sync::{Mutex, MutexGuard};

/// Lock it. A poisoned lock guards a plain value, which is still usable: whoever failed with it said so.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

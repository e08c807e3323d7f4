//! Names of applications.

use std::{
    process,
    sync::atomic::{AtomicUsize, Ordering},
};

/// Returns a name that no other test has.
pub(crate) fn app_name() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!("test-{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

//! A deadline for everything that a test waits for.

use std::{panic::Location, time::Duration};

use tokio::time::timeout;

/// Time that any expected event may take.
const EVENT_TIMEOUT: Duration = Duration::from_secs(20);

/// Waits for an expected event. After the timeout it panics, and names the caller.
#[track_caller]
pub(crate) fn within<F: Future>(event: F) -> impl Future<Output = F::Output> {
    let caller = Location::caller();
    let limited = timeout(EVENT_TIMEOUT, event);
    async move { limited.await.unwrap_or_else(|_| panic!("{caller}: nothing happened in {EVENT_TIMEOUT:?}")) }
}

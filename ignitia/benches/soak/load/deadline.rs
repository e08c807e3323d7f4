//! A deadline for everything that a client waits for.

use std::time::Duration;

/// Result of a client's step. The error describes a failed check.
pub(super) type ClientResult<T> = Result<T, String>;

/// Time that any expected event may take, a freeze of the server included.
const EVENT_TIMEOUT: Duration = Duration::from_secs(60);

/// Waits for an expected event.
pub(super) async fn within<T>(what: &str, future: impl Future<Output = T>) -> ClientResult<T> {
    let limited = tokio::time::timeout(EVENT_TIMEOUT, future);
    limited.await.map_err(|_| format!("{what}: nothing for {EVENT_TIMEOUT:?}"))
}

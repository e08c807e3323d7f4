//! Waits for events, with a deadline that fails the test.

use std::time::Duration;

use tokio::time::{sleep, timeout};

/// Time that an event may take before the test fails. It is longer than on the slowest machine.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// Time between two looks at a condition of another process.
const POLL: Duration = Duration::from_millis(5);

/// Waits for a future that has to complete.
pub(crate) async fn within<F: Future>(what: &str, future: F) -> F::Output {
    timeout(DEADLINE, future).await.unwrap_or_else(|_| panic!("{what}: nothing for {DEADLINE:?}"))
}

/// Waits until a condition holds.
pub(crate) async fn until(what: &str, holds: impl AsyncFnMut() -> bool) {
    assert!(holds_within(DEADLINE, holds).await, "{what}: not within {DEADLINE:?}");
}

/// Returns true as soon as a condition holds, false if it does not within this time.
pub(crate) async fn holds_within(time: Duration, mut holds: impl AsyncFnMut() -> bool) -> bool {
    let wait = async {
        while !holds().await {
            sleep(POLL).await;
        }
    };
    timeout(time, wait).await.is_ok()
}

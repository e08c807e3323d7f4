//! Waits for events, with a deadline that fails the test.

use std::{future::Future, time::Duration};

use tokio::{sync::mpsc::UnboundedReceiver, task::yield_now, time::timeout};

/// Time that an event may take before the test fails. It is much longer than on the slowest
/// machine, since other tests and other programs use the processor at the same time.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// Waits for a future that has to complete.
pub(crate) async fn within<F: Future>(what: &str, future: F) -> F::Output {
    timeout(DEADLINE, future).await.unwrap_or_else(|_| panic!("{what}: nothing for {DEADLINE:?}"))
}

/// Waits for the next report of a handler under test.
pub(crate) async fn next<T>(reports: &mut UnboundedReceiver<T>) -> T {
    within("a report", reports.recv()).await.expect("all senders of reports are gone")
}

/// Waits until other tasks have made a condition true.
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let wait = async {
        while !holds() {
            yield_now().await;
        }
    };
    within(what, wait).await;
}

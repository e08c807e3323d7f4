use tokio_util::sync::CancellationToken;

tokio::task_local! {
    static CURRENT: StreamReset;
}

/// Handle that resets an HTTP/2 stream.
///
/// A task of hyper's writes to the stream, and waits for the peer's flow-control window as long as
/// the connection lasts. The stream is reset only once that task is gone, too. hyper spawns it
/// while it polls the request's own task, so a task-local of the latter hands it this handle.
#[derive(Debug, Clone, Default)]
pub(crate) struct StreamReset(CancellationToken);

impl StreamReset {
    /// Returns the handle of the request that the current task serves; `None` over HTTP/1.1.
    pub(crate) fn current() -> Option<Self> {
        CURRENT.try_with(Self::clone).ok()
    }

    /// Runs a request's task, in which [`current`](Self::current) returns this handle.
    pub(crate) fn scope<F: Future>(self, task: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, task)
    }

    /// Resets the stream.
    pub(crate) fn trigger(&self) {
        self.0.cancel();
    }

    /// Waits until the stream is to be reset.
    pub(crate) async fn triggered(&self) {
        self.0.cancelled().await;
    }
}

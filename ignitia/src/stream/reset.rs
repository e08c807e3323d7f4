use tokio_util::sync::CancellationToken;

tokio::task_local! {
    static CUT: StreamReset;
}

/// Cuts off a stream of HTTP/2. What writes on it is a task of hyper's, which waits for the peer's window as long as the
/// connection lasts; only when that task is gone too is the stream reset.
///
/// hyper spawns it while it polls the request's own task, so that is where both ends of this meet.
#[derive(Debug, Clone, Default)]
pub(crate) struct StreamReset(CancellationToken);

impl StreamReset {
    /// That of the request whose task runs this; none over HTTP/1.1.
    pub(crate) fn here() -> Option<Self> {
        CUT.try_with(Self::clone).ok()
    }

    /// Runs a request's task, which finds this [`here`](Self::here).
    pub(crate) fn around<F: Future>(self, task: F) -> impl Future<Output = F::Output> {
        CUT.scope(self, task)
    }

    pub(crate) fn cut(&self) {
        self.0.cancel();
    }

    /// Waits until the stream is cut off.
    pub(crate) async fn made(&self) {
        self.0.cancelled().await;
    }
}

use std::{future::Future, pin::Pin, sync::Arc};

use super::{config::DrainConfig, report::DrainReport, state::ShutdownState, watch::ShutdownWatch};
use crate::{
    close::CloseCode,
    sync::{JoinHandle, TaskTrackerToken},
};

/// Handle that shuts down, gracefully, all WebSockets of the routes that it is given to.
///
/// A [`Server`](crate::Server) has one of its own. For routes in an axum server of your own, create
/// one, give it to the router ([`Router::shutdown`](crate::Router::shutdown), or
/// `axum::Router::layer(Extension(shutdown.clone()))`), and drain it before the process ends:
/// axum's own graceful shutdown does not know about upgraded connections.
///
/// ```no_run
/// use ignitia::{DrainReport, Shutdown, prelude::*};
///
/// # async fn echo(mut ws: WebSocketConnection) -> Response { Response::ok() }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let shutdown = Shutdown::new();
/// let app = Router::new().websocket("/ws", echo).shutdown(shutdown.clone()).into_axum()?;
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
/// // axum::serve(listener, app).with_graceful_shutdown(..).await?;
/// // At SIGTERM:
/// shutdown.notice().await; // `health::readyz` says 503 from here on
/// let report = shutdown.drain().await;
/// let DrainReport { clean, unclean, aborted, .. } = report;
/// println!("{clean} closed, {unclean} without an answer, {aborted} cut off");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Shutdown(Arc<ShutdownState>);

impl Shutdown {
    /// Returns a handle with the defaults of [`DrainConfig`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a handle with this configuration. A close code that must not be sent is replaced by
    /// 1001.
    pub fn with_config(mut config: DrainConfig) -> Self {
        if !CloseCode::is_sendable(config.frame.code) {
            config.frame.code = CloseCode::GOING_AWAY;
        }
        Self(Arc::new(ShutdownState::new(config)))
    }

    /// Gives notice of a drain, and waits for [`DrainConfig::notice`] or for the drain, whichever
    /// comes first.
    ///
    /// Meanwhile [`readyz`](crate::health::readyz) answers 503, new upgrades are refused unless the
    /// configuration allows them, and open connections stay open. Call it before
    /// [`drain`](Self::drain), which does not include it; a [`Server`](crate::Server) does both.
    ///
    /// # Cancel safety
    ///
    /// The notice stands when this future is dropped. No drain follows by itself.
    pub async fn notice(&self) {
        self.0.noticed.cancel();
        let _ = tokio::time::timeout(self.0.config().notice, self.draining()).await;
    }

    /// Refuses new upgrades with 503, closes every connection behind the messages queued for it,
    /// waits for the handlers, and cuts off the rest after the timeout. Returns when no connection
    /// is left.
    ///
    /// It may be called any number of times, also concurrently. The outcome is logged, and at
    /// `DEBUG` every connection that was cut off.
    ///
    /// # Cancel safety
    ///
    /// A drain that has begun goes on when this future is dropped, but without its deadline. Call
    /// it again to wait on.
    pub async fn drain(&self) -> DrainReport {
        let report = self.drain_unlogged().await;
        let DrainReport { clean, unclean, aborted } = report;
        // Operators may filter by this target, so it does not depend on the file.
        tracing::info!(target: "ignitia::shutdown", clean, unclean, aborted, "drained");
        report
    }

    /// Drains for a caller that logs the outcome itself.
    pub(crate) async fn drain_unlogged(&self) -> DrainReport {
        self.0.begin_drain();
        if tokio::time::timeout(self.0.config().timeout, self.0.tracker.wait()).await.is_err() {
            self.abort();
            self.0.tracker.wait().await;
        }
        self.0.report()
    }

    /// Cuts off every connection and handler at once. The close frame still goes out if the
    /// transport accepts it. An HTTP/2 stream is reset, and bytes that have not left by then are
    /// discarded with it.
    pub fn abort(&self) {
        self.0.abort();
    }

    /// Returns `true` until a notice is given or a drain begins: the answer of
    /// [`readyz`](crate::health::readyz).
    pub fn is_ready(&self) -> bool {
        !self.0.noticed.is_cancelled()
    }

    /// Returns `true` as soon as a drain has begun; a notice is none.
    pub fn is_draining(&self) -> bool {
        self.0.is_draining()
    }

    /// Waits until a drain begins; a notice is none.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe.
    pub async fn draining(&self) {
        self.0.draining.cancelled().await;
    }

    /// Waits for an abort.
    pub(crate) async fn aborting(&self) {
        self.0.aborting.cancelled().await;
    }

    /// Returns true if both are handles to one shutdown.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Returns true if new upgrades are refused.
    pub(crate) fn refuses_upgrades(&self) -> bool {
        self.is_draining() || !self.is_ready() && !self.config().upgrades_during_notice
    }

    pub(crate) fn config(&self) -> &DrainConfig {
        self.0.config()
    }

    /// Returns a token. A drain waits until it is dropped.
    pub(crate) fn token(&self) -> TaskTrackerToken {
        self.0.tracker.token()
    }

    /// Spawns a task that a drain waits for.
    pub(crate) fn spawn<F>(&self, task: F) -> JoinHandle<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.0.tracker.spawn(task)
    }

    /// Spawns a task that a drain waits for. tokio's code for a task is compiled once for each type
    /// of future, and these have one type.
    pub(crate) fn spawn_boxed(&self, task: Pin<Box<dyn Future<Output = ()> + Send>>) -> JoinHandle<()> {
        self.spawn(task)
    }

    /// Spawns a task that a drain waits for, from code that may run outside of the runtime. Returns
    /// false if there is no runtime.
    pub(crate) fn try_spawn(&self, task: Pin<Box<dyn Future<Output = ()> + Send>>) -> bool {
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(self.0.tracker.spawn_on(task, &runtime)),
            Err(_) => return false,
        }
        true
    }

    pub(crate) fn watch(&self) -> ShutdownWatch {
        ShutdownWatch::new(self.0.clone())
    }
}

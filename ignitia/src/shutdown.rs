//! Drain: the end of all connections, in order.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use crate::{
    close::{CloseCode, CloseFrame},
    sync::{
        AtomicU8, AtomicUsize, CancellationToken, JoinHandle, Ordering, TaskTracker, TaskTrackerToken,
        WaitForCancellationFutureOwned,
    },
};

/// How a drain goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrainConfig {
    /// How long connections and handlers may take to end before they are cut off. Default 30 s.
    pub timeout: Duration,
    /// The connections are closed over this span, so that not all of them come back at once; half of the timeout at
    /// most. Default 2 s.
    pub jitter: Duration,
    /// What the connections are closed with. Default 1001; 1012 tells clients that the service is about to be back.
    pub frame: CloseFrame,
    /// What new upgrades are told to wait, in whole seconds, beside their 503. Default 5 s.
    pub retry_after: Duration,
}

impl Default for DrainConfig {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            jitter: Duration::from_secs(2),
            frame: CloseFrame { code: CloseCode::GOING_AWAY, reason: "the server is shutting down".into() },
            retry_after: Duration::from_secs(5),
        }
    }
}

/// What a drain came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct DrainReport {
    /// Connections that ended by themselves, close frame included, and their handlers with them.
    pub clean: usize,
    /// Connections that were cut off because they or their handlers took longer than the timeout.
    pub aborted: usize,
}

/// Ends all WebSocket connections of the routes that it is given to.
///
/// [`Server`](crate::Server) has one of its own. When the routes are mounted in somebody else's axum server, make one,
/// give it to the router ([`Router::shutdown`](crate::Router::shutdown), or
/// `axum::Router::layer(Extension(shutdown.clone()))`), and drain it before the process ends: axum's own graceful
/// shutdown does not know about connections that were upgraded.
///
/// ```no_run
/// use ignitia::{Shutdown, prelude::*};
///
/// # async fn echo(mut ws: WebSocketConnection) -> Response { Response::ok() }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let shutdown = Shutdown::new();
/// let app = Router::new().websocket("/ws", echo).shutdown(shutdown.clone()).into_axum()?;
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
/// // axum::serve(listener, app).with_graceful_shutdown(..).await?;
/// let report = shutdown.drain().await;
/// println!("{} closed, {} cut off", report.clean, report.aborted);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Shutdown(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    config: DrainConfig,
    /// How far it is, to be looked at in every round: the tokens below have locks that all connections share.
    stage: AtomicU8,
    draining: CancellationToken,
    aborting: CancellationToken,
    tracker: TaskTracker,
    clean: AtomicUsize,
    aborted: AtomicUsize,
    began: OnceLock<Instant>,
}

/// Time for the close handshake of connections whose handlers take all of the timeout for a reply.
const LAST_HANDSHAKE: Duration = Duration::from_secs(1);

impl Shutdown {
    /// One with the defaults of [`DrainConfig`].
    pub fn new() -> Self {
        Self::default()
    }

    /// One with these settings. A close code that must not be sent is replaced by 1001.
    pub fn with_config(mut config: DrainConfig) -> Self {
        if !CloseCode::is_sendable(config.frame.code) {
            config.frame.code = CloseCode::GOING_AWAY;
        }
        Self(Arc::new(Inner { config, ..Inner::default() }))
    }

    /// Refuses new upgrades with 503, closes every connection behind what is queued for it, waits for the handlers,
    /// and cuts off what is left after the timeout. Returns when nothing is left. To be called any number of times,
    /// at the same time too. What it came to is logged, and with `DEBUG` every connection that was cut off.
    ///
    /// # Cancel safety
    ///
    /// A drain that has begun goes on when this future is dropped, but without its deadline: call again to wait on.
    pub async fn drain(&self) -> DrainReport {
        let report = self.drained().await;
        tracing::info!(clean = report.clean, aborted = report.aborted, "drained");
        report
    }

    /// The same for whoever logs it.
    pub(crate) async fn drained(&self) -> DrainReport {
        self.begin();
        if tokio::time::timeout(self.0.config.timeout, self.0.tracker.wait()).await.is_err() {
            self.abort();
            self.0.tracker.wait().await;
        }
        DrainReport {
            clean: self.0.clean.load(Ordering::Acquire),
            aborted: self.0.aborted.load(Ordering::Acquire),
        }
    }

    /// Cuts off every connection and handler at once; the close frame still goes out where the transport takes it. A stream
    /// of HTTP/2 is reset, and what has not left by then is discarded with it.
    pub fn abort(&self) {
        self.begin();
        self.0.stage.store(Stage::Aborting as u8, Ordering::Release);
        self.0.aborting.cancel();
    }

    /// Whether a drain has begun.
    pub fn is_draining(&self) -> bool {
        self.0.draining.is_cancelled()
    }

    /// Waits until a drain begins.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe.
    pub async fn draining(&self) {
        self.0.draining.cancelled().await;
    }

    /// Whether both are handles to one shutdown.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Until when a reply that is under way is waited for: behind it comes the close handshake, before the timeout.
    pub(crate) fn last_reply(&self) -> Instant {
        let timeout = self.0.config.timeout;
        let wait = timeout - LAST_HANDSHAKE.min(timeout / 4);
        let began = *self.0.began.get_or_init(now);
        began.checked_add(wait).unwrap_or(began)
    }

    pub(crate) fn begin(&self) {
        self.0.began.get_or_init(now);
        self.0.stage.fetch_max(Stage::Draining as u8, Ordering::AcqRel);
        self.0.draining.cancel();
        self.0.tracker.close();
    }

    pub(crate) async fn aborting(&self) {
        self.0.aborting.cancelled().await;
    }

    pub(crate) fn config(&self) -> &DrainConfig {
        &self.0.config
    }

    /// Lets a drain wait until the token is dropped.
    pub(crate) fn token(&self) -> TaskTrackerToken {
        self.0.tracker.token()
    }

    pub(crate) fn spawn<F>(&self, task: F) -> JoinHandle<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.0.tracker.spawn(task)
    }

    /// The same from where there may be no runtime any more; `false` if there is none.
    pub(crate) fn try_spawn<F>(&self, task: F) -> bool
    where
        F: Future<Output = ()> + Send + 'static,
    {
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(self.0.tracker.spawn_on(task, &runtime)),
            Err(_) => return false,
        }
        true
    }

    pub(crate) fn watch(&self) -> Watch {
        Watch {
            shutdown: self.clone(),
            signal: Box::pin(self.0.draining.clone().cancelled_owned()),
            stage: Stage::Open,
            waker: None,
        }
    }

    /// A moment within the jitter, spread evenly over consecutive `id`s (Fibonacci hashing).
    pub(crate) fn delay(&self, id: u64) -> Duration {
        let fraction = (id.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32;
        // Everybody has heard of it, and had time to answer, when the rest is cut off.
        self.0.config.jitter.min(self.0.config.timeout / 2).mul_f64(f64::from(fraction) / f64::from(u32::MAX))
    }
}

/// The time, on tokio's clock.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// One connection's view of the shutdown.
#[derive(Debug)]
pub(crate) struct Watch {
    shutdown: Shutdown,
    /// The next signal that is waited for.
    signal: Pin<Box<WaitForCancellationFutureOwned>>,
    stage: Stage,
    /// Who is woken when the stage changes.
    waker: Option<Waker>,
}

/// How far the shutdown is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Open,
    Draining,
    Aborting,
}

impl Watch {
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Stage {
        if self.shutdown.0.stage.load(Ordering::Acquire) == self.stage as u8
            && self.waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker()))
        {
            return self.stage;
        }
        self.waker = Some(cx.waker().clone());
        while self.stage != Stage::Aborting && self.signal.as_mut().poll(cx).is_ready() {
            if self.stage == Stage::Open {
                self.stage = Stage::Draining;
                self.signal.set(self.shutdown.0.aborting.clone().cancelled_owned());
            } else {
                self.stage = Stage::Aborting;
            }
        }
        self.stage
    }

    /// Completes when a drain begins.
    pub(crate) fn poll_draining(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.poll(cx) == Stage::Open { Poll::Pending } else { Poll::Ready(()) }
    }

    pub(crate) fn shutdown(&self) -> &Shutdown {
        &self.shutdown
    }

    /// Counts a connection that has ended, by itself or not; `true` if a drain is on.
    pub(crate) fn count(&self, aborted: bool) -> bool {
        let is_draining = self.shutdown.is_draining();
        if is_draining {
            let counter = if aborted { &self.shutdown.0.aborted } else { &self.shutdown.0.clean };
            counter.fetch_add(1, Ordering::AcqRel);
        }
        is_draining
    }
}

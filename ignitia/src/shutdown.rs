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
    time::now,
};

/// Settings of a drain.
///
/// A [`Server`](crate::Server) that is told to end by SIGTERM goes through these stages:
///
/// 1. **Notice** (`notice`): [`readyz`](crate::health::readyz) answers 503, on new connections and on those that are kept alive, and
///    new WebSockets are refused with 503 and `Retry-After`. Everything else is served as before, and open WebSockets go on: whoever
///    sends the traffic has time to send it elsewhere, so that clients that are closed in the next stage do not come back to here.
/// 2. **Drain** (`timeout`): nothing is accepted any more, connections without a request are closed, and every WebSocket is closed with
///    `frame` behind what is queued for it, one after another over `jitter`. What takes longer than `timeout` is cut off.
///
/// Ctrl-C (SIGINT) leaves the notice out, as [`Shutdown::drain`] does: nobody waits for a development server. A second signal cuts
/// everything off at once, in whichever stage.
///
/// # What operators set
///
/// The whole must be over before the process is killed: `notice` and `timeout` come to 8 s by default, which fits into the 10 s that
/// `docker stop` leaves, and into the 30 s of a Kubernetes pod and the 90 s of a systemd unit. Raise both together with that time.
///
/// - **Kubernetes**: SIGTERM and the removal of the pod from the endpoints happen at the same time, and it takes a moment until every node
///   and ingress knows. Two seconds are enough for most clusters; behind a cloud's load balancer, which checks by itself, set `notice` to
///   its interval times its threshold, and `terminationGracePeriodSeconds` to `notice` + `timeout` + a few seconds. A
///   `preStop` hook that sleeps does the same as `notice`, and its time counts against the same grace period: one of them is enough.
///   `readyz` is the readiness probe, [`livez`](crate::health::livez) the liveness probe: never the other way round.
/// - **HAProxy, nginx, Envoy** with health checks of `readyz`: `notice` of at least interval times threshold (HAProxy: `inter 2s fall 3`
///   is 6 s). Let them try another server when a handshake was answered with 503 (`retry-on 503`, `proxy_next_upstream http_503`).
/// - **Docker**: `docker stop --time` (`stop_grace_period` in a compose file) of at least `notice` + `timeout` + 2 s.
/// - **systemd**: `TimeoutStopSec` likewise. With nobody in front of the server `notice` may be zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrainConfig {
    /// The time between the word that the server is about to end and the drain. Default 2 s.
    pub notice: Duration,
    /// Opens new WebSockets during the notice, instead of refusing them. They are closed with the others when it is over. Default
    /// `false`.
    pub upgrades_during_notice: bool,
    /// The time that connections and handlers have to end, from the end of the notice on, before they are cut off. Default 6 s.
    pub timeout: Duration,
    /// The span over which the connections are closed, so that not all of them come back at once; half of the timeout at
    /// most. Default 2 s.
    pub jitter: Duration,
    /// The close frame that the connections are sent. Default 1001; 1012 tells clients that the service is about to be back.
    pub frame: CloseFrame,
    /// The time after which those may come again whose upgrade is refused with 503, in whole seconds. Default 5 s.
    pub retry_after: Duration,
}

impl Default for DrainConfig {
    fn default() -> Self {
        Self {
            notice: Duration::from_secs(2),
            upgrades_during_notice: false,
            timeout: Duration::from_secs(6),
            jitter: Duration::from_secs(2),
            frame: CloseFrame { code: CloseCode::GOING_AWAY, reason: "the server is shutting down".into() },
            retry_after: Duration::from_secs(5),
        }
    }
}

/// The WebSockets that a drain has ended, each counted once, when its handler has ended too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct DrainReport {
    /// Connections that ended by themselves with a complete closing handshake ([`CloseCause::clean`]), and their handlers with them.
    ///
    /// [`CloseCause::clean`]: crate::websocket::CloseCause::clean
    pub clean: usize,
    /// Connections that ended by themselves without one: the peer did not answer the close frame within `close_timeout`, took no bytes
    /// for `write_stall`, broke the protocol, or its transport was lost.
    pub unclean: usize,
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
/// // At SIGTERM:
/// shutdown.notice().await; // `health::readyz` says 503 from here on
/// let report = shutdown.drain().await;
/// println!("{} closed, {} without an answer, {} cut off", report.clean, report.unclean, report.aborted);
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
    noticed: CancellationToken,
    draining: CancellationToken,
    aborting: CancellationToken,
    tracker: TaskTracker,
    clean: AtomicUsize,
    unclean: AtomicUsize,
    aborted: AtomicUsize,
    began: OnceLock<Instant>,
}

/// Time for the close handshake of connections whose handlers take all of the timeout for a reply.
const LAST_HANDSHAKE: Duration = Duration::from_secs(1);

/// How a connection ended that a drain has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Drained {
    Clean,
    Unclean,
    Aborted,
}

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

    /// Gives notice of a drain, and waits for [`DrainConfig::notice`] or until somebody drains. Meanwhile
    /// [`readyz`](crate::health::readyz) answers 503, new upgrades are refused unless the configuration says otherwise, and open
    /// connections go on. It is for the moment before [`drain`](Self::drain), which does not do it by itself; a
    /// [`Server`](crate::Server) does both.
    ///
    /// # Cancel safety
    ///
    /// The notice stands when this future is dropped; nothing drains by itself.
    pub async fn notice(&self) {
        self.0.noticed.cancel();
        let _ = tokio::time::timeout(self.0.config.notice, self.draining()).await;
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
        let DrainReport { clean, unclean, aborted } = report;
        tracing::info!(clean, unclean, aborted, "drained");
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
            unclean: self.0.unclean.load(Ordering::Acquire),
            aborted: self.0.aborted.load(Ordering::Acquire),
        }
    }

    /// Cuts off every connection and handler at once; the close frame still goes out where the transport takes it. A stream
    /// of HTTP/2 is reset, and what has not left by then is discarded with it.
    pub fn abort(&self) {
        self.begin();
        self.0.stage.store(ShutdownPhase::Aborting as u8, Ordering::Release);
        self.0.aborting.cancel();
    }

    /// `true` until a notice is given or a drain begins: the answer of [`readyz`](crate::health::readyz).
    pub fn is_ready(&self) -> bool {
        !self.0.noticed.is_cancelled()
    }

    /// `true` as soon as a drain has begun; a notice is none.
    pub fn is_draining(&self) -> bool {
        self.0.draining.is_cancelled()
    }

    /// Waits until a drain begins; a notice is none.
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

    /// Whether new upgrades are refused.
    pub(crate) fn refuses_upgrades(&self) -> bool {
        self.is_draining() || !self.is_ready() && !self.0.config.upgrades_during_notice
    }

    pub(crate) fn begin(&self) {
        self.0.began.get_or_init(now);
        self.0.noticed.cancel();
        self.0.stage.fetch_max(ShutdownPhase::Draining as u8, Ordering::AcqRel);
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
            stage: ShutdownPhase::Open,
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

/// One connection's view of the shutdown.
#[derive(Debug)]
pub(crate) struct Watch {
    shutdown: Shutdown,
    /// The next signal that is waited for.
    signal: Pin<Box<WaitForCancellationFutureOwned>>,
    stage: ShutdownPhase,
    /// Who is woken when the stage changes.
    waker: Option<Waker>,
}

/// How far the shutdown is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShutdownPhase {
    Open,
    Draining,
    Aborting,
}

impl Watch {
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> ShutdownPhase {
        if self.shutdown.0.stage.load(Ordering::Acquire) == self.stage as u8
            && self.waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker()))
        {
            return self.stage;
        }
        self.waker = Some(cx.waker().clone());
        while self.stage != ShutdownPhase::Aborting && self.signal.as_mut().poll(cx).is_ready() {
            if self.stage == ShutdownPhase::Open {
                self.stage = ShutdownPhase::Draining;
                self.signal.set(self.shutdown.0.aborting.clone().cancelled_owned());
            } else {
                self.stage = ShutdownPhase::Aborting;
            }
        }
        self.stage
    }

    /// Completes when a drain begins.
    pub(crate) fn poll_draining(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.poll(cx) == ShutdownPhase::Open { Poll::Pending } else { Poll::Ready(()) }
    }

    pub(crate) fn shutdown(&self) -> &Shutdown {
        &self.shutdown
    }

    /// Counts a connection that has ended; `true` if a drain is on.
    pub(crate) fn count(&self, end: Drained) -> bool {
        let Inner { clean, unclean, aborted, .. } = &*self.shutdown.0;
        let is_draining = self.shutdown.is_draining();
        if is_draining {
            let counter = match end {
                Drained::Clean => clean,
                Drained::Unclean => unclean,
                Drained::Aborted => aborted,
            };
            counter.fetch_add(1, Ordering::AcqRel);
        }
        is_draining
    }
}

//! Decision of the handler: an upgrade and a connection task, or a response that refuses it.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum_core::response::{IntoResponse, Response};
use hyper::upgrade::OnUpgrade;
use tracing::{Instrument, Span, instrument::Instrumented};

use super::{failed_upgrade::FailedUpgrade, handshake_failure::HandshakeFailure};
use crate::{
    close::CloseKind,
    connection::{
        ConnectionRecorder, ConnectionTask, Ending, HandlerFuture, RunningHandler, Shared, WebSocketConfig,
        WebSocketConnection, is_refusal, take_failure,
    },
    handshake::{Accepted, Rejection},
    limits::Permit,
    shutdown::Shutdown,
    time::GraceTimeout,
};

/// Decision window of handlers without one. It ends requests whose client has gone without hyper's
/// notice.
const LONGEST_WINDOW: Duration = Duration::from_secs(3_600);

/// An upgrade whose arguments have been extracted.
#[derive(Debug)]
pub(crate) struct Upgrade {
    pub(crate) accepted: Accepted,
    pub(crate) on_upgrade: OnUpgrade,
    pub(crate) config: Arc<WebSocketConfig>,
    pub(crate) shutdown: Shutdown,
    pub(crate) permit: Option<Permit>,
    pub(crate) recorder: ConnectionRecorder,
}

/// Result of the decision window.
enum Decision {
    Upgrade,
    /// The handler has ended, before or after it asked for the upgrade.
    Ended(Ending),
    Draining,
}

impl Upgrade {
    /// Runs the handler until it has decided, in the task that serves the request: dropping the
    /// future cancels it. If it upgrades, the rest of the handler moves to a task of its own, and
    /// the answer is the 101. If it has ended, the answer is its response.
    pub(crate) async fn run(
        self,
        start: impl FnOnce(WebSocketConnection) -> HandlerFuture,
    ) -> Result<Response, FailedUpgrade> {
        let Self { accepted, on_upgrade, config, shutdown, permit, recorder } = self;
        let shared = Arc::new(Shared::new(config, accepted.subprotocol.clone(), recorder));
        let route = shared.recorder.route();
        let span = tracing::info_span!(parent: None, "websocket", connection = %shared.id, route);
        span.follows_from(Span::current());
        // If this future is dropped before the decision, handles in other tasks learn that the
        // connection ends without an upgrade.
        let mut guard = DecisionGuard { shared: shared.clone(), is_decided: false };
        let mut handler = RunningHandler::new(start(WebSocketConnection::new(shared.clone())));
        let handler = match decide(&shared, &shutdown, &mut handler).instrument(span.clone()).await {
            Decision::Upgrade => handler,
            Decision::Draining => {
                handler.cancel();
                let retry_after = shutdown.config().retry_after.as_secs();
                return Err(Rejection::Draining { retry_after }.into());
            }
            // A handler that has sent something has decided: the message goes out, and the outcome
            // becomes a close frame.
            Decision::Ended(ending) if shared.is_wanted() => RunningHandler::Ended(ending),
            Decision::Ended(Ending::Panicked(panic)) => {
                tracing::error!(parent: &span, panic, "the WebSocket handler panicked before the upgrade");
                return Err(FailedUpgrade::panicked());
            }
            Decision::Ended(Ending::Returned(response)) if is_refusal(&response) => {
                return Err(FailedUpgrade::new(HandshakeFailure::Handler, refusal(response, &span)));
            }
            Decision::Ended(ending) => RunningHandler::Ended(ending),
        };
        guard.is_decided = true;
        let task = ConnectionTask::new(shared, handler, on_upgrade, shutdown.watch(), permit);
        spawn(&shutdown, task.instrument(span));
        Ok(accepted.into_response())
    }
}

/// Spawns the task. Not a part of the coroutine above, which each program compiles for itself, with
/// all of tokio's code for this task.
fn spawn(shutdown: &Shutdown, task: Instrumented<ConnectionTask>) {
    shutdown.spawn(task);
}

/// Runs the handler until it decides, ends, or its decision window closes.
async fn decide(shared: &Arc<Shared>, shutdown: &Shutdown, handler: &mut RunningHandler) -> Decision {
    let window = shared.config.decision_window.unwrap_or(LONGEST_WINDOW);
    let mut window = pin!(GraceTimeout::exactly(window));
    let mut watch = shutdown.watch();
    let waker = shared.handler_waker();
    poll_fn(|cx| {
        shared.begin_poll(cx.waker(), false);
        loop {
            if let Poll::Ready(ending) = handler.poll(&mut Context::from_waker(&waker)) {
                return Poll::Ready(Decision::Ended(ending));
            }
            if shared.is_wanted() {
                return Poll::Ready(Decision::Upgrade);
            }
            if watch.poll_draining(cx).is_ready() {
                return Poll::Ready(Decision::Draining);
            }
            if has_passed(window.as_mut(), cx) {
                shared.decide();
                return Poll::Ready(Decision::Upgrade);
            }
            if shared.begin_idle(false).is_none() {
                return Poll::Pending;
            }
        }
    })
    .await
}

/// Polls the timer outside of tokio's cooperative budget: a handler that uses up the budget must
/// not extend its window.
fn has_passed(window: Pin<&mut GraceTimeout>, cx: &mut Context<'_>) -> bool {
    pin!(tokio::task::unconstrained(window)).poll(cx).is_ready()
}

/// Returns the handler's own answer. The text of an error of this crate goes to the log.
fn refusal(mut response: Response, span: &Span) -> Response {
    if let Some(failure) = take_failure(&mut response) {
        tracing::error!(parent: span, error = failure.text, "the WebSocket handler failed before the upgrade");
    }
    response
}

/// Ends the connection if it is dropped before the decision.
struct DecisionGuard {
    shared: Arc<Shared>,
    is_decided: bool,
}

impl Drop for DecisionGuard {
    fn drop(&mut self) {
        if !self.is_decided {
            self.shared.end(CloseKind::NotUpgraded);
        }
    }
}

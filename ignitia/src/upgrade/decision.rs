//! Decision of the handler: an upgrade and a connection task, or a response that refuses it.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum_core::response::Response;
use tracing::{Instrument, Span, field::display};

use super::{
    connection_upgrade::ConnectionUpgrade, failed_upgrade::FailedUpgrade,
    handshake_failure::HandshakeFailure, route_context::RouteContext,
};
use crate::{
    close::CloseKind,
    connection::{
        ConnectionRecorder, ConnectionTask, Ending, HandlerFuture, RunningHandler, Shared,
        WebSocketConnection, is_refusal, take_failure,
    },
    handshake::Accepted,
    limits::Permit,
    shutdown::ShutdownWatch,
    time::GraceTimeout,
};

/// Decision window of handlers without one. It ends requests whose client has gone without hyper's
/// notice.
const LONGEST_WINDOW: Duration = Duration::from_secs(3_600);

/// An upgrade whose arguments have been extracted.
#[derive(Debug)]
pub(crate) struct Upgrade {
    pub(crate) accepted: Accepted,
    pub(crate) connection: ConnectionUpgrade,
    pub(crate) context: RouteContext,
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
    /// future cancels it. If it upgrades, the rest of the handler moves to the connection task, and
    /// the answer is the 101. If it has ended, the answer is its response.
    ///
    /// The future of an async fn would have the upgrade twice.
    pub(crate) fn run(
        self,
        start: impl FnOnce(WebSocketConnection) -> HandlerFuture,
    ) -> impl Future<Output = Result<Response, FailedUpgrade>> + Send {
        let Self { accepted, connection, context, permit, recorder } = self;
        let config = context.config.clone();
        let Accepted { subprotocol, compression, .. } = &accepted;
        let shared = Arc::new(Shared::new(config, subprotocol.clone(), *compression, recorder));
        let route = shared.recorder.route();
        let compression = shared.compression.as_ref().map(display);
        let span =
            tracing::info_span!(parent: None, "websocket", connection = %shared.id, route, compression);
        span.follows_from(Span::current());
        // If this future is dropped before the decision, handles in other tasks learn that the
        // connection ends without an upgrade.
        let guard = DecisionGuard { shared: shared.clone(), is_decided: false };
        let mut handler = RunningHandler::new(start(WebSocketConnection::new(shared.clone())));
        let mut watch = context.shutdown.watch();
        async move {
            let handler = match decide(&shared, &mut watch, &mut handler).instrument(span.clone()).await {
                Decision::Upgrade => handler,
                Decision::Draining => {
                    handler.cancel();
                    return Err(context.draining().into());
                }
                // A handler that has sent something has decided: the message goes out, and the
                // outcome becomes a close frame.
                Decision::Ended(ending) if shared.is_wanted() => RunningHandler::Ended(Box::new(ending)),
                Decision::Ended(Ending::Panicked(panic)) => {
                    tracing::error!(parent: &span, panic, "the WebSocket handler panicked before the upgrade");
                    return Err(FailedUpgrade::panicked());
                }
                Decision::Ended(Ending::Returned(response)) if is_refusal(&response) => {
                    return Err(FailedUpgrade::new(HandshakeFailure::Handler, refusal(response, &span)));
                }
                Decision::Ended(ending) => RunningHandler::Ended(Box::new(ending)),
            };
            guard.decided();
            let task = ConnectionTask::new(shared, handler, None, watch, permit);
            // Boxed here, as the future that the task of the request goes on with: it moves no
            // more.
            Ok(connection.start(Box::new(task.instrument(span)), accepted, &context.shutdown))
        }
    }
}

/// Runs the handler until it decides, ends, or its decision window closes.
async fn decide(shared: &Arc<Shared>, watch: &mut ShutdownWatch, handler: &mut RunningHandler) -> Decision {
    // Set on demand: most handlers decide at once, and need no timer.
    let mut window = None;
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
            let window = window.get_or_insert_with(|| {
                let length = shared.config.decision_window.unwrap_or(LONGEST_WINDOW);
                Box::pin(GraceTimeout::exactly(length))
            });
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
        let error = failure.text;
        if failure.is_expected {
            tracing::debug!(parent: span, error, "the WebSocket handler failed before the upgrade");
        } else {
            tracing::error!(parent: span, error, "the WebSocket handler failed before the upgrade");
        }
    }
    response
}

/// Ends the connection if it is dropped before the decision.
struct DecisionGuard {
    shared: Arc<Shared>,
    is_decided: bool,
}

impl DecisionGuard {
    fn decided(mut self) {
        self.is_decided = true;
    }
}

impl Drop for DecisionGuard {
    fn drop(&mut self) {
        if !self.is_decided {
            self.shared.end(CloseKind::NotUpgraded);
        }
    }
}

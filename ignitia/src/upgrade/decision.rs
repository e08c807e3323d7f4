//! From an accepted handshake to a running connection: the handler decides, and the answer follows.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum_core::response::{IntoResponse, Response};
use hyper::upgrade::OnUpgrade;
use tracing::{Instrument, Span};

use super::report::{FailedUpgrade, UpgradeFailure};
use crate::{
    close::CloseKind,
    connection::{
        ConnectionEvents, ConnectionTask, Ending, HandlerFuture, RunningHandler, Shared, WebSocketConfig,
        WebSocketConnection, refuses, take_failure,
    },
    handshake::{Accepted, Rejection},
    limits::Permit,
    shutdown::Shutdown,
    time::GraceTimeout,
};

/// The decision window of those that have none: what hyper does not notice for as long has to end some time.
const LONGEST_WINDOW: Duration = Duration::from_secs(3_600);

/// What is known when the extractors are through.
#[derive(Debug)]
pub(crate) struct Upgrade {
    pub(crate) accepted: Accepted,
    pub(crate) on_upgrade: OnUpgrade,
    pub(crate) config: Arc<WebSocketConfig>,
    pub(crate) shutdown: Shutdown,
    pub(crate) permit: Option<Permit>,
    pub(crate) events: ConnectionEvents,
}

/// What came of the decision window.
enum Decision {
    Upgrade,
    /// The handler ended, before or after it asked for the upgrade.
    Ended(Ending),
    Draining,
}

impl Upgrade {
    /// Runs the handler until it has decided, here, in the task that serves the request: dropped, it is cancelled.
    /// Then the rest of it moves into a task of its own, and the answer is the 101; or there is no rest, and the
    /// answer is the handler's.
    pub(crate) async fn run(
        self,
        handler: impl FnOnce(WebSocketConnection) -> HandlerFuture,
    ) -> Result<Response, FailedUpgrade> {
        let Self { accepted, on_upgrade, config, shutdown, permit, events } = self;
        let shared = Arc::new(Shared::new(config, accepted.subprotocol.clone(), events));
        let route = shared.events.route();
        let span = tracing::info_span!(parent: None, "websocket", connection = %shared.id, route);
        span.follows_from(Span::current());
        // Should this be dropped before the decision, handles elsewhere learn that nothing comes of it.
        let mut undecided = Undecided { shared: shared.clone(), decided: false };
        let mut session = RunningHandler::new(handler(WebSocketConnection::new(shared.clone())));
        let session = match decide(&shared, &shutdown, &mut session).instrument(span.clone()).await {
            Decision::Upgrade => session,
            Decision::Draining => {
                session.cancel();
                let retry_after = shutdown.config().retry_after.as_secs();
                return Err(Rejection::Draining { retry_after }.into());
            }
            // Whoever has sent something has decided: it goes out, and the ending becomes a close frame.
            Decision::Ended(ending) if shared.is_wanted() => RunningHandler::Ended(ending),
            Decision::Ended(Ending::Panicked(panic)) => {
                tracing::error!(parent: &span, panic, "the WebSocket handler panicked before the upgrade");
                return Err(FailedUpgrade::panicked());
            }
            Decision::Ended(Ending::Returned(response)) if refuses(&response) => {
                return Err(FailedUpgrade::new(UpgradeFailure::Handler, refusal(response, &span)));
            }
            Decision::Ended(ending) => RunningHandler::Ended(ending),
        };
        undecided.decided = true;
        let task = ConnectionTask::new(shared, session, on_upgrade, shutdown.watch(), permit);
        shutdown.spawn(task.instrument(span));
        Ok(accepted.into_response())
    }
}

/// Runs the handler until it has decided, has ended, or has had its time.
async fn decide(shared: &Arc<Shared>, shutdown: &Shutdown, session: &mut RunningHandler) -> Decision {
    let window = shared.config.decision_window.unwrap_or(LONGEST_WINDOW);
    let mut window = pin!(GraceTimeout::exactly(window));
    let mut watch = shutdown.watch();
    let waker = shared.handler_waker();
    poll_fn(|cx| {
        shared.begin_poll(cx.waker());
        loop {
            if let Poll::Ready(ending) = session.poll(&mut Context::from_waker(&waker)) {
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
            if shared.begin_idle().is_none() {
                return Poll::Pending;
            }
        }
    })
    .await
}

/// Outside of tokio's budget: a handler that uses it up must not have all the time in the world.
fn has_passed(window: Pin<&mut GraceTimeout>, cx: &mut Context<'_>) -> bool {
    pin!(tokio::task::unconstrained(window)).poll(cx).is_ready()
}

/// The handler's own answer. What an error of ours had to say goes to the log.
fn refusal(mut response: Response, span: &Span) -> Response {
    if let Some(failure) = take_failure(&mut response) {
        tracing::error!(parent: span, error = failure.text, "the WebSocket handler failed before the upgrade");
    }
    response
}

struct Undecided {
    shared: Arc<Shared>,
    decided: bool,
}

impl Drop for Undecided {
    fn drop(&mut self) {
        if !self.decided {
            self.shared.end(CloseKind::NotUpgraded);
        }
    }
}

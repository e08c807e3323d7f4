//! Extraction of a handler's arguments.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::Poll,
};

use axum::extract::DefaultBodyLimit;
use axum_core::{body::Body, extract::Request};
use tokio::task::unconstrained;

use super::{
    body::{EndOfBody, WatchedBody, is_empty},
    failed_upgrade::FailedUpgrade,
    handshake_failure::HandshakeFailure,
    route_context::RouteContext,
    serve::Serve,
};
use crate::{handshake::Rejection, panics::catch, time::GraceTimeout};

/// Extracts the arguments, until the timeout of handshakes has passed or a drain begins. If it
/// succeeds, the body has been read to its end. The request is boxed: the future has a place for it
/// here, and another one where it is extracted.
pub(super) async fn extract<T, S>(
    mut request: Box<Request>,
    state: &S,
    context: &RouteContext,
    route: &str,
) -> Result<T::Arguments, FailedUpgrade>
where
    T: Serve<S>,
{
    let mut limit = HandshakeLimit { context, passed: None };
    let end = if T::reads_body() {
        Some(watch_body(&mut request, context.config.max_body))
    } else {
        let body = request.body_mut();
        if !limit.within(pin!(is_empty(body))).await? {
            return Err(Rejection::UnreadBody.into());
        }
        *body = Body::empty();
        None
    };
    let mut extraction = pin!(T::extract(*request, state, context));
    let extraction = poll_fn(|cx| match catch(|| extraction.as_mut().poll(cx)) {
        Ok(polled) => polled.map(Ok),
        Err(panic) => Poll::Ready(Err(panic)),
    });
    let extracted = limit.within(pin!(extraction)).await?;
    let arguments = extracted
        .map_err(|panic| {
            tracing::error!(path = route, panic, "an extractor panicked");
            FailedUpgrade::panicked()
        })?
        .map_err(|response| FailedUpgrade::new(HandshakeFailure::Extractor, response))?;
    if end.is_none_or(|end| end.is_reached()) { Ok(arguments) } else { Err(Rejection::UnreadBody.into()) }
}

/// Limits the body of a request that an extractor reads, and watches for its end.
fn watch_body(request: &mut Request, max: usize) -> EndOfBody {
    let (watched, end) = WatchedBody::new(std::mem::take(request.body_mut()), max);
    *request.body_mut() = Body::new(watched);
    DefaultBodyLimit::disable().apply(request);
    end
}

/// End of the time that a handshake has for its extractors.
struct HandshakeLimit<'a> {
    context: &'a RouteContext,
    /// Set on demand: most extractors are ready at once, and need no timer.
    passed: Option<Pin<Box<dyn Future<Output = Rejection> + Send>>>,
}

impl HandshakeLimit<'_> {
    /// Returns the output of the future, unless the limit passes first.
    async fn within<F: Future>(&mut self, mut future: Pin<&mut F>) -> Result<F::Output, Rejection> {
        poll_fn(|cx| {
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                return Poll::Ready(Ok(output));
            }
            let passed = self.passed.get_or_insert_with(|| Box::pin(passed(self.context.clone())));
            // Outside of tokio's budget: otherwise a future that uses up the budget would never
            // time out.
            pin!(unconstrained(passed.as_mut())).poll(cx).map(Err)
        })
        .await
    }
}

async fn passed(context: RouteContext) -> Rejection {
    tokio::select! {
        biased;
        () = GraceTimeout::new(context.config.handshake_timeout) => Rejection::TimedOut,
        () = context.shutdown.draining() => context.draining(),
    }
}

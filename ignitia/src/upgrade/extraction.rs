//! Extraction of a handler's arguments.

use axum::extract::DefaultBodyLimit;
use axum_core::{body::Body, extract::Request};

use super::{
    body::{WatchedBody, is_empty},
    failed_upgrade::FailedUpgrade,
    handshake_failure::HandshakeFailure,
    route_context::RouteContext,
    serve::Serve,
};
use crate::{handshake::Rejection, panics::catch_async};

/// Extracts the arguments. If it succeeds, the body has been read to its end.
pub(super) async fn extract<T, S>(
    request: Request,
    state: &S,
    context: &RouteContext,
    route: &str,
) -> Result<T::Arguments, FailedUpgrade>
where
    T: Serve<S>,
{
    let (parts, mut body) = request.into_parts();
    if !T::reads_body() {
        if !is_empty(&mut body).await {
            return Err(Rejection::UnreadBody.into());
        }
        body = Body::empty();
    }
    let (body, end) = WatchedBody::new(body, context.config.max_body);
    let mut request = Request::from_parts(parts, Body::new(body));
    DefaultBodyLimit::disable().apply(&mut request);
    let extracted = catch_async(T::extract(request, state, context)).await;
    let args = extracted
        .map_err(|panic| {
            tracing::error!(path = route, panic, "an extractor panicked");
            FailedUpgrade::panicked()
        })?
        .map_err(|response| FailedUpgrade::new(HandshakeFailure::Extractor, response))?;
    if end.is_reached() { Ok(args) } else { Err(Rejection::UnreadBody.into()) }
}

//! Handlers as a route runs them.

use std::sync::Arc;

use axum_core::{extract::Request, response::Response};

use super::route_context::RouteContext;
use crate::connection::{HandlerFuture, WebSocketConnection};

/// A handler on a route: it extracts its arguments before the upgrade, and runs with the
/// connection.
pub(crate) trait Serve<S>: Send + Sync + 'static {
    /// Arguments of the handler.
    type Arguments: Send + 'static;

    /// Returns true if the body of the request is extracted.
    fn reads_body() -> bool;

    /// Returns the name of the body's type if the handler may mistake the body for a parameter of
    /// the path.
    fn bare_body() -> Option<&'static str> {
        None
    }

    /// Extracts the arguments; the first rejection is the answer.
    fn extract(
        request: Request,
        state: &S,
        context: &RouteContext,
    ) -> impl Future<Output = Result<Self::Arguments, Response>> + Send;

    /// Starts the handler.
    fn start(self: Arc<Self>, arguments: Self::Arguments, ws: WebSocketConnection) -> HandlerFuture;
}

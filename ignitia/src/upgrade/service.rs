use std::sync::Arc;

use axum_core::{extract::Request, response::Response};

use crate::{
    connection::{HandlerFuture, WebSocketConfig, WebSocketConnection},
    shutdown::Shutdown,
};

/// What a route runs: extraction before the upgrade, a session after it.
pub(crate) trait Serve<S>: Send + Sync + 'static {
    type Arguments: Send + 'static;

    /// Whether the body of the request is extracted.
    fn reads_body() -> bool;

    /// The name of the body's type where it may be a mistake for a parameter of the path.
    fn bare_body() -> Option<&'static str> {
        None
    }

    /// What the session is called with; the first rejection is the answer.
    fn extract(
        request: Request,
        state: &S,
        context: &RouteContext,
    ) -> impl Future<Output = Result<Self::Arguments, Response>> + Send;

    fn start(self: Arc<Self>, arguments: Self::Arguments, ws: WebSocketConnection) -> HandlerFuture;
}

/// What is around a session, whatever becomes of it.
#[derive(Debug, Clone)]
pub(crate) struct RouteContext {
    pub(crate) config: Arc<WebSocketConfig>,
    pub(crate) shutdown: Shutdown,
}

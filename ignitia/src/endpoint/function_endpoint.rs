//! Endpoints that `#[websocket]` generates for functions.

use std::fmt;

use axum_core::{extract::Request, response::Response};

use crate::connection::{HandlerFuture, WebSocketConnection};
#[cfg(feature = "contract")]
use crate::contract::EndpointDescription;

/// Endpoint that `#[websocket]` generates for a function: a path, the arguments and the handler,
/// for every state `S` that the arguments can be extracted with.
///
/// There is no need to implement or to name it: [`Router::mount`](crate::Router::mount) takes
/// annotated functions.
#[diagnostic::on_unimplemented(
    message = "the endpoint `{Self}` cannot be mounted on a router with state `{S}`",
    label = "an argument of this endpoint cannot be extracted"
)]
pub trait Endpoint<S, Via>: 'static {
    /// Path in the form of routers: `/ws/{room}`.
    const ROUTE: &'static str;

    /// Fills the description for contracts. That of an item with errors stays empty.
    #[cfg(feature = "contract")]
    #[doc(hidden)]
    fn describe(_: &mut EndpointDescription) {}

    /// Returns true if an argument is extracted from the body of the request.
    fn reads_body() -> bool;

    /// Extracts the arguments from the request; the first rejection is the answer.
    fn prepare(request: Request, state: &S) -> impl Future<Output = Result<Prepared, Response>> + Send;
}

/// A handler with its arguments, before the upgrade. Its type does not name theirs, which may be
/// private.
pub struct Prepared(Box<dyn FnOnce(WebSocketConnection) -> HandlerFuture + Send>);

impl Prepared {
    #[doc(hidden)]
    pub fn new<F, Fut>(session: F) -> Self
    where
        F: FnOnce(WebSocketConnection) -> Fut + Send + 'static,
        Fut: Future<Output = Response> + Send + 'static,
    {
        Self(Box::new(move |ws| Box::pin(session(ws))))
    }

    pub(crate) fn start(self, ws: WebSocketConnection) -> HandlerFuture {
        (self.0)(ws)
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared").finish_non_exhaustive()
    }
}

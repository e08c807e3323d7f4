//! Endpoints: what `#[websocket]` makes of a function, and how a router mounts it.

mod annotated;
mod arguments;
mod path_param;
mod session;
mod uri;

use std::fmt;

use axum_core::{extract::Request, response::Response};

pub use self::{
    annotated::{Annotated, Tagged},
    arguments::path_params,
    path_param::PathParam,
    session::{Accepts, CanBeSent, CanHear, Events, Inbox, Session, SessionEndpoint, events, inbox},
    uri::{push_literal, push_segment},
};
pub(crate) use self::{arguments::Mounted, session::MountedSession};
use crate::connection::{HandlerFuture, WebSocketConnection};

/// What `#[websocket]` makes of a function: a route with its path, its arguments and its session, for every state `S`
/// that the arguments can be had from.
///
/// There is no need to implement or to name it: [`Router::mount`](crate::Router::mount) takes annotated functions.
#[diagnostic::on_unimplemented(
    message = "the endpoint `{Self}` cannot be mounted on a router with state `{S}`",
    label = "an argument of this endpoint cannot be extracted"
)]
pub trait Endpoint<S, Via>: 'static {
    /// The path as routers write it: `/ws/{room}`.
    const ROUTE: &'static str;

    /// Whether an argument is extracted from the body of the request.
    fn reads_body() -> bool;

    /// Takes the arguments out of the request; the first rejection is the answer. What is left then is the session.
    fn prepare(request: Request, state: &S) -> impl Future<Output = Result<Prepared, Response>> + Send;
}

/// A session that has its arguments. Their types are in none of the endpoint's: they may be private.
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

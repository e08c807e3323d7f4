use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use http::Extensions;

use super::{
    add_extensions::AddExtensions, path_router::PathRouter, route_set::RouteSet, route_table::RouteTable,
};
use crate::{error::Result, shutdown::Shutdown};

/// RouteSet, and the state that the ones to come are given.
///
/// It wraps an [`axum::Router`]: paths are written as there (`/ws/{room}`, `{*rest}` for a tail), handlers for plain
/// requests and tower layers are axum's. What is written literally is found however clients percent-encode it: `/café/{x}` by
/// `/caf%C3%A9/x` too. A parameter is decoded after the path was taken apart: it may be `..`, or hold a slash (`%2F`), and a tail may have
/// `..` between its slashes, so nothing of it belongs into the path of a file unseen. Metrics and spans name routes as they are written,
/// axum's `MatchedPath` percent-encoded. [`Router::new`] has no state; [`state`](Self::state) gives one to the routes
/// added after it, and a handler whose `State<T>` cannot be had from it does not compile.
///
/// Mistakes in routes (a malformed path, a path given twice, an origin that no page can have) do not panic: they are kept, and
/// [`into_axum`](Self::into_axum), or the server when it starts, reports them.
///
/// ```
/// use ignitia::prelude::*;
///
/// #[derive(Clone)]
/// struct Greeting(&'static str);
///
/// async fn greet(State(Greeting(text)): State<Greeting>, Path(name): Path<String>, ws: WebSocketConnection) -> Result<Response> {
///     ws.send_text(format!("{text}, {name}!")).await?;
///     Ok(Response::ok())
/// }
///
/// let router = Router::new()
///     .get("/", || async { "a page" })
///     .state(Greeting("Hello"))
///     .websocket("/greet/{name}", greet);
/// # assert!(router.into_axum().is_ok());
/// ```
#[must_use]
pub struct Router<S = ()> {
    pub(super) routes: RouteSet,
    pub(super) state: S,
    /// Given to every request at the end: kind `extension`, `shutdown` and `websocket_config` were called with.
    pub(super) extensions: Extensions,
    pub(super) table: RouteTable,
    /// What drains the routes of nested and merged routers.
    pub(super) nested: Vec<Shutdown>,
}

impl Router {
    /// A router without routes and state.
    pub fn new() -> Self {
        Self::from(axum::Router::new())
    }
}

impl Default for Router {
    fn default() -> Self {
        Self::new()
    }
}

impl From<axum::Router> for Router {
    fn from(router: axum::Router) -> Self {
        let routes = RouteSet { others: router, own: PathRouter::default() };
        Self {
            routes,
            state: (),
            extensions: Extensions::new(),
            table: RouteTable::default(),
            nested: Vec::new(),
        }
    }
}

impl<S> Router<S> {
    /// Gives a state to the routes that are added from here on; those before keep theirs. Handlers take it, or a part
    /// of it ([`FromRef`](axum::extract::FromRef)), with `State`.
    ///
    /// It is `Clone + Send + Sync + 'static`, or no route can be added. That is required there only: rustc would say it given_twice.
    pub fn state<T>(self, state: T) -> Router<T> {
        let Self { routes, state: _, extensions, table, nested } = self;
        Router { routes, state, extensions, table, nested }
    }

    /// The axum router, to be served or mounted anywhere.
    ///
    /// # Errors
    ///
    /// [`Error::is_route`](crate::Error::is_route) for malformed paths and for paths given twice, naming them, for a body that was
    /// taken for a parameter ([`websocket`](Self::websocket)), and for configuration that can never have an effect: see
    /// [`Origin::allow`](crate::websocket::Origin::allow).
    pub fn into_axum(self) -> Result<axum::Router> {
        let (inner, table) = self.finish();
        table.into_result().map(|()| inner)
    }

    /// What was given to drain this router's WebSockets, if anything was.
    pub(crate) fn given_shutdown(&self) -> Option<Shutdown> {
        self.extensions.get().cloned()
    }

    /// What was given to drain the routes of nested and merged routers.
    pub(crate) fn nested_shutdowns(&mut self) -> Vec<Shutdown> {
        std::mem::take(&mut self.nested)
    }

    pub(crate) fn insert<T>(&mut self, value: T)
    where
        T: Clone + Send + Sync + 'static,
    {
        self.extensions.insert(value);
    }

    pub(super) fn finish(self) -> (axum::Router, RouteTable) {
        let (routes, mut table) = self.into_parts();
        // The routes of an axum router are not known.
        let whole = catch_unwind(AssertUnwindSafe(|| routes.into_axum()));
        let whole = whole.unwrap_or_else(|_| {
            table.add_unknown_conflict();
            axum::Router::new()
        });
        (whole, table)
    }

    pub(super) fn into_parts(self) -> (RouteSet, RouteTable) {
        let Self { routes, extensions, table, .. } = self;
        if extensions.is_empty() {
            (routes, table)
        } else {
            (routes.layer(AddExtensions::new(extensions)), table)
        }
    }
}

impl<S> fmt::Debug for Router<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Router").field("paths", &self.table).finish_non_exhaustive()
    }
}

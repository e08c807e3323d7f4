use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use http::Extensions;

use super::{
    add_extensions::AddExtensions, path_router::PathRouter, route_set::RouteSet, route_table::RouteTable,
};
use crate::{error::Result, shutdown::Shutdown};

/// Set of routes, and the state of the routes that are added next.
///
/// It wraps an [`axum::Router`]. Paths are written as there (`/ws/{room}`, `{*rest}` for a tail);
/// handlers of ordinary requests and tower layers are axum's. Literal text in a path matches in
/// every percent-encoding: `/café/{x}` matches `/caf%C3%A9/x` too. A parameter is decoded after the
/// path was split: it may be `..`, or contain a slash (`%2F`), and a tail may have `..` between its
/// slashes, so check it before you use it in the path of a file. Metrics and spans name routes as
/// they are written; axum's `MatchedPath` is percent-encoded. A router from [`Router::new`] has no
/// state; [`state`](Self::state) gives one to the routes that are added after it. A handler whose
/// `State<T>` cannot be taken from that state does not compile.
///
/// Mistakes in routes (a malformed path, a path given twice, an origin that no page can have) do
/// not panic: the router keeps them, and [`into_axum`](Self::into_axum), or the server when it
/// starts, reports them.
///
/// ```
/// use ignitia::prelude::*;
///
/// #[derive(Clone)]
/// struct Greeting(&'static str);
///
/// async fn greet(
///     State(Greeting(text)): State<Greeting>,
///     Path(name): Path<String>,
///     ws: WebSocketConnection,
/// ) -> Result<Response> {
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
    /// Extensions of every request, added when the router is finished: the arguments of
    /// `extension`, `shutdown` and `websocket_config`.
    pub(super) extensions: Extensions,
    pub(super) table: RouteTable,
    /// Shutdowns of nested and merged routers.
    pub(super) nested: Vec<Shutdown>,
}

impl Router {
    /// Creates a router without routes and state.
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
    /// Gives a state to the routes that are added from here on; earlier routes keep theirs.
    /// Handlers extract it, or a part of it ([`FromRef`](axum::extract::FromRef)), with `State`.
    ///
    /// The methods that add routes require `Clone + Send + Sync + 'static` of it. This method does
    /// not, because rustc would report the missing bound twice.
    pub fn state<T>(self, state: T) -> Router<T> {
        let Self { routes, state: _, extensions, table, nested } = self;
        Router { routes, state, extensions, table, nested }
    }

    /// Returns the axum router, to be served or to become part of another one.
    ///
    /// # Errors
    ///
    /// [`Error::is_route`](crate::Error::is_route), with all paths named, for a malformed path, for
    /// a path given twice, for a body that stands in place of a parameter
    /// ([`websocket`](Self::websocket)), and for configuration that can never have an effect: see
    /// [`Origin::allow`](crate::websocket::Origin::allow).
    pub fn into_axum(self) -> Result<axum::Router> {
        let (inner, table) = self.finish();
        table.into_result().map(|()| inner)
    }

    /// Returns the shutdown that this router was given for its WebSockets.
    pub(crate) fn given_shutdown(&self) -> Option<Shutdown> {
        self.extensions.get().cloned()
    }

    /// Takes the shutdowns that nested and merged routers were given.
    pub(crate) fn nested_shutdowns(&mut self) -> Vec<Shutdown> {
        std::mem::take(&mut self.nested)
    }

    /// Adds an extension of every request.
    pub(crate) fn insert<T>(&mut self, value: T)
    where
        T: Clone + Send + Sync + 'static,
    {
        self.extensions.insert(value);
    }

    pub(super) fn finish(self) -> (axum::Router, RouteTable) {
        let (routes, mut table) = self.into_parts();
        // Conflicts with routes of an `axum::Router` cannot be known before axum is asked, and axum
        // panics.
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

use std::{convert::Infallible, fmt};

use axum::routing::{MethodFilter, MethodRouter, Route as AxumRoute, get, post};
use axum_core::{extract::Request, response::IntoResponse};
use tower_layer::Layer;
use tower_service::Service;

use super::{
    extension_set::ExtensionSet, http_handler::HttpHandler, route_paths::RoutePaths, route_set::RouteSet,
    route_table::RouteTable,
};
use crate::{
    connection::WebSocketConfig,
    endpoint::{Annotated, Endpoint, MountedFunction, MountedSession, SessionEndpoint},
    error::Result,
    handler::{Extracts, FunctionHandler, Outcome, WebSocketHandler},
    path::forms,
    sealed::Sealed,
    shutdown::Shutdown,
};

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
    pub(super) extensions: ExtensionSet,
    pub(super) table: RouteTable,
    /// Shutdowns of nested and merged routers.
    pub(super) nested: Vec<Shutdown>,
}

impl Router {
    /// Creates a router without routes and state.
    pub fn new() -> Self {
        Self {
            routes: RouteSet::default(),
            state: (),
            extensions: ExtensionSet::default(),
            table: RouteTable::default(),
            nested: Vec::new(),
        }
    }
}

impl Default for Router {
    fn default() -> Self {
        Self::new()
    }
}

impl From<axum::Router> for Router {
    fn from(router: axum::Router) -> Self {
        let routes = RouteSet { others: router, other_paths: RoutePaths::unknown(), ..RouteSet::default() };
        Self { routes, ..Self::new() }
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
        let (inner, _, table) = self.finish();
        table.into_result().map(|()| inner)
    }
}

/// Router that can be served, nested and merged: a [`Router`] of any state, or an [`axum::Router`]
/// whose state has been given.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a router that can be served",
    note = "an `axum::Router<S>` needs `.with_state(..)` first"
)]
pub trait IntoRouter: Sealed {
    /// Returns the same routes in a router without state.
    fn into_router(self) -> Router;
}

impl<S> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// Adds a WebSocket endpoint: an async fn or closure of at most 7 extractors and, last, a
    /// [`WebSocketConnection`](crate::WebSocketConnection), whose outcome says how the session
    /// ended.
    ///
    /// Arguments are extractors here, also those of closures: a parameter of the path is
    /// `Path(room): Path<String>`. A bare `room: String` is the *body* of the request, which a
    /// handshake hardly ever has. So a raw body (`String`, `Bytes`) as an argument on a path with a
    /// parameter, without another argument that can extract the parameter, is a mistake in the
    /// route and is reported as such. In a function with [`#[websocket]`](macro@crate::websocket)
    /// an argument has the parameter's name instead.
    ///
    /// ```
    /// use ignitia::prelude::*;
    ///
    /// let router = Router::new().websocket(
    ///     "/rooms/{room}",
    ///     |Path(room): Path<String>, ws: WebSocketConnection| async move {
    ///         ws.send_text(format!("Welcome to {room}")).await?;
    ///         Ok::<_, Error>(Response::ok())
    ///     },
    /// );
    /// # assert!(router.into_axum().is_ok());
    /// ```
    ///
    /// # A page on the same path
    ///
    /// [`get`](Self::get) and [`route`](Self::route) may have the same path, in either order, also
    /// in routers that are merged; not in a router that is nested there. The WebSocket then gets
    /// the requests that ask for one, even in a malformed way: a CONNECT, and a GET (or a POST, if
    /// its handler reads a body) with `websocket` in `Upgrade`, or with a `Sec-WebSocket-Key` or
    /// `-Version`. The page gets all others: a GET without an upgrade, or with one to something
    /// else, HEAD, and so on. Each is wrapped in the [layers](Self::layer) that are called after
    /// it.
    ///
    /// ```
    /// use ignitia::prelude::*;
    ///
    /// # async fn echo(mut ws: WebSocketConnection) -> Response { Response::ok() }
    /// let router = Router::new()
    ///     .websocket("/chat", echo)
    ///     .get("/chat", || async { Response::html("<script>new WebSocket(location)</script>") });
    /// # assert!(router.into_axum().is_ok());
    /// ```
    pub fn websocket<H, Args, Via, HandlerOutcome>(self, path: impl AsRef<str>, handler: H) -> Self
    where
        H: WebSocketHandler<Args> + Send + Sync + 'static,
        S: Extracts<H::Extract, Via>,
        H::Output: Outcome<HandlerOutcome>, // not `()`: `Response::ok()`, or a `CloseFrame`
        H::Future: Send + 'static,
        Args: 'static,
        Via: 'static,
    {
        let path = path.as_ref();
        self.serve(path, FunctionHandler::new(handler), None)
    }

    /// Adds a WebSocket endpoint with its own configuration: see [`websocket`](Self::websocket).
    pub fn websocket_with<H, Args, Via, HandlerOutcome>(
        self,
        path: impl AsRef<str>,
        handler: H,
        config: WebSocketConfig,
    ) -> Self
    where
        H: WebSocketHandler<Args> + Send + Sync + 'static,
        S: Extracts<H::Extract, Via>,
        H::Output: Outcome<HandlerOutcome>, // not `()`: `Response::ok()`, or a `CloseFrame`
        H::Future: Send + 'static,
        Args: 'static,
        Via: 'static,
    {
        let path = path.as_ref();
        self.serve(path, FunctionHandler::new(handler), Some(config))
    }

    /// Adds an endpoint: a function with [`#[websocket("/path")]`](macro@crate::websocket).
    ///
    /// ```
    /// use ignitia::prelude::*;
    ///
    /// #[websocket("/ws/<room>")]
    /// async fn chat(room: String, mut ws: WebSocketConnection) -> Result<Response> {
    ///     ws.send_text(format!("Welcome to {room}")).await?;
    ///     while ws.recv().await.is_some() {}
    ///     Ok(Response::ok())
    /// }
    ///
    /// let router = Router::new().mount(chat);
    /// # assert!(router.into_axum().is_ok());
    /// ```
    pub fn mount<F, Args, Via>(self, _: F) -> Self
    where
        F: Annotated<Args>,
        F::Endpoint: Endpoint<S, Via>,
        Via: 'static,
    {
        self.listing(|endpoints| endpoints.add_function::<F::Endpoint, S, Via>(None)).serve(
            <F::Endpoint>::ROUTE,
            MountedFunction::<F::Endpoint, Via>::new(),
            None,
        )
    }

    /// Adds an endpoint with its own configuration: see [`mount`](Self::mount).
    pub fn mount_with<F, Args, Via>(self, _: F, config: WebSocketConfig) -> Self
    where
        F: Annotated<Args>,
        F::Endpoint: Endpoint<S, Via>,
        Via: 'static,
    {
        self.listing(|endpoints| endpoints.add_function::<F::Endpoint, S, Via>(Some(&config))).serve(
            <F::Endpoint>::ROUTE,
            MountedFunction::<F::Endpoint, Via>::new(),
            Some(config),
        )
    }

    /// Adds a session, declared by `#[websocket("/path", message = ..)]` on an `impl` block:
    /// `.mount_session::<Chat>()`.
    pub fn mount_session<T>(self) -> Self
    where
        T: SessionEndpoint<S>,
    {
        self.listing(|endpoints| endpoints.add_session::<T, S>(None)).serve(
            T::ROUTE,
            MountedSession::<T>::new(),
            None,
        )
    }

    /// Adds a session with its own configuration instead of the router's.
    pub fn mount_session_with<T>(self, config: WebSocketConfig) -> Self
    where
        T: SessionEndpoint<S>,
    {
        self.listing(|endpoints| endpoints.add_session::<T, S>(Some(&config))).serve(
            T::ROUTE,
            MountedSession::<T>::new(),
            Some(config),
        )
    }

    /// Adds a handler for GET (and HEAD).
    ///
    /// A WebSocket may have the same path, in this router or in one that is merged with it, in
    /// either order: see [`websocket`](Self::websocket).
    pub fn get<H, T>(self, path: &str, handler: H) -> Self
    where
        H: HttpHandler<T, S>,
        T: 'static,
    {
        self.add_pages(path, Some(MethodFilter::GET), get(handler))
    }

    /// Adds a handler for POST.
    ///
    /// On the path of a WebSocket whose handler reads a body it is an error: that takes POST
    /// itself. [`route`](Self::route) has both.
    pub fn post<H, T>(self, path: &str, handler: H) -> Self
    where
        H: HttpHandler<T, S>,
        T: 'static,
    {
        self.add_pages(path, Some(MethodFilter::POST), post(handler))
    }

    /// Adds a method router of axum's, as `get(..)`, `put(..)` and so on return it.
    ///
    /// On the path of a WebSocket it gets every request that does not ask for one, even if it has
    /// no handler for GET: see [`websocket`](Self::websocket).
    pub fn route(self, path: &str, methods: MethodRouter<S>) -> Self {
        self.add_pages(path, None, methods)
    }

    /// Nests another router below a path: `/api` turns its `/ws` into `/api/ws`.
    pub fn nest(mut self, path: &str, router: impl IntoRouter) -> Self {
        let mut router = router.into_router();
        self.adopt_shutdowns(&mut router);
        let (inner, paths, table) = router.finish();
        let check = self.table.nest(path, table);
        self.add_unless_rejected(check, |routes| {
            forms(path).iter().for_each(|form| routes.nest(form, inner.clone(), &paths));
        })
    }

    /// Adds the routes of another router. They keep the layers of their own router.
    pub fn merge(mut self, router: impl IntoRouter) -> Self {
        let mut router = router.into_router();
        self.adopt_shutdowns(&mut router);
        let (other, table) = router.into_parts();
        let check = self.table.merge(table);
        self.add_unless_rejected(check, |routes| routes.merge(other))
    }

    /// Wraps the routes added so far in a tower layer. If a page and a WebSocket share a path, it
    /// wraps the one that is there already. For WebSockets the layer sees the handshake: the
    /// request and the response, which is the 101 or a refusal. A layer that replaces the 101 by
    /// another response ends the session that has begun: the handler learns of it within
    /// [`handshake_timeout`](crate::websocket::WebSocketConfig::handshake_timeout).
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<AxumRoute> + Clone + Send + Sync + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<Infallible> + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        self.routes = self.routes.layer(layer);
        self
    }

    /// Sets the handler of requests that no route matches. By default they get a 404 with an empty
    /// body.
    pub fn fallback<H, T>(mut self, handler: H) -> Self
    where
        H: HttpHandler<T, S>,
        T: 'static,
    {
        self.table.set_fallback();
        self.routes.others = self.routes.others.fallback_service(handler.with_state(self.state.clone()));
        self
    }
}

impl<S> fmt::Debug for Router<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Router").field("paths", &self.table).finish_non_exhaustive()
    }
}

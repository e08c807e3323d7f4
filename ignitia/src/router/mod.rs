//! The router: axum's, with its state given at compile time and its mistakes reported instead of panicked.

mod add_extensions;
mod ext;
mod fallbacks;
mod http_handler;
mod into_router;
mod paths;

use std::{
    convert::Infallible,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use axum::routing::{MethodFilter, MethodRouter, Route as AxumRoute, get, on, post};
use axum_core::{extract::Request, response::IntoResponse};
use http::Extensions;
use tower_layer::Layer;
use tower_service::Service;

use self::{
    add_extensions::AddExtensions,
    paths::{Paths, Verdict},
};
pub use self::{ext::RouterExt, http_handler::HttpHandler, into_router::IntoRouter};
use crate::{
    attempt::{OnUpgradeFailed, UpgradeFailed},
    connection::{Closed, OnClose, WebSocketConfig},
    endpoint::{Annotated, Endpoint, Mounted, MountedSession, SessionEndpoint},
    error::{Error, Result},
    handler::{
        ByHand, Extracts, Route, RouterConfig, SaysHowTheSessionEnded, Serve, WebSocketHandler, methods,
    },
    limits::{Gate, Limits},
    shutdown::Shutdown,
};

/// Routes, and the state that the ones to come are given.
///
/// It wraps an [`axum::Router`]: paths are written as there (`/ws/{room}`, `{*rest}` for a tail), handlers for plain
/// requests and tower layers are axum's. [`Router::new`] has no state; [`state`](Self::state) gives one to the routes
/// added after it, and a handler whose `State<T>` cannot be had from it does not compile.
///
/// Mistakes in routes (a malformed path, a path given twice) do not panic: they are kept, and
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
    inner: axum::Router,
    state: S,
    /// Given to every request at the end: what `extension`, `shutdown` and `websocket_config` were called with.
    extensions: Extensions,
    paths: Paths,
    /// What drains the routes of nested and merged routers.
    nested: Vec<Shutdown>,
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

impl<S> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// Gives a state to the routes that are added from here on; those before keep theirs. Handlers take it, or a part
    /// of it ([`FromRef`](axum::extract::FromRef)), with `State`.
    pub fn state<T>(self, state: T) -> Router<T>
    where
        T: Clone + Send + Sync + 'static,
    {
        let Self { inner, state: _, extensions, paths, nested } = self;
        Router { inner, state, extensions, paths, nested }
    }

    /// Gives a value to every route, those added before too. Handlers take it with `Extension`.
    pub fn extension<T>(mut self, value: T) -> Self
    where
        T: Clone + Send + Sync + 'static,
    {
        self.extensions.insert(value);
        self
    }

    /// The limits and rules of every WebSocket route that has none of its own, those added before too.
    pub fn websocket_config(self, config: WebSocketConfig) -> Self {
        self.extension(RouterConfig(config.into()))
    }

    /// How many WebSockets there may be, and from whom. They are counted for this router and what is nested in it; called
    /// again, the last one counts.
    pub fn limits(self, limits: Limits) -> Self {
        self.extension(Gate::new(limits))
    }

    /// Calls this for every connection of these routes that has ended, once, when its handler has ended too: whatever the
    /// end was, the drain and an abort included. It is called where the connection ends, and must not block; a panic in it
    /// is logged. A nested router's own goes before; called again, the last one counts.
    ///
    /// ```
    /// use ignitia::{prelude::*, websocket::CloseKind};
    ///
    /// # async fn echo(mut ws: WebSocketConnection) -> Response { Response::ok() }
    /// let router = Router::new().websocket("/ws", echo).on_close(|closed| {
    ///     if closed.cause.kind == CloseKind::WriteStall {
    ///         eprintln!("{}: {} was too slow, after {:?}", closed.route, closed.id, closed.open_for);
    ///     }
    /// });
    /// ```
    pub fn on_close(self, hook: impl Fn(Closed<'_>) + Send + Sync + 'static) -> Self {
        self.extension(OnClose::new(hook))
    }

    /// Calls this for every handshake of these routes that came to nothing: refused by us, by an extractor or by the handler, or
    /// given up by the client. It is called before the answer is sent, and must not block; a panic in it is logged. A
    /// nested router's own goes before; called again, the last one counts.
    ///
    /// ```
    /// use ignitia::{prelude::*, websocket::UpgradeFailure};
    ///
    /// # async fn echo(mut ws: WebSocketConnection) -> Response { Response::ok() }
    /// let router = Router::new().websocket("/ws", echo).on_upgrade_failed(|failed| {
    ///     if failed.why == UpgradeFailure::ForeignOrigin {
    ///         eprintln!("a foreign page at {:?} asked for {}", failed.peer, failed.route);
    ///     }
    /// });
    /// ```
    pub fn on_upgrade_failed(self, hook: impl Fn(UpgradeFailed<'_>) + Send + Sync + 'static) -> Self {
        self.extension(OnUpgradeFailed::new(hook))
    }

    /// Lets this drain the WebSockets of every route, instead of the server's own. A router that is nested or merged
    /// keeps one of its own; the server drains that too.
    pub fn shutdown(self, shutdown: Shutdown) -> Self {
        self.extension(shutdown)
    }

    /// Adds a WebSocket endpoint: an async fn or closure of at most 7 extractors and, last, a
    /// [`WebSocketConnection`](crate::WebSocketConnection), whose outcome says how the session ended.
    pub fn websocket<H, Args, Via, HowTheSessionEnded>(self, path: impl AsRef<str>, handler: H) -> Self
    where
        H: WebSocketHandler<Args> + Send + Sync + 'static,
        S: Extracts<H::Extract, Via>,
        H::Output: SaysHowTheSessionEnded<HowTheSessionEnded>, // not `()`: `Response::ok()`, or a `CloseFrame`
        H::Future: Send + 'static,
        Args: 'static,
        Via: 'static,
    {
        let path = path.as_ref();
        self.serve(path, ByHand::new(handler), None)
    }

    /// Adds a WebSocket endpoint with limits and rules of its own: see [`websocket`](Self::websocket).
    pub fn websocket_with<H, Args, Via, HowTheSessionEnded>(
        self,
        path: impl AsRef<str>,
        handler: H,
        config: WebSocketConfig,
    ) -> Self
    where
        H: WebSocketHandler<Args> + Send + Sync + 'static,
        S: Extracts<H::Extract, Via>,
        H::Output: SaysHowTheSessionEnded<HowTheSessionEnded>, // not `()`: `Response::ok()`, or a `CloseFrame`
        H::Future: Send + 'static,
        Args: 'static,
        Via: 'static,
    {
        let path = path.as_ref();
        self.serve(path, ByHand::new(handler), Some(config))
    }

    /// Adds an endpoint: a function that is annotated with [`#[websocket("/path")]`](macro@crate::websocket).
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
        self.serve(<F::Endpoint>::ROUTE, Mounted::<F::Endpoint, Via>::new(), None)
    }

    /// Adds an endpoint with limits and rules of its own: see [`mount`](Self::mount).
    pub fn mount_with<F, Args, Via>(self, _: F, config: WebSocketConfig) -> Self
    where
        F: Annotated<Args>,
        F::Endpoint: Endpoint<S, Via>,
        Via: 'static,
    {
        self.serve(<F::Endpoint>::ROUTE, Mounted::<F::Endpoint, Via>::new(), Some(config))
    }

    /// Adds a session that was made by `#[websocket("/path", message = ..)]` on an `impl` block:
    /// `.mount_session::<Chat>()`.
    pub fn mount_session<T>(self) -> Self
    where
        T: SessionEndpoint<S>,
    {
        self.serve(T::ROUTE, MountedSession::<T>::new(), None)
    }

    /// The same, with limits and rules of its own instead of the router's.
    pub fn mount_session_with<T>(self, config: WebSocketConfig) -> Self
    where
        T: SessionEndpoint<S>,
    {
        self.serve(T::ROUTE, MountedSession::<T>::new(), Some(config))
    }

    /// Adds a handler for GET (and HEAD).
    pub fn get<H, T>(self, path: &str, handler: H) -> Self
    where
        H: HttpHandler<T, S>,
        T: 'static,
    {
        self.add(path, Some(MethodFilter::GET), get(handler))
    }

    /// Adds a handler for POST.
    pub fn post<H, T>(self, path: &str, handler: H) -> Self
    where
        H: HttpHandler<T, S>,
        T: 'static,
    {
        self.add(path, Some(MethodFilter::POST), post(handler))
    }

    /// Adds what axum's `get(..)`, `put(..)` and so on make.
    pub fn route(self, path: &str, methods: MethodRouter<S>) -> Self {
        self.add(path, None, methods)
    }

    /// Puts another router below a path: `/api` turns its `/ws` into `/api/ws`.
    pub fn nest(mut self, path: &str, router: impl IntoRouter) -> Self {
        let (inner, paths) = self.take_in(router.into_router());
        let verdict = self.paths.nest(path, paths);
        self.extend(verdict, |router| router.nest(path, inner))
    }

    /// Adds the routes of another router.
    pub fn merge(mut self, router: impl IntoRouter) -> Self {
        let (inner, paths) = self.take_in(router.into_router());
        let verdict = self.paths.merge(paths);
        self.extend(verdict, |router| router.merge(inner))
    }

    /// Wraps the routes added so far in a tower layer. For WebSockets it sees the handshake: the request, and the
    /// answer, 101 or refusal. One that answers something else in place of the 101 ends the session that has begun: the
    /// handler learns of it within [`WebSocketConfig::handshake_timeout`].
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<AxumRoute> + Clone + Send + Sync + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<Infallible> + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        self.inner = self.inner.layer(layer);
        self
    }

    /// Answers what no route matches; by default that is a 404 with an empty body.
    pub fn fallback<H, T>(mut self, handler: H) -> Self
    where
        H: HttpHandler<T, S>,
        T: 'static,
    {
        self.paths.set_fallback();
        self.inner = self.inner.fallback_service(handler.with_state(self.state.clone()));
        self
    }

    fn take_in(&mut self, mut router: Router) -> (axum::Router, Paths) {
        self.nested.append(&mut router.nested);
        self.nested.extend(router.given_shutdown());
        router.finish()
    }

    fn serve<T>(self, path: &str, served: T, config: Option<WebSocketConfig>) -> Self
    where
        T: Serve<S>,
    {
        self.add(path, Some(methods::<S, T>()), on(methods::<S, T>(), Route::new(path, served, config)))
    }

    /// Adds a route; `methods` is `None` where they are not known.
    fn add(mut self, path: &str, methods: Option<MethodFilter>, route: MethodRouter<S>) -> Self {
        let verdict = self.paths.add(path, methods);
        let route = route.with_state(self.state.clone());
        self.extend(verdict, |router| router.route(path, route))
    }

    /// Lets axum add something, if it will take it.
    fn extend(mut self, verdict: Verdict, add: impl FnOnce(axum::Router) -> axum::Router) -> Self {
        match verdict {
            Verdict::Good => self.inner = add(self.inner),
            Verdict::Bad => {}
            // What axum's own `get(..)` and so on answer cannot be asked: axum panics if that is a method twice.
            Verdict::Unsure(paths) => {
                let inner = self.inner.clone();
                match catch_unwind(AssertUnwindSafe(|| add(inner))) {
                    Ok(inner) => self.inner = inner,
                    Err(_) => self.paths.set_twice(&paths),
                }
            }
        }
        self
    }
}

impl<S> Router<S> {
    /// The axum router, to be served or mounted anywhere.
    ///
    /// # Errors
    ///
    /// [`Error::is_route`] for malformed paths and for paths given twice, naming them.
    pub fn into_axum(self) -> Result<axum::Router> {
        let (inner, paths) = self.finish();
        paths.into_result().map(|()| inner)
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

    fn finish(self) -> (axum::Router, Paths) {
        let Self { inner, extensions, paths, .. } = self;
        if extensions.is_empty() {
            (inner, paths)
        } else {
            (inner.layer(AddExtensions::new(extensions)), paths)
        }
    }
}

impl<S> fmt::Debug for Router<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Router").field("paths", &self.paths).finish_non_exhaustive()
    }
}

impl From<axum::Router> for Router {
    fn from(inner: axum::Router) -> Self {
        Self { inner, state: (), extensions: Extensions::new(), paths: Paths::default(), nested: Vec::new() }
    }
}

impl<S> TryFrom<Router<S>> for axum::Router {
    type Error = Error;

    fn try_from(router: Router<S>) -> Result<Self> {
        router.into_axum()
    }
}

//! The router: axum's, with its state given at compile time and its mistakes reported instead of panicked.

mod add_extensions;
mod ext;
mod fallbacks;
mod http_handler;
mod into_router;
mod paths;
mod places;
mod routes;
mod settings;

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
    paths::{Added, Paths, Verdict},
    routes::Routes,
};
pub use self::{ext::RouterExt, http_handler::HttpHandler, into_router::IntoRouter};
use crate::{
    connection::WebSocketConfig,
    endpoint::{Annotated, Endpoint, MountedFunction, MountedSession, SessionEndpoint},
    error::Result,
    handler::{Extracts, FunctionHandler, SaysHowTheSessionEnded, WebSocketHandler},
    path::forms,
    shutdown::Shutdown,
    upgrade::{Route, Serve, method_filter},
};

/// Routes, and the state that the ones to come are given.
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
    routes: Routes,
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
    /// Adds a WebSocket endpoint: an async fn or closure of at most 7 extractors and, last, a
    /// [`WebSocketConnection`](crate::WebSocketConnection), whose outcome says how the session ended.
    ///
    /// Arguments are extractors here, also those of closures: a parameter of the path is `Path(room): Path<String>`. A bare
    /// `room: String` is the *body* of the request, which a handshake hardly ever has. So an argument that is the body as it came
    /// (`String`, `Bytes`) on a path with a parameter, where no other argument may read that, is a mistake in the route, and is
    /// reported as those are. In a function with [`#[websocket]`](macro@crate::websocket) an argument is named like the parameter instead.
    ///
    /// ```
    /// use ignitia::prelude::*;
    ///
    /// let router = Router::new().websocket("/rooms/{room}", |Path(room): Path<String>, ws: WebSocketConnection| async move {
    ///     ws.send_text(format!("Welcome to {room}")).await?;
    ///     Ok::<_, Error>(Response::ok())
    /// });
    /// # assert!(router.into_axum().is_ok());
    /// ```
    ///
    /// # A page on the same path
    ///
    /// [`get`](Self::get) and [`route`](Self::route) may have the same path, whichever is called first, also in routers that
    /// are merged; not in one that is nested there. The WebSocket then has what asks for one, well or badly: a CONNECT, and a
    /// GET (or a POST, where its handler reads a body) with `websocket` in `Upgrade`, or with a `Sec-WebSocket-Key` or
    /// `-Version`. Everything else is the page's: a GET that asks for nothing, or to upgrade to something else, HEAD, and so
    /// on. Each is wrapped in the [layers](Self::layer) that are called after it.
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
        self.serve(path, FunctionHandler::new(handler), None)
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
        self.serve(path, FunctionHandler::new(handler), Some(config))
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
        self.serve(<F::Endpoint>::ROUTE, MountedFunction::<F::Endpoint, Via>::new(), None)
    }

    /// Adds an endpoint with limits and rules of its own: see [`mount`](Self::mount).
    pub fn mount_with<F, Args, Via>(self, _: F, config: WebSocketConfig) -> Self
    where
        F: Annotated<Args>,
        F::Endpoint: Endpoint<S, Via>,
        Via: 'static,
    {
        self.serve(<F::Endpoint>::ROUTE, MountedFunction::<F::Endpoint, Via>::new(), Some(config))
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
    ///
    /// A WebSocket may be on the same path, of this router or of one that is merged with it, whichever is added first: see
    /// [`websocket`](Self::websocket).
    pub fn get<H, T>(self, path: &str, handler: H) -> Self
    where
        H: HttpHandler<T, S>,
        T: 'static,
    {
        self.add_pages(path, Some(MethodFilter::GET), get(handler))
    }

    /// Adds a handler for POST.
    pub fn post<H, T>(self, path: &str, handler: H) -> Self
    where
        H: HttpHandler<T, S>,
        T: 'static,
    {
        self.add_pages(path, Some(MethodFilter::POST), post(handler))
    }

    /// Adds what axum's `get(..)`, `put(..)` and so on make.
    ///
    /// On the path of a WebSocket it has every request that does not ask for one, whether it takes GET or not: see
    /// [`websocket`](Self::websocket). A WebSocket whose handler reads a body takes POST, and that must not be in it.
    pub fn route(self, path: &str, methods: MethodRouter<S>) -> Self {
        self.add_pages(path, None, methods)
    }

    /// Puts another router below a path: `/api` turns its `/ws` into `/api/ws`.
    pub fn nest(mut self, path: &str, router: impl IntoRouter) -> Self {
        let mut router = router.into_router();
        self.take_in(&mut router);
        let (inner, paths) = router.finish();
        let verdict = self.paths.nest(path, paths);
        self.extend(verdict, |routes| {
            forms(path).iter().for_each(|form| routes.nest(form, inner.clone()));
        })
    }

    /// Adds the routes of another router. Each keeps the layers that were called in its own.
    pub fn merge(mut self, router: impl IntoRouter) -> Self {
        let mut router = router.into_router();
        self.take_in(&mut router);
        let (other, paths) = router.into_parts();
        let verdict = self.paths.merge(paths);
        self.extend(verdict, |routes| routes.merge(other))
    }

    /// Wraps the routes added so far in a tower layer; of a page and a WebSocket on one path, that which is there already. For
    /// WebSockets it sees the handshake: the request, and the answer, 101 or refusal. One that answers something else in place of the 101 ends the session that has begun: the
    /// handler learns of it within [`WebSocketConfig::handshake_timeout`].
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

    /// Answers what no route matches; by default that is a 404 with an empty body.
    pub fn fallback<H, T>(mut self, handler: H) -> Self
    where
        H: HttpHandler<T, S>,
        T: 'static,
    {
        self.paths.set_fallback();
        self.routes.others = self.routes.others.fallback_service(handler.with_state(self.state.clone()));
        self
    }

    /// Lets a router that becomes part of this one be drained with it.
    fn take_in(&mut self, router: &mut Router) {
        self.nested.append(&mut router.nested);
        self.nested.extend(router.given_shutdown());
    }

    fn serve<T>(mut self, path: &str, served: T, config: Option<WebSocketConfig>) -> Self
    where
        T: Serve<S>,
    {
        let faults = config.iter().flat_map(WebSocketConfig::faults);
        self.paths.add_faults(faults.map(|fault| format!("the path `{path}`: {fault}")));
        let methods = method_filter::<S, T>();
        let verdict = self.paths.add_reading(path, Added::WebSocket(methods), T::bare_body());
        let route = on(methods, Route::new(path, served, config)).with_state(self.state.clone());
        self.extend(verdict, |routes| routes.own.add_websocket(path, methods, route))
    }

    /// Adds handlers of ordinary requests; `methods` is `None` where they are not known.
    fn add_pages(mut self, path: &str, methods: Option<MethodFilter>, route: MethodRouter<S>) -> Self {
        let verdict = self.paths.add(path, Added::Pages(methods));
        let route = route.with_state(self.state.clone());
        self.extend(verdict, |routes| routes.own.add_pages(path, methods, route))
    }

    /// Adds something, if axum will take it.
    fn extend(mut self, verdict: Verdict, add: impl FnOnce(&mut Routes)) -> Self {
        match verdict {
            Verdict::Good => add(&mut self.routes),
            Verdict::Bad => {}
            // What axum's own `get(..)` and so on answer cannot be asked: axum panics if that is a method twice.
            Verdict::Unsure(paths) => {
                let mut tried = self.routes.clone();
                let is_taken = || {
                    add(&mut tried);
                    drop(tried.clone().into_axum());
                };
                match catch_unwind(AssertUnwindSafe(is_taken)) {
                    Ok(()) => self.routes = tried,
                    Err(_) => self.paths.set_twice(&paths),
                }
            }
        }
        self
    }
}

impl<S> Router<S> {
    /// Gives a state to the routes that are added from here on; those before keep theirs. Handlers take it, or a part
    /// of it ([`FromRef`](axum::extract::FromRef)), with `State`.
    ///
    /// It is `Clone + Send + Sync + 'static`, or no route can be added. That is required there only: rustc would say it twice.
    pub fn state<T>(self, state: T) -> Router<T> {
        let Self { routes, state: _, extensions, paths, nested } = self;
        Router { routes, state, extensions, paths, nested }
    }

    /// The axum router, to be served or mounted anywhere.
    ///
    /// # Errors
    ///
    /// [`Error::is_route`](crate::Error::is_route) for malformed paths and for paths given twice, naming them, for a body that was
    /// taken for a parameter ([`websocket`](Self::websocket)), and for configuration that can never have an effect: see
    /// [`Origin::allow`](crate::websocket::Origin::allow).
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
        let (routes, mut paths) = self.into_parts();
        // The routes of an axum router are not known.
        let whole = catch_unwind(AssertUnwindSafe(|| routes.into_axum()));
        let whole = whole.unwrap_or_else(|_| {
            paths.set_unknown();
            axum::Router::new()
        });
        (whole, paths)
    }

    fn into_parts(self) -> (Routes, Paths) {
        let Self { routes, extensions, paths, .. } = self;
        if extensions.is_empty() {
            (routes, paths)
        } else {
            (routes.layer(AddExtensions::new(extensions)), paths)
        }
    }
}

impl<S> fmt::Debug for Router<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Router").field("paths", &self.paths).finish_non_exhaustive()
    }
}

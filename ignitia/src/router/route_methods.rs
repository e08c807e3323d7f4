//! Methods of [`Router`] that add single routes.

use std::panic::{AssertUnwindSafe, catch_unwind};

use axum::routing::{MethodFilter, MethodRouter, get, on, post};

use super::{
    http_handler::HttpHandler, route_conflict::RouteKind, route_set::RouteSet, route_table::RouteCheck,
    router::Router,
};
use crate::{
    connection::WebSocketConfig,
    endpoint::{Annotated, Endpoint, MountedFunction, MountedSession, SessionEndpoint},
    handler::{Extracts, FunctionHandler, Outcome, WebSocketHandler},
    upgrade::{Route, Serve, method_filter},
};

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
        self.serve(<F::Endpoint>::ROUTE, MountedFunction::<F::Endpoint, Via>::new(), None)
    }

    /// Adds an endpoint with its own configuration: see [`mount`](Self::mount).
    pub fn mount_with<F, Args, Via>(self, _: F, config: WebSocketConfig) -> Self
    where
        F: Annotated<Args>,
        F::Endpoint: Endpoint<S, Via>,
        Via: 'static,
    {
        self.serve(<F::Endpoint>::ROUTE, MountedFunction::<F::Endpoint, Via>::new(), Some(config))
    }

    /// Adds a session, declared by `#[websocket("/path", message = ..)]` on an `impl` block:
    /// `.mount_session::<Chat>()`.
    pub fn mount_session<T>(self) -> Self
    where
        T: SessionEndpoint<S>,
    {
        self.serve(T::ROUTE, MountedSession::<T>::new(), None)
    }

    /// Adds a session with its own configuration instead of the router's.
    pub fn mount_session_with<T>(self, config: WebSocketConfig) -> Self
    where
        T: SessionEndpoint<S>,
    {
        self.serve(T::ROUTE, MountedSession::<T>::new(), Some(config))
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
    /// no handler for GET: see [`websocket`](Self::websocket). A WebSocket whose handler reads a
    /// body takes POST, so the method router must not have one for POST.
    pub fn route(self, path: &str, methods: MethodRouter<S>) -> Self {
        self.add_pages(path, None, methods)
    }

    fn serve<T>(mut self, path: &str, served: T, config: Option<WebSocketConfig>) -> Self
    where
        T: Serve<S>,
    {
        let faults = config.iter().flat_map(WebSocketConfig::faults);
        self.table.add_faults(faults.map(|fault| format!("the path `{path}`: {fault}")));
        let methods = method_filter::<S, T>();
        let check = self.table.add_with_body(path, RouteKind::WebSocket(methods), T::bare_body());
        let route = on(methods, Route::new(path, served, config)).with_state(self.state.clone());
        self.add_unless_rejected(check, |routes| routes.own.add_websocket(path, methods, route))
    }

    /// Adds handlers of ordinary requests; `methods` is `None` if they are unknown.
    fn add_pages(mut self, path: &str, methods: Option<MethodFilter>, route: MethodRouter<S>) -> Self {
        let check = self.table.add(path, RouteKind::Pages(methods));
        let route = route.with_state(self.state.clone());
        self.add_unless_rejected(check, |routes| routes.own.add_pages(path, methods, route))
    }

    /// Adds to the routes, unless axum would refuse it.
    pub(super) fn add_unless_rejected(mut self, check: RouteCheck, add: impl FnOnce(&mut RouteSet)) -> Self {
        match check {
            RouteCheck::Accepted => add(&mut self.routes),
            RouteCheck::Rejected => {}
            // The methods of axum's method routers cannot be read, and axum panics if a path has
            // one of them twice. So the addition is tried on a clone.
            RouteCheck::Uncertain(table) => {
                let mut tried = self.routes.clone();
                let is_taken = || {
                    add(&mut tried);
                    drop(tried.clone().into_axum());
                };
                match catch_unwind(AssertUnwindSafe(is_taken)) {
                    Ok(()) => self.routes = tried,
                    Err(_) => self.table.add_duplicate(&table),
                }
            }
        }
        self
    }
}

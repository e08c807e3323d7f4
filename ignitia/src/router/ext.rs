use axum::routing::on;

use crate::{
    connection::WebSocketConfig,
    endpoint::{Annotated, Endpoint, MountedFunction, MountedSession, SessionEndpoint},
    handler::{Extracts, FunctionHandler, Outcome, WebSocketHandler, body_as_parameter_error},
    path::forms,
    sealed::Sealed,
    upgrade::{Route, Serve, method_filter},
};

/// Adds `.websocket(..)` to axum's own router. It is in the prelude.
///
/// ```
/// use ignitia::prelude::*;
///
/// # async fn echo(mut ws: WebSocketConnection) -> Response {
/// #     while ws.recv().await.is_some() {}
/// #     Response::ok()
/// # }
/// let app: axum::Router = axum::Router::new().websocket("/ws", echo);
/// ```
///
/// axum panics if a path is malformed or given twice. So do these methods, also for configuration
/// that can never have an effect, such as an origin that no page can have
/// ([`Origin::allow`](crate::websocket::Origin::allow)), and for a body that stands in place of a
/// parameter of the path ([`Router::websocket`](crate::Router::websocket)), because an
/// `axum::Router` cannot keep errors. [`Router`](crate::Router) reports all of them instead, and
/// its [`into_axum`](crate::Router::into_axum) returns an `axum::Router`.
///
/// A page and a WebSocket cannot share a path here: an `axum::Router` has one handler for each
/// method of a path. In a [`Router`](crate::Router) they can, and that can be merged into an axum
/// application:
///
/// ```
/// use axum::routing::get;
/// use ignitia::prelude::*;
///
/// # async fn echo(mut ws: WebSocketConnection) -> Response { Response::ok() }
/// # fn app() -> Result<axum::Router> {
/// let chat = Router::new().get("/chat", async || "a page").websocket("/chat", echo);
/// let app = axum::Router::new().route("/", get(async || "welcome")).merge(chat.into_axum()?);
/// # Ok(app)
/// # }
/// # assert!(app().is_ok());
/// ```
pub trait RouterExt<S>: Sealed + Sized {
    /// Adds a WebSocket endpoint: see [`Router::websocket`](crate::Router::websocket).
    fn websocket<H, Args, Via, HandlerOutcome>(self, path: impl AsRef<str>, handler: H) -> Self
    where
        H: WebSocketHandler<Args> + Send + Sync + 'static,
        S: Extracts<H::Extract, Via>,
        H::Output: Outcome<HandlerOutcome>, // not `()`: `Response::ok()`, or a `CloseFrame`
        H::Future: Send + 'static,
        Args: 'static,
        Via: 'static;

    /// Adds a WebSocket endpoint with its own configuration: see
    /// [`Router::websocket_with`](crate::Router::websocket_with).
    fn websocket_with<H, Args, Via, HandlerOutcome>(
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
        Via: 'static;

    /// Adds an endpoint: see [`Router::mount`](crate::Router::mount).
    fn mount<F, Args, Via>(self, function: F) -> Self
    where
        F: Annotated<Args>,
        F::Endpoint: Endpoint<S, Via>,
        Via: 'static;

    /// Adds an endpoint with its own configuration: see
    /// [`Router::mount_with`](crate::Router::mount_with).
    fn mount_with<F, Args, Via>(self, function: F, config: WebSocketConfig) -> Self
    where
        F: Annotated<Args>,
        F::Endpoint: Endpoint<S, Via>,
        Via: 'static;

    /// Adds a session: see [`Router::mount_session`](crate::Router::mount_session).
    fn mount_session<T>(self) -> Self
    where
        T: SessionEndpoint<S>;

    /// Adds a session with its own configuration: see
    /// [`Router::mount_session_with`](crate::Router::mount_session_with).
    fn mount_session_with<T>(self, config: WebSocketConfig) -> Self
    where
        T: SessionEndpoint<S>;
}

impl<S> RouterExt<S> for axum::Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    fn websocket<H, Args, Via, HandlerOutcome>(self, path: impl AsRef<str>, handler: H) -> Self
    where
        H: WebSocketHandler<Args> + Send + Sync + 'static,
        S: Extracts<H::Extract, Via>,
        H::Output: Outcome<HandlerOutcome>, // not `()`: `Response::ok()`, or a `CloseFrame`
        H::Future: Send + 'static,
        Args: 'static,
        Via: 'static,
    {
        let path = path.as_ref();
        serve(self, path, FunctionHandler::new(handler), None)
    }

    fn websocket_with<H, Args, Via, HandlerOutcome>(
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
        serve(self, path, FunctionHandler::new(handler), Some(config))
    }

    fn mount<F, Args, Via>(self, _: F) -> Self
    where
        F: Annotated<Args>,
        F::Endpoint: Endpoint<S, Via>,
        Via: 'static,
    {
        serve(self, <F::Endpoint>::ROUTE, MountedFunction::<F::Endpoint, Via>::new(), None)
    }

    fn mount_with<F, Args, Via>(self, _: F, config: WebSocketConfig) -> Self
    where
        F: Annotated<Args>,
        F::Endpoint: Endpoint<S, Via>,
        Via: 'static,
    {
        serve(self, <F::Endpoint>::ROUTE, MountedFunction::<F::Endpoint, Via>::new(), Some(config))
    }

    fn mount_session<T>(self) -> Self
    where
        T: SessionEndpoint<S>,
    {
        serve(self, T::ROUTE, MountedSession::<T>::new(), None)
    }

    fn mount_session_with<T>(self, config: WebSocketConfig) -> Self
    where
        T: SessionEndpoint<S>,
    {
        serve(self, T::ROUTE, MountedSession::<T>::new(), Some(config))
    }
}

fn serve<S, T>(
    router: axum::Router<S>,
    path: &str,
    served: T,
    config: Option<WebSocketConfig>,
) -> axum::Router<S>
where
    S: Clone + Send + Sync + 'static,
    T: Serve<S>,
{
    let faults: Vec<String> = config.iter().flat_map(WebSocketConfig::faults).collect();
    assert!(faults.is_empty(), "the path `{path}`: {}", faults.join("; "));
    let taken = T::bare_body().and_then(|body| body_as_parameter_error(path, body));
    assert!(taken.is_none(), "{}", taken.unwrap_or_default());
    let route = Route::new(path, served, config);
    let forms = forms(path);
    // What was a parameter in axum 0.7 is a literal here.
    let is_refused = forms.iter().any(|form| form.contains("/:") || form.contains("/*"));
    let router = if is_refused { router.without_v07_checks() } else { router };
    forms.iter().fold(router, |router, form| router.route(form, on(method_filter::<S, T>(), route.clone())))
}

impl<S> Sealed for axum::Router<S> {}

use std::{fmt, future::Future, marker::PhantomData, pin::Pin, sync::Arc};

use axum::{extract::DefaultBodyLimit, handler::Handler, routing::MethodFilter};
use axum_core::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use http_body::Body as _;
use hyper::upgrade::OnUpgrade;

use super::{Extracts, WebSocketHandler, body::WatchedBody};
use crate::{
    connection::WebSocketConfig,
    extract::RequestIdCell,
    handshake::{Policy, Rejection, Security, negotiate},
    shutdown::Shutdown,
    upgrade::Upgrade,
};

/// The configuration that a router gives to its routes, in the request's extensions.
#[derive(Debug, Clone)]
pub(crate) struct RouterConfig(pub(crate) Arc<WebSocketConfig>);

/// A WebSocket handler as an axum handler, for every state that its arguments can be had from.
pub(crate) struct Route<H, Args, Via> {
    handler: Arc<H>,
    path: Arc<str>,
    /// The route's own configuration, which goes before the router's.
    config: Option<Arc<WebSocketConfig>>,
    /// For routes that nobody gave a shutdown.
    fallback: Shutdown,
    _types: PhantomData<fn() -> (Args, Via)>,
}

impl<H, Args, Via> Route<H, Args, Via> {
    pub(crate) fn new(path: &str, handler: H, config: Option<WebSocketConfig>) -> Self {
        let (handler, path, config) = (Arc::new(handler), path.into(), config.map(Arc::new));
        Self { handler, path, config, fallback: Shutdown::new(), _types: PhantomData }
    }
}

impl<H, Args, Via> Clone for Route<H, Args, Via> {
    fn clone(&self) -> Self {
        let Self { handler, path, config, fallback, _types } = self;
        Self {
            handler: handler.clone(),
            path: path.clone(),
            config: config.clone(),
            fallback: fallback.clone(),
            _types: PhantomData,
        }
    }
}

impl<H, Args, Via> fmt::Debug for Route<H, Args, Via> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route").field("path", &self.path).finish_non_exhaustive()
    }
}

/// What a WebSocket route is registered for: the upgrade of HTTP/1.1, the extended CONNECT of HTTP/2, and POST where
/// the body is read. Never every method: a page on the same path is a conflict, not a silent winner.
pub(crate) fn methods<S, H, Args, Via>() -> MethodFilter
where
    H: WebSocketHandler<Args>,
    S: Extracts<H::Extract, Via>,
{
    let upgrade = MethodFilter::GET.or(MethodFilter::CONNECT);
    if S::reads_body() { upgrade.or(MethodFilter::POST) } else { upgrade }
}

/// Keeps our implementation of axum's trait apart from axum's own for functions.
#[derive(Debug)]
pub(crate) enum Ours {}

impl<H, Args, Via, S> Handler<(Ours, S), S> for Route<H, Args, Via>
where
    H: WebSocketHandler<Args> + Send + Sync + 'static,
    S: Extracts<H::Extract, Via>,
    H::Output: IntoResponse,
    H::Future: Send + 'static,
    Args: 'static,
    Via: 'static,
    S: Clone + Send + Sync + 'static,
{
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, mut request: Request, state: S) -> Self::Future {
        Box::pin(async move {
            let request_id = RequestIdCell::of(&mut request);
            let mut response = self.serve(request, state).await.unwrap_or_else(|refusal| refusal);
            request_id.echo(&mut response);
            response
        })
    }
}

/// Whether a body is at its end. One that a middleware has wrapped may know only when it is asked for a frame.
fn is_empty(body: &mut Body) -> bool {
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    body.is_end_stream() || matches!(Pin::new(body).poll_frame(&mut cx), std::task::Poll::Ready(None))
}

impl<H, Args, Via> Route<H, Args, Via> {
    /// From the request to the answer: the handshake, the extractors, the handler's decision.
    async fn serve<S>(self, request: Request, state: S) -> Result<Response, Response>
    where
        H: WebSocketHandler<Args> + Send + Sync + 'static,
        S: Extracts<H::Extract, Via>,
        H::Output: IntoResponse,
        H::Future: Send + 'static,
        S: Send + Sync,
    {
        let (mut parts, mut body) = request.into_parts();
        let shutdown = parts.extensions.get::<Shutdown>().cloned().unwrap_or(self.fallback);
        // A drain waits for this token, so that no upgrade slips past it.
        let _token = shutdown.token();
        let draining = || Rejection::Draining { retry_after: shutdown.config().retry_after.as_secs() };
        if shutdown.is_draining() {
            return Err(draining().into_response());
        }
        let config =
            self.config.or_else(|| parts.extensions.get::<RouterConfig>().map(|config| config.0.clone()));
        let config = config.unwrap_or_default();
        let policy = Policy {
            origin: &config.origin,
            subprotocols: &config.subprotocols,
            security: parts.extensions.get::<Security>().copied(),
            reads_body: S::reads_body(),
        };
        let accepted = negotiate(&parts, &policy).map_err(IntoResponse::into_response)?;
        if !policy.reads_body {
            if !is_empty(&mut body) {
                return Err(Rejection::UnreadBody.into_response());
            }
            body = Body::empty();
        }
        let Some(on_upgrade) = parts.extensions.remove::<OnUpgrade>() else {
            tracing::error!(path = &*self.path, "this server cannot upgrade connections");
            return Err(Rejection::NotUpgradable.into_response());
        };
        let (body, at_end) = WatchedBody::new(body, config.max_body);
        let mut request = Request::from_parts(parts, Body::new(body));
        DefaultBodyLimit::disable().apply(&mut request);
        let extracted = tokio::select! {
            biased;
            extracted = tokio::time::timeout(config.handshake_timeout, state.extract(request)) => extracted,
            () = shutdown.draining() => return Err(draining().into_response()),
        };
        let args = extracted.map_err(|_| Rejection::TimedOut.into_response())??;
        if !at_end.is_reached() {
            return Err(Rejection::UnreadBody.into_response());
        }
        let (handler, route) = (self.handler, self.path);
        let upgrade = Upgrade { accepted, on_upgrade, config, shutdown: shutdown.clone(), route };
        Ok(upgrade
            .run(|ws| {
                // Called inside its own future: a handler that is no async fn may panic before it returns one.
                Box::pin(async move { handler.call(args, ws).await.into_response() })
            })
            .await)
    }
}

//! WebSocket routes: from an HTTP request to its response.

use std::{
    fmt,
    future::{Future, ready},
    net::IpAddr,
    pin::Pin,
    sync::Arc,
};

use axum::{handler::Handler, routing::MethodFilter};
use axum_core::{extract::Request, response::Response};
use http::request::Parts;
use hyper::ext::Protocol;
use tracing::{Instrument, field::Empty};

use super::{
    connection_upgrade::ConnectionUpgrade,
    decision::Upgrade,
    extraction::extract,
    failed_upgrade::FailedUpgrade,
    handshake_answer::{HandshakeAnswer, HandshakeFuture},
    report::HandshakeReport,
    route_context::{RouteContext, RouterConfig},
    serve::Serve,
    server_connection::ServerConnection,
};
use crate::{
    connection::{ConnectionRecorder, OnClose, WebSocketConfig},
    extract::normalize_headers,
    handshake::{self, HandshakePolicy, Rejection, TransportSecurity},
    limits::{Admission, Permit, Refusal, RequestSource},
    shutdown::Shutdown,
    sync::TaskTrackerToken,
    time::now,
};

/// A WebSocket handler as a handler of axum.
pub(crate) struct Route<T> {
    handler: Arc<T>,
    path: Arc<str>,
    /// Configuration of the route itself. It takes precedence over the router's.
    config: Option<Arc<WebSocketConfig>>,
    /// Used where the request has no shutdown in its extensions.
    fallback: Shutdown,
}

impl<T> Route<T> {
    pub(crate) fn new(path: &str, handler: T, config: Option<WebSocketConfig>) -> Self {
        let (handler, path, config) = (Arc::new(handler), path.into(), config.map(Arc::new));
        Self { handler, path, config, fallback: Shutdown::new() }
    }
}

impl<T> Clone for Route<T> {
    fn clone(&self) -> Self {
        let Self { handler, path, config, fallback } = self;
        Self {
            handler: handler.clone(),
            path: path.clone(),
            config: config.clone(),
            fallback: fallback.clone(),
        }
    }
}

impl<T> fmt::Debug for Route<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Returns the methods that a WebSocket route is registered for: the upgrade of HTTP/1.1, the
/// extended CONNECT of HTTP/2, and POST if the body is read. It is never every method, so that a
/// page on the same path is a conflict instead of hiding one of the two.
pub(crate) fn method_filter<S, T: Serve<S>>() -> MethodFilter {
    let upgrade = MethodFilter::GET.or(MethodFilter::CONNECT);
    if T::reads_body() { upgrade.or(MethodFilter::POST) } else { upgrade }
}

/// Marker type that keeps this implementation of axum's `Handler` apart from axum's own for
/// functions.
#[derive(Debug)]
pub(crate) enum RouteMarker {}

impl<T, S> Handler<(RouteMarker, S), S> for Route<T>
where
    T: Serve<S>,
    S: Clone + Send + Sync + 'static,
{
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    // The checks need no wait, so their values need no place in the future.
    fn call(self, request: Request, state: S) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        let report = HandshakeReport::begin(&self.path, &parts.extensions);
        let span = tracing::info_span!("handshake", route = &*report.route, status = Empty);
        let opened = span.in_scope(|| self.open::<S>(&mut parts, &report.route));
        let answer = HandshakeAnswer::begin(report, &mut parts);
        match opened {
            Ok(opened) => {
                let serving = opened.serve(Box::new(Request::from_parts(parts, body)), state);
                Box::pin(HandshakeFuture::new(serving.instrument(span), answer))
            }
            Err(rejection) => Box::pin(ready(answer.finish(Err(rejection.into()), &span))),
        }
    }
}

impl<T> Route<T> {
    /// Checks the head of a request, and admits it.
    fn open<S>(self, parts: &mut Parts, route: &Arc<str>) -> Result<OpenedRoute<T>, Rejection>
    where
        T: Serve<S>,
    {
        let server = parts.extensions.get::<ServerConnection>();
        if server.is_none() {
            // Our own server has done this for all routes; other servers have not.
            normalize_headers(parts.version, &parts.uri, &mut parts.headers);
        }
        let shutdown = parts.extensions.get::<Shutdown>().cloned().unwrap_or(self.fallback);
        let config = self
            .config
            .or_else(|| parts.extensions.get().map(|RouterConfig(config)| config.clone()))
            .or_else(|| server?.config.clone());
        let context = RouteContext { config: config.unwrap_or_default(), shutdown };
        let token = context.shutdown.token();
        if context.shutdown.refuses_upgrades() {
            return Err(context.draining());
        }
        let source = RequestSource::of(&parts.extensions, &parts.headers);
        let policy = HandshakePolicy {
            origin: &context.config.origin,
            security: security(server, &source),
            forwarded_host: source.proxied.as_ref().and_then(|proxied| proxied.host),
            protocol: parts.extensions.get::<Protocol>().map(Protocol::as_str),
            reads_body: T::reads_body(),
        };
        let opening = handshake::check(parts, &policy)?;
        // The headers of the negotiation may be long: a client above the limit is refused before
        // they are parsed.
        let permit = admit(parts, source.peer)?;
        let accepted = opening.negotiate(
            &parts.headers,
            &context.config.subprotocols,
            context.config.compression_config(),
        )?;
        let Some(connection) = ConnectionUpgrade::take(&mut parts.extensions) else {
            tracing::error!(path = &**route, "this server cannot upgrade connections");
            return Err(Rejection::NotUpgradable);
        };
        let on_close = parts.extensions.get::<OnClose>().cloned();
        let recorder = ConnectionRecorder::new(route.clone(), on_close);
        let upgrade = Upgrade { accepted, connection, context, permit, recorder };
        Ok(OpenedRoute { handler: self.handler, upgrade, token })
    }
}

/// A route whose request is a valid handshake.
struct OpenedRoute<T> {
    handler: Arc<T>,
    upgrade: Upgrade,
    /// Held until the handler has decided: a graceful shutdown misses no upgrade.
    token: TaskTrackerToken,
}

impl<T> OpenedRoute<T> {
    /// Extracts the arguments, and lets the handler decide.
    #[expect(clippy::manual_async_fn, reason = "the future would have the arguments of an async fn twice")]
    fn serve<S>(
        self,
        request: Box<Request>,
        state: S,
    ) -> impl Future<Output = Result<Response, FailedUpgrade>> + Send
    where
        T: Serve<S>,
        S: Send + Sync,
    {
        async move {
            let (context, route) = (&self.upgrade.context, self.upgrade.recorder.route());
            let arguments = extract::<T, S>(request, &state, context, route).await?;
            let handler = self.handler;
            let upgraded = self.upgrade.run(|ws| handler.start(arguments, ws)).await;
            drop(self.token);
            upgraded
        }
    }
}

/// Returns the security of the client's connection: as our own server sees it, or, behind a trusted
/// proxy, as the proxy reports it.
fn security(server: Option<&ServerConnection>, source: &RequestSource<'_>) -> Option<TransportSecurity> {
    match &source.proxied {
        Some(proxied) => proxied
            .is_tls
            .map(|is_tls| if is_tls { TransportSecurity::Tls } else { TransportSecurity::Plain }),
        None => server.map(|server| server.security),
    }
}

/// Takes a permit for one more WebSocket, if their number is limited.
fn admit(parts: &Parts, peer: Option<IpAddr>) -> Result<Option<Permit>, Rejection> {
    let Some(admission) = parts.extensions.get::<Admission>() else { return Ok(None) };
    let retry_after = admission.limits().retry_after.as_secs();
    admission.admit(peer, now()).map(Some).map_err(|refusal| {
        tracing::warn!(?refusal, "WebSocket refused: a limit is reached");
        match refusal {
            Refusal::Total | Refusal::HandshakeRate => Rejection::Overloaded { retry_after },
            Refusal::PerPeer => Rejection::TooMany { retry_after },
        }
    })
}

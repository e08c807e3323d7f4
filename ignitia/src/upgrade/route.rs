//! WebSocket routes: from an HTTP request to its response.

use std::{fmt, future::Future, net::IpAddr, pin::Pin, sync::Arc};

use axum::{handler::Handler, routing::MethodFilter};
use axum_core::{extract::Request, response::Response};
use http::{
    Version,
    header::{CONNECTION, UPGRADE},
    request::Parts,
};
use hyper::{ext::Protocol, upgrade::OnUpgrade};
use tracing::{Instrument, field::Empty};

use super::{
    decision::Upgrade,
    extraction::extract,
    failed_upgrade::FailedUpgrade,
    report::HandshakeReport,
    route_context::{RouteContext, RouterConfig},
    serve::Serve,
};
use crate::{
    connection::{ConnectionRecorder, OnClose, WebSocketConfig},
    extract::{PendingResponse, RequestIdCell, normalize_headers},
    handshake::{self, HandshakePolicy, Rejection, TransportSecurity},
    limits::{Admission, Permit, Refusal, RequestSource},
    shutdown::Shutdown,
    time::{GraceTimeout, now},
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

    fn call(self, mut request: Request, state: S) -> Self::Future {
        Box::pin(async move {
            let request_id = RequestIdCell::of(&mut request);
            let pending = PendingResponse::to(&mut request);
            let version = request.version();
            let report = HandshakeReport::begin(&self.path, request.extensions());
            let span = tracing::info_span!("handshake", route = &*report.route, status = Empty);
            let mut outcome = self.serve(request, state, report.route.clone()).instrument(span.clone()).await;
            if let Ok(answer) = &mut outcome {
                pending.complete(answer);
            }
            let mut response = span.in_scope(|| report.end(outcome));
            span.record("status", response.status().as_u16());
            drop(span);
            if version == Version::HTTP_2 {
                // HTTP/2 forbids headers about the connection, which other streams share: RFC 9113,
                // section 8.2.2.
                response.headers_mut().remove(CONNECTION);
                response.headers_mut().remove(UPGRADE);
            }
            request_id.echo(&mut response);
            response
        })
    }
}

impl<T> Route<T> {
    /// Checks the handshake, extracts the arguments, and lets the handler decide.
    async fn serve<S>(self, request: Request, state: S, route: Arc<str>) -> Result<Response, FailedUpgrade>
    where
        T: Serve<S>,
        S: Send + Sync,
    {
        let (mut parts, body) = request.into_parts();
        // Our own server has done this for all routes; other servers have not.
        normalize_headers(parts.version, &parts.uri, &mut parts.headers);
        let shutdown = parts.extensions.get::<Shutdown>().cloned().unwrap_or(self.fallback);
        // A graceful shutdown waits for this token, so that it misses no upgrade.
        let _token = shutdown.token();
        let draining = || Rejection::Draining { retry_after: shutdown.config().retry_after.as_secs() };
        if shutdown.refuses_upgrades() {
            return Err(draining().into());
        }
        let config =
            self.config.or_else(|| parts.extensions.get::<RouterConfig>().map(|config| config.0.clone()));
        let config = config.unwrap_or_default();
        let source = RequestSource::of(&parts.extensions, &parts.headers);
        let policy = HandshakePolicy {
            origin: &config.origin,
            security: security(&parts, &source),
            forwarded_host: source.proxied.as_ref().and_then(|proxied| proxied.host),
            protocol: parts.extensions.get::<Protocol>().map(Protocol::as_str),
            reads_body: T::reads_body(),
        };
        let opening = handshake::check(&parts, &policy)?;
        // The headers of the negotiation may be long: a client above the limit is refused before
        // they are parsed.
        let permit = admit(&parts, source.peer)?;
        let accepted = opening.negotiate(&parts.headers, &config.subprotocols)?;
        let on_close = parts.extensions.get::<OnClose>().cloned();
        let Some(on_upgrade) = parts.extensions.remove::<OnUpgrade>() else {
            tracing::error!(path = &*route, "this server cannot upgrade connections");
            return Err(Rejection::NotUpgradable.into());
        };
        let context = RouteContext { config: config.clone(), shutdown: shutdown.clone() };
        let extraction = extract::<T, S>(Request::from_parts(parts, body), &state, &context, &route);
        let args = tokio::select! {
            biased;
            args = GraceTimeout::new(config.handshake_timeout).with(extraction) => args,
            () = shutdown.draining() => return Err(draining().into()),
        };
        let args = args.ok_or(Rejection::TimedOut)??;
        let recorder = ConnectionRecorder::new(route, on_close);
        let upgrade = Upgrade { accepted, on_upgrade, config, shutdown: shutdown.clone(), permit, recorder };
        upgrade.run(|ws| self.handler.start(args, ws)).await
    }
}

/// Returns the security of the client's connection: as our own server sees it, or, behind a trusted
/// proxy, as the proxy reports it.
fn security(parts: &Parts, source: &RequestSource<'_>) -> Option<TransportSecurity> {
    match &source.proxied {
        Some(proxied) => proxied
            .is_tls
            .map(|is_tls| if is_tls { TransportSecurity::Tls } else { TransportSecurity::Plain }),
        None => parts.extensions.get::<TransportSecurity>().copied(),
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

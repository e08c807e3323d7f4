use std::{fmt, future::Future, net::IpAddr, pin::Pin, sync::Arc};

use axum::{extract::DefaultBodyLimit, handler::Handler, routing::MethodFilter};
use axum_core::{body::Body, extract::Request, response::Response};
use http::{
    Version,
    header::{CONNECTION, UPGRADE},
    request::Parts,
};
use hyper::{ext::Protocol, upgrade::OnUpgrade};
use tracing::{Instrument, field::Empty};

use super::{
    body::{WatchedBody, is_empty},
    decision::Upgrade,
    report::{FailedUpgrade, HandshakeReport, UpgradeFailure},
    service::{RouteContext, Serve},
};
use crate::{
    connection::{ConnectionEvents, OnClose, WebSocketConfig},
    extract::{PendingResponse, RequestIdCell, normalize_headers},
    handshake::{self, Policy, Rejection, Security},
    limits::{Admission, Permit, Refusal, Source},
    panics::catch_async,
    shutdown::Shutdown,
    time::{GraceTimeout, now},
};

/// The configuration that a router gives to its routes, in the request's extensions.
#[derive(Debug, Clone)]
pub(crate) struct RouterConfig(pub(crate) Arc<WebSocketConfig>);

/// A WebSocket endpoint as an axum handler.
pub(crate) struct Route<T> {
    served: Arc<T>,
    path: Arc<str>,
    /// The route's own configuration, which goes before the router's.
    config: Option<Arc<WebSocketConfig>>,
    /// For routes that nobody gave a shutdown.
    fallback: Shutdown,
}

impl<T> Route<T> {
    pub(crate) fn new(path: &str, served: T, config: Option<WebSocketConfig>) -> Self {
        let (served, path, config) = (Arc::new(served), path.into(), config.map(Arc::new));
        Self { served, path, config, fallback: Shutdown::new() }
    }
}

impl<T> Clone for Route<T> {
    fn clone(&self) -> Self {
        let Self { served, path, config, fallback } = self;
        Self {
            served: served.clone(),
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

/// What a WebSocket route is registered for: the upgrade of HTTP/1.1, the extended CONNECT of HTTP/2, and POST where
/// the body is read. Never every method: a page on the same path is a conflict, not a silent winner.
pub(crate) fn methods<S, T: Serve<S>>() -> MethodFilter {
    let upgrade = MethodFilter::GET.or(MethodFilter::CONNECT);
    if T::reads_body() { upgrade.or(MethodFilter::POST) } else { upgrade }
}

/// Keeps our implementation of axum's trait apart from axum's own for functions.
#[derive(Debug)]
pub(crate) enum Ours {}

impl<T, S> Handler<(Ours, S), S> for Route<T>
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
                // They are about a connection that others share: RFC 9113, section 8.2.2.
                response.headers_mut().remove(CONNECTION);
                response.headers_mut().remove(UPGRADE);
            }
            request_id.echo(&mut response);
            response
        })
    }
}

impl<T> Route<T> {
    /// From the request to the answer: the handshake, the extractors, the handler's decision.
    async fn serve<S>(self, request: Request, state: S, route: Arc<str>) -> Result<Response, FailedUpgrade>
    where
        T: Serve<S>,
        S: Send + Sync,
    {
        let (mut parts, body) = request.into_parts();
        // Our own server has done it for all routes; others have not.
        normalize_headers(parts.version, &parts.uri, &mut parts.headers);
        let shutdown = parts.extensions.get::<Shutdown>().cloned().unwrap_or(self.fallback);
        // A drain waits for this token, so that no upgrade slips past it.
        let _token = shutdown.token();
        let draining = || Rejection::Draining { retry_after: shutdown.config().retry_after.as_secs() };
        if shutdown.refuses_upgrades() {
            return Err(draining().into());
        }
        let config =
            self.config.or_else(|| parts.extensions.get::<RouterConfig>().map(|config| config.0.clone()));
        let config = config.unwrap_or_default();
        let source = Source::of(&parts.extensions, &parts.headers);
        let policy = Policy {
            origin: &config.origin,
            security: security(&parts, &source),
            forwarded_host: source.proxied.as_ref().and_then(|proxied| proxied.host),
            protocol: parts.extensions.get::<Protocol>().map(Protocol::as_str),
            reads_body: T::reads_body(),
        };
        let opening = handshake::check(&parts, &policy)?;
        // Lists may be long: whoever is one too many is told so before they are read.
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
        let events = ConnectionEvents::new(route, on_close);
        let upgrade = Upgrade { accepted, on_upgrade, config, shutdown: shutdown.clone(), permit, events };
        upgrade.run(|ws| self.served.start(args, ws)).await
    }
}

/// Takes the arguments out of the request. Its body is at its end then.
async fn extract<T, S>(
    request: Request,
    state: &S,
    context: &RouteContext,
    route: &str,
) -> Result<T::Arguments, FailedUpgrade>
where
    T: Serve<S>,
{
    let (parts, mut body) = request.into_parts();
    if !T::reads_body() {
        if !is_empty(&mut body).await {
            return Err(Rejection::UnreadBody.into());
        }
        body = Body::empty();
    }
    let (body, at_end) = WatchedBody::new(body, context.config.max_body);
    let mut request = Request::from_parts(parts, Body::new(body));
    DefaultBodyLimit::disable().apply(&mut request);
    let extracted = catch_async(T::extract(request, state, context)).await;
    let args = extracted
        .map_err(|panic| {
            tracing::error!(path = route, panic, "an extractor panicked");
            FailedUpgrade::panicked()
        })?
        .map_err(|response| FailedUpgrade::new(UpgradeFailure::Extractor, response))?;
    if at_end.is_reached() { Ok(args) } else { Err(Rejection::UnreadBody.into()) }
}

/// What the client has used: what our own server has seen, or, behind a proxy that is trusted, what that says.
fn security(parts: &Parts, source: &Source<'_>) -> Option<Security> {
    match &source.proxied {
        Some(proxied) => proxied.is_tls.map(|is_tls| if is_tls { Security::Tls } else { Security::Plain }),
        None => parts.extensions.get::<Security>().copied(),
    }
}

/// A place among the WebSockets that there may be, where that is limited.
fn admit(parts: &Parts, peer: Option<IpAddr>) -> Result<Option<Permit>, Rejection> {
    let Some(gate) = parts.extensions.get::<Admission>() else { return Ok(None) };
    let retry_after = gate.limits().retry_after.as_secs();
    gate.admit(peer, now()).map(Some).map_err(|refusal| {
        tracing::warn!(?refusal, "WebSocket refused: a limit is reached");
        match refusal {
            Refusal::Everybodys => Rejection::Overloaded { retry_after },
            Refusal::Peers => Rejection::TooMany { retry_after },
        }
    })
}

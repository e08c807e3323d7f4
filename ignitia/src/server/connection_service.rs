use std::{
    convert::Infallible,
    future::{Ready, ready},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, Request},
    routing::future::RouteFuture,
};
use axum_core::{body::Body, response::Response};
use http::Version;
use http_body::Body as _;
use hyper::{body::Incoming, service::Service};
use tokio_util::either::Either;
use tower_service::Service as _;

use super::{activity::Activity, head_limits::HeadLimits, peer_addr::PeerAddr};
use crate::{handshake::TransportSecurity, router::ExtensionSet};

/// Service of one connection: the router, given requests that carry the client's address.
pub(super) struct ConnectionService {
    pub(super) router: axum::Router,
    pub(super) extensions: Arc<ExtensionSet>,
    pub(super) head_limits: HeadLimits,
    pub(super) peer: PeerAddr,
    pub(super) security: TransportSecurity,
    pub(super) activity: Arc<Activity>,
}

impl Service<Request<Incoming>> for ConnectionService {
    type Response = Response;
    type Error = Infallible;
    type Future = Either<RouteFuture<Infallible>, Ready<Result<Response, Infallible>>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        self.activity
            .request_received(request.version() == Version::HTTP_2, request.body().size_hint().exact());
        // Most requests have no body, which needs no box.
        let mut request =
            request.map(|body| if body.is_end_stream() { Body::empty() } else { Body::new(body) });
        if let Some(refusal) = self.head_limits.check(&mut request) {
            return Either::Right(ready(Ok(refusal)));
        }
        if let Some(addr) = self.peer.network() {
            request.extensions_mut().insert(ConnectInfo(addr));
        }
        request.extensions_mut().insert(self.security);
        self.extensions.add_to(request.extensions_mut());
        Either::Left(self.router.clone().call(request))
    }
}

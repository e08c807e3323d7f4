use std::{cell::Cell, convert::Infallible, sync::Arc};

use axum::extract::Request;
use axum_core::{body::Body, response::Response};
use http::Version;
use http_body::Body as _;
use hyper::{body::Incoming, service::Service, upgrade::OnUpgrade};

use super::{
    activity::Activity,
    client::Client,
    request_router::{RequestRouter, ResponseFuture},
};
use crate::upgrade::DirectUpgrade;

/// Request that was passed to the router before hyper has read it.
pub(super) struct EarlyRequest {
    pub(super) upgrade: DirectUpgrade,
    pub(super) response: ResponseFuture,
}

/// Service of one connection.
pub(super) struct ConnectionService<'a> {
    pub(super) router: &'a RequestRouter,
    pub(super) client: Client,
    pub(super) activity: Arc<Activity>,
    /// The first request, if it has been passed on already.
    pub(super) early: Cell<Option<Box<EarlyRequest>>>,
}

impl Service<Request<Incoming>> for ConnectionService<'_> {
    type Response = Response;
    type Error = Infallible;
    type Future = ResponseFuture;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        self.activity
            .request_received(request.version() == Version::HTTP_2, request.body().size_hint().exact());
        if let Some(early) = self.early.take() {
            let EarlyRequest { upgrade, response } = *early;
            if let Some(on_upgrade) = request.extensions_mut().remove::<OnUpgrade>() {
                upgrade.defer(on_upgrade);
            }
            return response;
        }
        // Most requests have no body, which needs no box.
        let request = request.map(|body| if body.is_end_stream() { Body::empty() } else { Body::new(body) });
        self.router.check_and_call(request, self.client)
    }
}

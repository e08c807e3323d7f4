use std::convert::Infallible;

use axum::{
    extract::{ConnectInfo, Request},
    routing::future::RouteFuture,
};
use axum_core::response::Response;
use tower_service::Service;

use super::{client::Client, head_limits::HeadLimits};
use crate::{
    router::ServedRouter,
    upgrade::{DirectUpgrade, ServerConnection},
};

/// The router, given requests that carry the client's address.
#[derive(Debug, Clone)]
pub(super) struct RequestRouter {
    pub(super) served: ServedRouter,
    pub(super) head_limits: HeadLimits,
}

impl RequestRouter {
    /// Normalizes the head of a request, and adds what is known of its connection. Returns the
    /// response to a request whose head is too large.
    pub(super) fn prepare(
        &self,
        request: &mut Request,
        client: Client,
        upgrade: Option<DirectUpgrade>,
    ) -> Option<Response> {
        let refusal = self.head_limits.check(request);
        if refusal.is_none() {
            let extensions = request.extensions_mut();
            if let Some(addr) = client.peer.network() {
                extensions.insert(ConnectInfo(addr));
            }
            extensions.insert(ServerConnection { security: client.security, upgrade });
            self.served.extensions.add_to(extensions);
        }
        refusal
    }

    /// Passes a request to its route.
    pub(super) fn call(&self, request: Request) -> RouteFuture<Infallible> {
        self.served.router.clone().call(request)
    }
}

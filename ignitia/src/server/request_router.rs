use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use axum::{
    extract::{ConnectInfo, Request},
    routing::future::RouteFuture,
};
use axum_core::response::Response;
use tokio_util::either::Either;
use tower_service::Service;

use super::{client::Client, head_limits::HeadLimits};
use crate::{
    router::ServedRouter,
    upgrade::{DirectUpgrade, ServerConnection},
};

/// Future of a response.
pub(super) type ResponseFuture = Either<RouteFuture<Infallible>, Ready<Result<Response, Infallible>>>;

/// The router, given requests that carry the client's address.
#[derive(Debug, Clone)]
pub(super) struct RequestRouter {
    pub(super) served: ServedRouter,
    pub(super) head_limits: HeadLimits,
}

impl RequestRouter {
    /// Normalizes the head of a request, and passes it to its route. The response to a head that is
    /// too large is a refusal.
    pub(super) fn check_and_call(&self, mut request: Request, client: Client) -> ResponseFuture {
        match self.head_limits.check(&mut request) {
            Some(refusal) => Either::Right(ready(Ok(refusal))),
            None => Either::Left(self.call(request, client, None)),
        }
    }

    /// Adds what is known of the connection to a request, and passes it to its route.
    pub(super) fn call(
        &self,
        mut request: Request,
        client: Client,
        upgrade: Option<DirectUpgrade>,
    ) -> RouteFuture<Infallible> {
        let extensions = request.extensions_mut();
        self.served.extensions.add_to(extensions);
        if let Some(addr) = client.peer.network() {
            // One that the router was given comes first.
            extensions.get_or_insert_with(|| ConnectInfo(addr));
        }
        let config = self.served.config.clone();
        extensions.insert(ServerConnection { security: client.security, config, upgrade });
        self.served.router.clone().call(request)
    }
}

//! Methods of [`Router`] that combine it with other routers, layers and a fallback.

use std::convert::Infallible;

use axum::routing::Route as AxumRoute;
use axum_core::{extract::Request, response::IntoResponse};
use tower_layer::Layer;
use tower_service::Service;

use super::{http_handler::HttpHandler, into_router::IntoRouter, router::Router};
use crate::path::forms;

impl<S> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// Puts another router below a path: `/api` turns its `/ws` into `/api/ws`.
    pub fn nest(mut self, path: &str, router: impl IntoRouter) -> Self {
        let mut router = router.into_router();
        self.adopt_shutdowns(&mut router);
        let (inner, table) = router.finish();
        let check = self.table.nest(path, table);
        self.add_unless_rejected(check, |routes| {
            forms(path).iter().for_each(|form| routes.nest(form, inner.clone()));
        })
    }

    /// Adds the routes of another router. Each keeps the layers that were called in its own.
    pub fn merge(mut self, router: impl IntoRouter) -> Self {
        let mut router = router.into_router();
        self.adopt_shutdowns(&mut router);
        let (other, table) = router.into_parts();
        let check = self.table.merge(table);
        self.add_unless_rejected(check, |routes| routes.merge(other))
    }

    /// Wraps the routes added so far in a tower layer; of a page and a WebSocket on one path, that which is there already. For
    /// WebSockets it sees the handshake: the request, and the answer, 101 or refusal. One that answers something else in place of the 101 ends the session that has begun: the
    /// handler learns of it within [`WebSocketConfig::handshake_timeout`].
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<AxumRoute> + Clone + Send + Sync + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<Infallible> + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        self.routes = self.routes.layer(layer);
        self
    }

    /// Answers kind no route matches; by default that is a 404 with an empty body.
    pub fn fallback<H, T>(mut self, handler: H) -> Self
    where
        H: HttpHandler<T, S>,
        T: 'static,
    {
        self.table.set_fallback();
        self.routes.others = self.routes.others.fallback_service(handler.with_state(self.state.clone()));
        self
    }

    /// Lets a router that becomes part of this one be drained with it.
    fn adopt_shutdowns(&mut self, router: &mut Router) {
        self.nested.append(&mut router.nested);
        self.nested.extend(router.given_shutdown());
    }
}

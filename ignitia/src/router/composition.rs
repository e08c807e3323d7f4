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
    /// Nests another router below a path: `/api` turns its `/ws` into `/api/ws`.
    pub fn nest(mut self, path: &str, router: impl IntoRouter) -> Self {
        let mut router = router.into_router();
        self.adopt_shutdowns(&mut router);
        let (inner, table) = router.finish();
        let check = self.table.nest(path, table);
        self.add_unless_rejected(check, |routes| {
            forms(path).iter().for_each(|form| routes.nest(form, inner.clone()));
        })
    }

    /// Adds the routes of another router. They keep the layers of their own router.
    pub fn merge(mut self, router: impl IntoRouter) -> Self {
        let mut router = router.into_router();
        self.adopt_shutdowns(&mut router);
        let (other, table) = router.into_parts();
        let check = self.table.merge(table);
        self.add_unless_rejected(check, |routes| routes.merge(other))
    }

    /// Wraps the routes added so far in a tower layer. If a page and a WebSocket share a path, it
    /// wraps the one that is there already. For WebSockets the layer sees the handshake: the
    /// request and the response, which is the 101 or a refusal. A layer that replaces the 101 by
    /// another response ends the session that has begun: the handler learns of it within
    /// [`handshake_timeout`](crate::websocket::WebSocketConfig::handshake_timeout).
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

    /// Sets the handler of requests that no route matches. By default they get a 404 with an empty
    /// body.
    pub fn fallback<H, T>(mut self, handler: H) -> Self
    where
        H: HttpHandler<T, S>,
        T: 'static,
    {
        self.table.set_fallback();
        self.routes.others = self.routes.others.fallback_service(handler.with_state(self.state.clone()));
        self
    }

    /// Adopts the shutdowns of a router that becomes part of this one, so that they are drained
    /// with it.
    fn adopt_shutdowns(&mut self, router: &mut Router) {
        self.nested.append(&mut router.nested);
        self.nested.extend(router.given_shutdown());
    }
}

//! Routes that are kept until all are known: a page and a WebSocket may share a path, and each has the layers that were
//! called after it.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
};

use axum::routing::{MethodFilter, MethodRouter, future::RouteFuture};
use axum_core::extract::Request;
use tower_service::Service;

use super::routes::RouteLayer;
use crate::{
    handshake::is_websocket_request,
    path::{canonical, forms},
};

/// What stands at each path, in its canonical form.
#[derive(Default, Clone)]
pub(super) struct Places(BTreeMap<String, Place>);

#[derive(Default, Clone)]
struct Place {
    /// Everything but WebSockets.
    pages: Option<Pages>,
    websocket: Option<WebSocket>,
}

#[derive(Clone)]
struct Pages {
    routes: MethodRouter,
    /// Whether a GET is theirs, as far as is known.
    take_get: bool,
}

#[derive(Clone)]
struct WebSocket {
    routes: MethodRouter,
    methods: MethodFilter,
}

impl Places {
    /// Adds handlers of ordinary requests; `methods` is `None` where they are not known.
    ///
    /// # Panics
    ///
    /// If one of their methods is taken: axum's rule.
    pub(super) fn add_pages(&mut self, path: &str, methods: Option<MethodFilter>, routes: MethodRouter) {
        let take_get = methods.is_none_or(|methods| methods == methods.or(MethodFilter::GET));
        self.at(path).add_pages(Pages { routes, take_get });
    }

    /// Adds a WebSocket.
    pub(super) fn add_websocket(&mut self, path: &str, methods: MethodFilter, routes: MethodRouter) {
        self.at(path).websocket = Some(WebSocket { routes, methods });
    }

    /// Adds everything that another router has.
    ///
    /// # Panics
    ///
    /// If a method is taken.
    pub(super) fn merge(&mut self, other: Self) {
        for (path, Place { pages, websocket }) in other.0 {
            let place = self.at(&path);
            if let Some(pages) = pages {
                place.add_pages(pages);
            }
            place.websocket = websocket.or(place.websocket.take());
        }
    }

    /// Wraps what is there so far.
    pub(super) fn layer(self, layer: &impl RouteLayer) -> Self {
        let layered = |Place { pages, websocket }| Place {
            pages: pages
                .map(|Pages { routes, take_get }| Pages { routes: routes.layer(layer.clone()), take_get }),
            websocket: websocket.map(|WebSocket { routes, methods }| WebSocket {
                routes: routes.layer(layer.clone()),
                methods,
            }),
        };
        Self(self.0.into_iter().map(|(path, place)| (path, layered(place))).collect())
    }

    /// What axum's router gets for each path, in every form of it.
    pub(super) fn into_routes(self) -> impl Iterator<Item = (String, MethodRouter)> {
        self.0.into_iter().flat_map(|(path, place)| {
            let routes = place.into_routes();
            forms(&path).into_iter().map(move |form| (form, routes.clone()))
        })
    }

    fn at(&mut self, path: &str) -> &mut Place {
        self.0.entry(canonical(path)).or_default()
    }
}

impl Place {
    fn add_pages(&mut self, added: Pages) {
        self.pages = Some(match self.pages.take() {
            None => added,
            Some(Pages { routes, take_get }) => {
                Pages { routes: routes.merge(added.routes), take_get: take_get || added.take_get }
            }
        });
    }

    fn into_routes(self) -> MethodRouter {
        match (self.pages, self.websocket) {
            (None, None) => MethodRouter::new(),
            (Some(pages), None) => pages.routes,
            (None, Some(websocket)) => websocket.routes,
            (Some(pages), Some(WebSocket { routes, methods })) => {
                // What is neither is the pages' too: they say what else is allowed, in their layers.
                let rest = pages.routes.clone();
                let fork = Fork(Arc::new(Sides { pages, websocket: routes }));
                MethodRouter::new().on_service(methods, fork).fallback_service(rest)
            }
        }
    }
}

/// A page and a WebSocket on one path.
#[derive(Clone)]
struct Fork(Arc<Sides>);

struct Sides {
    pages: Pages,
    websocket: MethodRouter,
}

impl Service<Request> for Fork {
    type Response = axum_core::response::Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let Sides { pages, websocket } = &*self.0;
        let is_a_pages = pages.take_get && !is_websocket_request(request.method(), request.headers());
        let mut side = if is_a_pages { pages.routes.clone() } else { websocket.clone() };
        side.call(request)
    }
}

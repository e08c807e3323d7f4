//! Routes by path, kept until all are known: a page and a WebSocket may share a path, and each has
//! the layers that were called after it.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
};

use axum::routing::{MethodFilter, MethodRouter, future::RouteFuture};
use axum_core::extract::Request;
use tower_service::Service;

use super::{route_layer::RouteLayer, route_paths::RoutePath};
use crate::{
    handshake::is_websocket_request,
    path::{canonical, forms},
};

/// Routes of each path, in its canonical form.
#[derive(Default, Clone)]
pub(super) struct PathRouter(BTreeMap<String, PathRoutes>);

/// Routes of one path, each with its method router.
#[derive(Default, Clone)]
struct PathRoutes {
    /// Ordinary requests.
    pages: Option<PageRoutes>,
    websocket: Option<WebSocketRoute>,
}

#[derive(Clone)]
struct PageRoutes {
    routes: MethodRouter,
    /// True if GET belongs to the pages, as far as it is known.
    take_get: bool,
}

#[derive(Clone)]
struct WebSocketRoute {
    routes: MethodRouter,
    methods: MethodFilter,
    is_layered: bool,
}

impl PathRouter {
    /// Adds handlers of ordinary requests; `methods` is `None` if they are unknown.
    ///
    /// # Panics
    ///
    /// Panics if the path has one of their methods already, as axum does.
    pub(super) fn add_pages(&mut self, path: &str, methods: Option<MethodFilter>, routes: MethodRouter) {
        let take_get = methods.is_none_or(|methods| methods == methods.or(MethodFilter::GET));
        self.at(path).add_pages(PageRoutes { routes, take_get });
    }

    /// Adds a WebSocket.
    pub(super) fn add_websocket(&mut self, path: &str, methods: MethodFilter, routes: MethodRouter) {
        self.at(path).websocket = Some(WebSocketRoute { routes, methods, is_layered: false });
    }

    /// Adds all routes of another router.
    ///
    /// # Panics
    ///
    /// Panics if both have the same method of a path.
    pub(super) fn merge(&mut self, other: Self) {
        for (path, PathRoutes { pages, websocket }) in other.0 {
            let path_routes = self.at(&path);
            if let Some(pages) = pages {
                path_routes.add_pages(pages);
            }
            path_routes.websocket = websocket.or(path_routes.websocket.take());
        }
    }

    /// Wraps the routes added so far in a layer.
    pub(super) fn layer(self, layer: &impl RouteLayer) -> Self {
        let layered = |PathRoutes { pages, websocket }| PathRoutes {
            pages: pages.map(|PageRoutes { routes, take_get }| PageRoutes {
                routes: routes.layer(layer.clone()),
                take_get,
            }),
            websocket: websocket.map(|WebSocketRoute { routes, methods, .. }| WebSocketRoute {
                routes: routes.layer(layer.clone()),
                methods,
                is_layered: true,
            }),
        };
        Self(self.0.into_iter().map(|(path, path_routes)| (path, layered(path_routes))).collect())
    }

    /// Returns the routes for axum's router: for each path, in every encoded form of it, a method
    /// router.
    pub(super) fn into_routes(self) -> impl Iterator<Item = (String, MethodRouter)> {
        self.0.into_iter().flat_map(|(path, path_routes)| {
            let routes = path_routes.into_method_router();
            forms(&path).into_iter().map(move |form| (form, routes.clone()))
        })
    }

    /// Returns the paths of all routes, in every encoded form.
    pub(super) fn paths(&self) -> impl Iterator<Item = RoutePath> {
        self.0.iter().flat_map(|(path, path_routes)| {
            let is_bare = path_routes.websocket.as_ref().is_some_and(|websocket| !websocket.is_layered);
            forms(path).into_iter().map(move |path| RoutePath { path, is_bare })
        })
    }

    fn at(&mut self, path: &str) -> &mut PathRoutes {
        self.0.entry(canonical(path)).or_default()
    }
}

impl PathRoutes {
    fn add_pages(&mut self, added: PageRoutes) {
        self.pages = Some(match self.pages.take() {
            None => added,
            Some(PageRoutes { routes, take_get }) => {
                PageRoutes { routes: routes.merge(added.routes), take_get: take_get || added.take_get }
            }
        });
    }

    fn into_method_router(self) -> MethodRouter {
        match (self.pages, self.websocket) {
            (None, None) => MethodRouter::new(),
            (Some(pages), None) => pages.routes,
            (None, Some(websocket)) => websocket.routes,
            (Some(pages), Some(WebSocketRoute { routes, methods, .. })) => {
                // The pages also get all other methods: they answer 405 with their own `Allow`, in
                // their layers.
                let rest = pages.routes.clone();
                let either = PageOrWebSocket(Arc::new(PageAndWebSocket { pages, websocket: routes }));
                MethodRouter::new().on_service(methods, either).fallback_service(rest)
            }
        }
    }
}

/// Service that sends each request on a shared path to the page or to the WebSocket.
#[derive(Clone)]
struct PageOrWebSocket(Arc<PageAndWebSocket>);

struct PageAndWebSocket {
    pages: PageRoutes,
    websocket: MethodRouter,
}

impl Service<Request> for PageOrWebSocket {
    type Response = axum_core::response::Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let PageAndWebSocket { pages, websocket } = &*self.0;
        let is_for_page = pages.take_get && !is_websocket_request(request.method(), request.headers());
        let mut chosen = if is_for_page { pages.routes.clone() } else { websocket.clone() };
        chosen.call(request)
    }
}

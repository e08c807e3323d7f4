use super::{path_router::PathRouter, route_layer::RouteLayer};

/// Everything that requests may go to.
#[derive(Clone)]
pub(super) struct RouteSet {
    /// The routes of this router, and of those that were merged into it.
    pub(super) own: PathRouter,
    /// What was nested, the routes of axum's routers, and the fallback.
    pub(super) others: axum::Router,
}

impl RouteSet {
    /// Adds another router's.
    ///
    /// # Panics
    ///
    /// If axum finds a method twice.
    pub(super) fn merge(&mut self, other: Self) {
        self.own.merge(other.own);
        self.others = std::mem::take(&mut self.others).merge(other.others);
    }

    /// Puts a whole router below a path.
    pub(super) fn nest(&mut self, path: &str, router: axum::Router) {
        self.others = std::mem::take(&mut self.others).nest(path, router);
    }

    /// Wraps what is there so far.
    pub(super) fn layer(self, layer: impl RouteLayer) -> Self {
        Self { own: self.own.layer(&layer), others: self.others.layer(layer) }
    }

    /// All of them in one router.
    ///
    /// # Panics
    ///
    /// If axum finds a method twice.
    pub(super) fn into_axum(self) -> axum::Router {
        self.own.into_routes().fold(self.others, |router, (path, routes)| router.route(&path, routes))
    }
}

use super::{path_router::PathRouter, route_layer::RouteLayer, upgrade_paths::UpgradePaths};

/// All routes of a router.
#[derive(Clone, Default)]
pub(super) struct RouteSet {
    /// Routes of this router, and of those that were merged into it.
    pub(super) own: PathRouter,
    /// Nested routers, the routes of axum's routers, and the fallback.
    pub(super) others: axum::Router,
    /// True if axum's router has more than the fallback: paths that are not known here.
    pub(super) has_others: bool,
}

impl RouteSet {
    /// Adds the routes of another router.
    ///
    /// # Panics
    ///
    /// Panics if axum finds a method twice.
    pub(super) fn merge(&mut self, other: Self) {
        self.own.merge(other.own);
        self.others = std::mem::take(&mut self.others).merge(other.others);
        self.has_others |= other.has_others;
    }

    /// Nests a whole router below a path.
    pub(super) fn nest(&mut self, path: &str, router: axum::Router) {
        self.others = std::mem::take(&mut self.others).nest(path, router);
        self.has_others = true;
    }

    /// Wraps the routes added so far in a layer.
    pub(super) fn layer(self, layer: impl RouteLayer) -> Self {
        Self { own: self.own.layer(&layer), others: self.others.layer(layer), has_others: self.has_others }
    }

    /// Returns the paths of WebSockets that no layer and no other router can get a request for.
    pub(super) fn upgrade_paths(&self) -> UpgradePaths {
        if self.has_others { UpgradePaths::default() } else { UpgradePaths::new(self.own.paths()) }
    }

    /// Returns all of them in one router.
    ///
    /// # Panics
    ///
    /// Panics if axum finds a method twice.
    pub(super) fn into_axum(self) -> axum::Router {
        self.own.into_routes().fold(self.others, |router, (path, routes)| router.route(&path, routes))
    }
}

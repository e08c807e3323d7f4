use super::{path_router::PathRouter, route_layer::RouteLayer, route_paths::RoutePaths};

/// All routes of a router.
#[derive(Clone, Default)]
pub(super) struct RouteSet {
    /// Routes of this router, and of those that were merged into it.
    pub(super) own: PathRouter,
    /// Nested routers, the routes of axum's routers, and the fallback.
    pub(super) others: axum::Router,
    /// Paths of axum's router.
    pub(super) other_paths: RoutePaths,
}

impl RouteSet {
    /// Adds the routes of another router.
    ///
    /// # Panics
    ///
    /// Panics if axum finds a method twice.
    pub(super) fn merge(&mut self, other: Self) {
        self.own.merge(other.own);
        self.others = unchecked(std::mem::take(&mut self.others)).merge(unchecked(other.others));
        self.other_paths.extend(other.other_paths);
    }

    /// Nests a whole router with these paths below a path.
    pub(super) fn nest(&mut self, path: &str, router: axum::Router, paths: &RoutePaths) {
        self.others = unchecked(std::mem::take(&mut self.others)).nest(path, router);
        self.other_paths.extend(paths.nested(path));
    }

    /// Wraps the routes added so far in a layer.
    pub(super) fn layer(self, layer: impl RouteLayer) -> Self {
        Self {
            own: self.own.layer(&layer),
            others: self.others.layer(layer),
            other_paths: self.other_paths.layered(),
        }
    }

    /// Returns the paths of all routes.
    pub(super) fn paths(&self) -> RoutePaths {
        let mut paths: RoutePaths = self.own.paths().collect();
        paths.extend(self.other_paths.clone());
        paths
    }

    /// Returns all of them in one router.
    ///
    /// # Panics
    ///
    /// Panics if axum finds a method twice.
    pub(super) fn into_axum(self) -> axum::Router {
        let others = unchecked(self.others);
        self.own.into_routes().fold(others, |router, (path, routes)| router.route(&path, routes))
    }
}

/// Returns a router that takes segments which begin with `:` or `*` as literals: in axum 0.7 they
/// were parameters. The syntax of paths is checked before.
fn unchecked(router: axum::Router) -> axum::Router {
    router.without_v07_checks()
}

use super::upgrade_paths::UpgradePaths;

/// Paths of a router's routes, in every encoded form, as far as they are known.
#[derive(Debug, Clone)]
pub(super) struct RoutePaths(Option<Vec<RoutePath>>);

#[derive(Debug, Clone)]
pub(super) struct RoutePath {
    pub(super) path: String,
    /// True if it is the path of a WebSocket without layers.
    pub(super) is_bare: bool,
}

impl Default for RoutePaths {
    fn default() -> Self {
        Self(Some(Vec::new()))
    }
}

impl FromIterator<RoutePath> for RoutePaths {
    fn from_iter<I: IntoIterator<Item = RoutePath>>(paths: I) -> Self {
        Self(Some(paths.into_iter().collect()))
    }
}

impl RoutePaths {
    /// Returns the paths of a router that cannot be read.
    pub(super) fn unknown() -> Self {
        Self(None)
    }

    /// Adds those of another router.
    pub(super) fn extend(&mut self, other: Self) {
        self.0 = self.0.take().zip(other.0).map(|(mut paths, others)| {
            paths.extend(others);
            paths
        });
    }

    /// Returns them below a prefix.
    pub(super) fn nested(&self, prefix: &str) -> Self {
        // axum joins them in the same way.
        let join = |path: &str| match path {
            "/" => prefix.to_owned(),
            path => format!("{}{path}", prefix.trim_end_matches('/')),
        };
        let nested =
            |RoutePath { path, is_bare }: &RoutePath| RoutePath { path: join(path), is_bare: *is_bare };
        Self(self.0.as_ref().map(|paths| paths.iter().map(nested).collect()))
    }

    /// Wraps the routes in a layer.
    pub(super) fn layered(self) -> Self {
        let layered = |RoutePath { path, .. }| RoutePath { path, is_bare: false };
        Self(self.0.map(|paths| paths.into_iter().map(layered).collect()))
    }

    /// Returns the paths of WebSockets that no layer and no foreign router can get a request for.
    pub(super) fn into_upgrade_paths(self) -> UpgradePaths {
        let paths = self.0.unwrap_or_default();
        UpgradePaths::new(paths.into_iter().map(|RoutePath { path, is_bare }| (path, is_bare)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(paths: &[(&str, bool)]) -> RoutePaths {
        paths.iter().map(|(path, is_bare)| RoutePath { path: (*path).into(), is_bare: *is_bare }).collect()
    }

    #[test]
    fn nested_paths_stand_behind_their_prefix() {
        for (prefix, root) in [("/api", "/api"), ("/api/", "/api/")] {
            let nested = paths(&[("/", true), ("/ws/{room}", true)]).nested(prefix).into_upgrade_paths();
            assert!(nested.contains(root) && nested.contains("/api/ws/a"), "{prefix}");
            assert!(!nested.contains("/") && !nested.contains("/ws/a"), "{prefix}");
        }
    }

    #[test]
    fn neither_layers_nor_unknown_routes_leave_any() {
        assert!(!paths(&[("/ws", true)]).layered().into_upgrade_paths().contains("/ws"));
        for (mut known, unknown) in [
            (paths(&[("/ws", true)]), RoutePaths::unknown()),
            (RoutePaths::unknown(), paths(&[("/ws", true)])),
        ] {
            known.extend(unknown);
            assert!(!known.into_upgrade_paths().contains("/ws"));
        }
    }
}

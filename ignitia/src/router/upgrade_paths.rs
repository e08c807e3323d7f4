use std::fmt;

/// Paths of WebSockets that no layer and no foreign router can get a request for, so that none of
/// them can miss hyper's `OnUpgrade` in its extensions.
#[derive(Clone, Default)]
pub(crate) struct UpgradePaths(matchit::Router<bool>);

impl UpgradePaths {
    /// Returns those of all paths that come with true. The others are known, too, because one of
    /// them may fit a request better. Fallbacks need not be: axum looks for a route first.
    pub(super) fn new(paths: impl IntoIterator<Item = (impl Into<String>, bool)>) -> Self {
        let mut router = matchit::Router::new();
        let inserted = paths.into_iter().try_for_each(|(path, is_bare)| router.insert(path, is_bare));
        // axum does not take such routes either.
        if inserted.is_ok() { Self(router) } else { Self::default() }
    }

    /// Returns true if a request for this path is one of a WebSocket.
    pub(crate) fn contains(&self, path: &str) -> bool {
        self.0.at(path).is_ok_and(|matched| *matched.value)
    }
}

impl fmt::Debug for UpgradePaths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpgradePaths").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_match_decides() {
        let paths = UpgradePaths::new([("/ws/{room}", true), ("/ws/about", false), ("/{*rest}", false)]);
        assert!(paths.contains("/ws/lobby"));
        for other in ["/ws/about", "/ws", "/ws/a/b", "/"] {
            assert!(!paths.contains(other), "{other}");
        }
        assert!(!UpgradePaths::default().contains("/ws/lobby"));
    }
}

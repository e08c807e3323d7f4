use super::{extension_set::ExtensionSet, upgrade_paths::UpgradePaths};

/// A router as our own server runs it.
#[derive(Debug, Clone)]
pub(crate) struct ServedRouter {
    pub(crate) router: axum::Router,
    /// Extensions of every request.
    pub(crate) extensions: ExtensionSet,
    /// Paths of upgrades that need no hyper.
    pub(crate) upgrade_paths: UpgradePaths,
}

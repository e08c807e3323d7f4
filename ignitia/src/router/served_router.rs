use std::sync::Arc;

use super::{extension_set::ExtensionSet, upgrade_paths::UpgradePaths};
use crate::connection::WebSocketConfig;

/// A router as our own server runs it.
#[derive(Debug, Clone)]
pub(crate) struct ServedRouter {
    pub(crate) router: axum::Router,
    /// Extensions of every request.
    pub(crate) extensions: ExtensionSet,
    /// Configuration of the WebSockets that have no other.
    pub(crate) config: Option<Arc<WebSocketConfig>>,
    /// Paths of upgrades that need no hyper.
    pub(crate) upgrade_paths: UpgradePaths,
    /// Paths of pages that are for this machine only.
    pub(crate) local_pages: Vec<String>,
}

use std::sync::Arc;

use super::endpoint_description::EndpointDescription;
use crate::connection::WebSocketConfig;

/// An endpoint on a router.
#[derive(Debug, Clone)]
pub(crate) struct MountedEndpoint {
    /// Path, as routers write it: `/rooms/{room}`.
    pub(crate) path: String,
    /// Fills the endpoint's description.
    pub(super) describe: fn(&mut EndpointDescription),
    /// Configuration of the route; `None` is the default one.
    pub(crate) config: Option<Arc<WebSocketConfig>>,
}

impl MountedEndpoint {
    pub(crate) fn new(
        path: &str,
        describe: fn(&mut EndpointDescription),
        config: Option<&WebSocketConfig>,
    ) -> Self {
        Self { path: path.to_owned(), describe, config: config.cloned().map(Arc::new) }
    }
}

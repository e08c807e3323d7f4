//! Configuration of a route, and its shutdown.

use std::sync::Arc;

use crate::{connection::WebSocketConfig, handshake::Rejection, shutdown::Shutdown};

/// Configuration that a router gives to its routes, in the request's extensions.
#[derive(Debug, Clone)]
pub(crate) struct RouterConfig(pub(crate) Arc<WebSocketConfig>);

/// Configuration and shutdown that a request is served with.
#[derive(Debug, Clone)]
pub(crate) struct RouteContext {
    pub(crate) config: Arc<WebSocketConfig>,
    pub(crate) shutdown: Shutdown,
}

impl RouteContext {
    /// Returns the rejection of a handshake while the shutdown drains.
    pub(super) fn draining(&self) -> Rejection {
        Rejection::Draining { retry_after: self.shutdown.config().retry_after.as_secs() }
    }
}

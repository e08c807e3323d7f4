//! Configuration of a route, and its shutdown.

use std::sync::Arc;

use crate::{connection::WebSocketConfig, shutdown::Shutdown};

/// Configuration that a router gives to its routes, in the request's extensions.
#[derive(Debug, Clone)]
pub(crate) struct RouterConfig(pub(crate) Arc<WebSocketConfig>);

/// Configuration and shutdown that a request is served with.
#[derive(Debug, Clone)]
pub(crate) struct RouteContext {
    pub(crate) config: Arc<WebSocketConfig>,
    pub(crate) shutdown: Shutdown,
}

use std::sync::Arc;

use super::direct_upgrade::DirectUpgrade;
use crate::{connection::WebSocketConfig, handshake::TransportSecurity};

/// Connection of a request as our own server knows it, in the extensions of the request.
#[derive(Debug, Clone)]
pub(crate) struct ServerConnection {
    pub(crate) security: TransportSecurity,
    /// Configuration of the routes that have no other.
    pub(crate) config: Option<Arc<WebSocketConfig>>,
    /// Upgrade of the connection, if it needs no hyper.
    pub(crate) upgrade: Option<DirectUpgrade>,
}

use super::direct_upgrade::DirectUpgrade;
use crate::handshake::TransportSecurity;

/// Connection of a request as our own server knows it, in the extensions of the request.
#[derive(Debug, Clone)]
pub(crate) struct ServerConnection {
    pub(crate) security: TransportSecurity,
    /// Upgrade of the connection, if it needs no hyper.
    pub(crate) upgrade: Option<DirectUpgrade>,
}

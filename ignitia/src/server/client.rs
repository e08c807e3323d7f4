use super::peer_addr::PeerAddr;
use crate::handshake::TransportSecurity;

/// Client of a connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Client {
    pub(super) peer: PeerAddr,
    pub(super) security: TransportSecurity,
}

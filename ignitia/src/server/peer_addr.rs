use std::{fmt, net::SocketAddr};

/// Address of the client of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PeerAddr {
    /// A network address: the other end of the connection, or the one in its PROXY header.
    Network(SocketAddr),
    /// A process on this machine that may open the file of the Unix socket.
    Local,
}

impl PeerAddr {
    pub(super) fn network(self) -> Option<SocketAddr> {
        match self {
            Self::Network(addr) => Some(addr),
            Self::Local => None,
        }
    }
}

impl fmt::Display for PeerAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(addr) => addr.fmt(f),
            Self::Local => f.write_str("this machine"),
        }
    }
}

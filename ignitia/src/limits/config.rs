use std::time::Duration;

use super::rate::Rate;

/// Limits for all WebSockets of a router together, and for those of one peer.
///
/// A handshake beyond a limit is refused *before* the upgrade, with `Retry-After`: with 429 if the
/// limit for its peer is reached, with 503 otherwise.
///
/// A peer is an IPv4 address or an IPv6 network of 64 bits, which is what one subscriber is given.
/// The address is that of the TCP connection or, behind reverse proxies, the one that they report:
/// see [`TrustedProxies`](super::TrustedProxies). The limits for each peer are not enforced if the
/// server does not know the address; axum's server knows it with
/// `into_make_service_with_connect_info::<SocketAddr>`.
///
/// [`Router::limits`](crate::Router::limits) sets limits for a router,
/// [`LimitsLayer`](super::LimitsLayer) sets them for routes of an `axum::Router`.
///
/// ```
/// use ignitia::{limits::{Limits, Rate}, prelude::*};
///
/// let limits = Limits::default()
///     .max_connections(50_000)
///     .max_connections_per_peer(100)
///     .handshake_rate(Rate::new(500, 2_000));
/// let router = Router::new().limits(limits);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Maximum number of WebSockets at a time. Each counts from its handshake until its handler has
    /// ended. Further handshakes get 503. Default `None`: no limit.
    pub max_connections: Option<usize>,
    /// Maximum number of WebSockets of each peer at a time. Further handshakes get 429. Default
    /// `None`: no limit.
    pub max_connections_per_peer: Option<usize>,
    /// Rate of handshakes of all peers together. Faster ones get 503. Default `None`: no limit.
    pub handshake_rate: Option<Rate>,
    /// Maximum number of bytes of incomplete messages that all connections together may hold. The
    /// connection whose bytes exceed it is closed with 1013. Default `None`: only
    /// `max_message_size` of each connection applies.
    pub max_incomplete_bytes: Option<usize>,
    /// Time in `Retry-After` of a refused handshake. Default 5 s.
    pub retry_after: Duration,
}

setters!(Limits {
    max_connections: Option<usize>,
    max_connections_per_peer: Option<usize>,
    handshake_rate: Option<Rate>,
    max_incomplete_bytes: Option<usize>,
    retry_after: Duration,
});

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_connections: None,
            max_connections_per_peer: None,
            handshake_rate: None,
            max_incomplete_bytes: None,
            retry_after: Duration::from_secs(5),
        }
    }
}

//! Limits for operators: how many WebSockets there may be, how fast they may come, and what they may hold, in all and for
//! each peer. What one connection may do is in [`WebSocketConfig`](crate::websocket::WebSocketConfig).

mod admission;
mod layer;
pub(crate) mod networks;
mod reassembly;
mod source;
mod token_bucket;
mod trusted_proxies;

use std::time::Duration;

pub use ipnet::IpNet;

pub(crate) use self::{
    admission::{Admission, Permit, Refusal},
    reassembly::{ReassemblyBudget, ReassemblyLease},
    source::Source,
    token_bucket::TokenBucket,
};
pub use self::{
    layer::{LimitsLayer, LimitsService},
    token_bucket::Rate,
    trusted_proxies::{ProxyHeader, TrustedProxies},
};

/// What all WebSockets of a router together, and those of one peer, may take. Whatever is beyond it is refused *before*
/// the upgrade: 503, or 429 where it is the peer's own share that is used up, with `Retry-After`.
///
/// A peer is an IPv4 address or an IPv6 network of 64 bits, which is what one subscriber is given. It is the address that
/// the connection comes from; behind reverse proxies, what they say: see [`TrustedProxies`].
/// Where the server does not tell the address (axum's does with `into_make_service_with_connect_info::<SocketAddr>`), the
/// limits for each peer are not kept.
///
/// [`Router::limits`](crate::Router::limits) sets them for a router, [`LimitsLayer`] for routes in somebody else's.
///
/// ```
/// use ignitia::{limits::{Limits, Rate}, prelude::*};
///
/// let limits = Limits {
///     max_connections: Some(50_000),
///     max_connections_per_peer: Some(100),
///     handshake_rate: Some(Rate { per_second: 500, burst: 2_000 }),
///     ..Default::default()
/// };
/// let router = Router::new().limits(limits);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// WebSockets at a time, from the handshake to the end of the handler. More get 503. Default `None`: no limit.
    pub max_connections: Option<usize>,
    /// The same for each peer. More get 429. Default `None`.
    pub max_connections_per_peer: Option<usize>,
    /// Handshakes, of all peers together. More get 503. Default `None`.
    pub handshake_rate: Option<Rate>,
    /// Bytes of messages that have not arrived as a whole, of all connections together. The connection whose bytes are one
    /// too many is closed with 1013. Default `None`: each connection has its `max_message_size`.
    pub max_incomplete_bytes: Option<usize>,
    /// When those who were refused may come again. Default 5 s.
    pub retry_after: Duration,
}

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

//! Limits for operators: how many WebSockets there may be, how fast they may come, and what they may hold, in all and for
//! each peer. What one connection may do is in [`WebSocketConfig`](crate::websocket::WebSocketConfig).

mod bucket;
mod gate;
mod incomplete;
mod layer;
mod peer;

use std::time::Duration;

pub use ipnet::IpNet;

pub(crate) use self::{
    bucket::Bucket,
    gate::{Gate, Permit, Refusal},
    incomplete::{Incomplete, Share},
};
pub use self::{
    bucket::Rate,
    layer::{LimitsLayer, LimitsService},
    peer::ProxyHeader,
};

/// What all WebSockets of a router together, and those of one peer, may take. Whatever is beyond it is refused *before*
/// the upgrade: 503, or 429 where it is the peer's own share that is used up, with `Retry-After`.
///
/// A peer is an IPv4 address or an IPv6 network of 64 bits, which is what one subscriber is given. It is the address that
/// the connection comes from; behind reverse proxies, what they say: see [`trusted_proxies`](Self::trusted_proxies).
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
///     trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
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
    /// Whose word counts on where a request comes from: with these addresses the peer is the rightmost one in
    /// [`proxy_header`](Self::proxy_header) that is none of theirs. Default: nobody's.
    pub trusted_proxies: Vec<IpNet>,
    /// Where the trusted proxies write it. Default `X-Forwarded-For`.
    pub proxy_header: ProxyHeader,
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
            trusted_proxies: Vec::new(),
            proxy_header: ProxyHeader::default(),
            retry_after: Duration::from_secs(5),
        }
    }
}

//! Limits for operators: number of WebSockets, rate of handshakes, and memory of incomplete
//! messages, in total and for each peer. The limits of a single connection are in
//! [`WebSocketConfig`](crate::websocket::WebSocketConfig).

// The route asks `Admission` (admission.rs) for a permit before it answers a handshake, and the
// connection keeps the permit until it ends.

mod admission;
mod config;
mod layer;
pub(crate) mod networks;
mod rate;
mod reassembly;
mod request_source;
mod token_bucket;
mod trusted_proxies;

pub use ipnet::IpNet;

pub(crate) use self::{
    admission::{Admission, Permit, Refusal},
    reassembly::ReassemblyLease,
    request_source::RequestSource,
    token_bucket::TokenBucket,
};
pub use self::{
    config::Limits,
    layer::{LimitsLayer, LimitsService},
    rate::Rate,
    trusted_proxies::{ProxyHeader, TrustedProxies},
};

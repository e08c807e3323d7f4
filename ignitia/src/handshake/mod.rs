//! Opening handshake as pure functions of the request's head: the upgrade of HTTP/1.1 and the
//! extended CONNECT of HTTP/2.
//!
//! [`check`] reads a request's head and returns an opening handshake or a [`Rejection`];
//! negotiation of the subprotocol and of the compression turns it into [`Accepted`], the successful
//! response. The route in `upgrade/` acts on them.

mod accept_key;
mod accepted;
mod byte_set;
mod extensions;
mod header_list;
mod headers;
mod host;
mod http1;
mod http2;
mod opening_handshake;
mod origin;
#[cfg(feature = "compression")]
mod permessage_deflate;
mod policy;
mod rejection;
mod subprotocol;
mod switching_head;
#[cfg(test)]
mod tests;
mod transport_security;

pub use self::origin::{AllowedOrigins, Origin, OriginPredicate};
pub(crate) use self::{
    accepted::Accepted,
    header_list::is_token,
    opening_handshake::{check, is_websocket_request},
    policy::HandshakePolicy,
    rejection::Rejection,
    transport_security::TransportSecurity,
};

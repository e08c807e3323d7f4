//! Server of our own: HTTP/1.1 and HTTP/2 on one port, TLS, and a graceful shutdown.
//!
//! A [`Server`] binds an [`Address`](address::Address) and becomes a [`BoundServer`], which runs an
//! [`Acceptor`](acceptor::Acceptor). That spawns a task for each connection, reads the PROXY
//! header, does the TLS handshake, and leaves the connection to a
//! [`ConnectionServer`](connection_server::ConnectionServer): that answers a first handshake itself,
//! and leaves all other requests to an [`HttpServer`](http_server::HttpServer).

mod accept;
mod acceptor;
mod activity;
mod address;
mod bound;
mod builder;
mod cleanup;
mod client;
mod config;
mod connection_server;
mod connection_service;
mod first_read;
mod head_limits;
mod head_tracker;
mod http1_timer;
mod http2;
mod http2_timer;
mod http_server;
mod listener;
#[cfg(not(feature = "tls"))]
mod no_tls;
mod nodelay_listener;
mod opened_connection;
mod peer_addr;
mod proxy_protocol;
mod request_router;
#[cfg(feature = "self-signed")]
mod self_signed;
mod shutdown_group;
mod signals;
#[cfg(unix)]
mod socket_file;
#[cfg(feature = "tls")]
mod tls;
mod upgrade_request;
mod upgrade_tracking;

#[cfg(not(feature = "tls"))]
pub use self::no_tls::TlsConfig;
#[cfg(feature = "tls")]
pub use self::tls::{TlsConfig, TlsFiles, TlsReloader, TlsVersion};
#[cfg(feature = "testing")]
pub(crate) use self::{acceptor::Acceptor, peer_addr::PeerAddr};
pub use self::{
    bound::BoundServer, builder::Server, config::ServerConfig, listener::Listener,
    proxy_protocol::ProxyProtocol,
};

//! What a server listens on, and what stands before a connection's first request.

mod clients;
mod proxy_protocol;
#[cfg(unix)]
mod unix_sockets;

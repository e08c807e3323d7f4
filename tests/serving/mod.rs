//! Listeners, and the bytes before the first request of a connection.

mod listeners;
mod proxy_protocol;
#[cfg(unix)]
mod unix_sockets;

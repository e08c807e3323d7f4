//! A raw client: it says over real sockets whatever bytes a test wants, and looks at every byte that comes back.

mod frame;
mod http2;
mod log;
mod request;
mod server;
mod socket;

use std::{future::Future, time::Duration};

pub(crate) use self::{
    frame::{BINARY, CLOSE, Frame, PING, PONG, TEXT, close, frame, header, text},
    http2::Http2Stream,
    log::Log,
    request::{Head, KEY, Request},
    server::{Running, Transport, certificate, echo, everywhere, loopback, over_http1, tcp, tls, try_tls},
    socket::{End, RawSocket},
};

/// How long anything that has to happen may take: much longer than it does on the slowest machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Waits for something that has to happen.
pub(crate) async fn within<F: Future>(what: &str, future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future)
        .await
        .unwrap_or_else(|_| panic!("{what}: nothing for {PATIENCE:?}"))
}

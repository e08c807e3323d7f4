use std::{net::SocketAddr, time::Duration};

use tokio::io::DuplexStream;

use super::{
    pipe::{Reset, ServerEnd},
    request::{TestRequest, TestResponse},
    socket::TestSocket,
};
use crate::{error::Result, handshake::Security, router::IntoRouter, server::Acceptor, shutdown::Shutdown};

/// What a pipe holds in each direction before writing to it waits, as a kernel's socket buffers do.
const PIPE: usize = 64 << 10;

/// Connects to a router in-process.
#[derive(Debug, Clone)]
pub struct TestClient {
    acceptor: Acceptor,
    pipe: usize,
    deadline: Duration,
}

impl TestClient {
    /// A client of these routes.
    ///
    /// # Errors
    ///
    /// [`Error::is_route`](crate::Error::is_route), as [`Router::into_axum`](crate::Router::into_axum).
    pub fn new(router: impl IntoRouter) -> Result<Self> {
        let acceptor = Acceptor::new(router.into_router(), Shutdown::new)?;
        Ok(Self { acceptor, pipe: PIPE, deadline: Duration::from_secs(5) })
    }

    /// How many bytes may be under way in each direction before the writer has to wait. Default 64 KiB.
    #[must_use]
    pub fn pipe_capacity(mut self, bytes: usize) -> Self {
        self.pipe = bytes;
        self
    }

    /// How long everything that is expected may take. Default 5 s, on tokio's clock.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The handle that drains the routes, as a stopping server does; nested routers with a `Shutdown` of their own have
    /// that.
    pub fn shutdown(&self) -> Shutdown {
        self.acceptor.shutdown.clone()
    }

    /// Opens a WebSocket.
    ///
    /// # Panics
    ///
    /// If it is refused.
    pub async fn connect(&self, path_and_query: &str) -> TestSocket {
        self.request(path_and_query).connect().await
    }

    /// Prepares a request: headers and subprotocols can be added before it connects.
    pub fn request(&self, path_and_query: &str) -> TestRequest {
        TestRequest::new(self.clone(), path_and_query)
    }

    /// Sends a plain GET request.
    ///
    /// # Panics
    ///
    /// If there is no answer.
    pub async fn get(&self, path_and_query: &str) -> TestResponse {
        self.request(path_and_query).get().await
    }

    /// Opens a new connection to the router.
    pub(super) fn open(&self) -> (DuplexStream, Reset) {
        let (ours, pipe) = tokio::io::duplex(self.pipe);
        let reset = Reset::default();
        let end = ServerEnd { pipe, reset: reset.clone() };
        let peer = SocketAddr::from(([127, 0, 0, 1], 1));
        // It serves on while the routes drain: a test may want to see what they answer then.
        self.acceptor.spawn(|acceptor| acceptor.serve(end, peer, Security::Plain, std::future::pending()));
        (ours, reset)
    }

    pub(super) fn patience(&self) -> Duration {
        self.deadline
    }
}

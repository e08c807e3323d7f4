use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::io::DuplexStream;

use super::{
    cookies::CookieJar,
    pipe::{PipeReset, ServerEnd},
};
use crate::{
    error::Result,
    router::IntoRouter,
    server::{Acceptor, PeerAddr},
    shutdown::Shutdown,
    stream::AcceptedStream,
};

/// Default capacity of a pipe in each direction, as a kernel's socket buffer has one.
const PIPE_CAPACITY: usize = 64 << 10;

/// Opens in-process connections to a router, with the settings of one client.
#[derive(Debug, Clone)]
pub(super) struct Connector {
    acceptor: Arc<Acceptor>,
    pub(super) pipe_capacity: usize,
    pub(super) deadline: Duration,
    pub(super) cookies: Option<CookieJar>,
}

impl Connector {
    pub(super) fn new(router: impl IntoRouter) -> Result<Self> {
        let acceptor = Acceptor::new(router.into_router(), Shutdown::new)?.into();
        Ok(Self { acceptor, pipe_capacity: PIPE_CAPACITY, deadline: Duration::from_secs(5), cookies: None })
    }

    pub(super) fn shutdown(&self) -> Shutdown {
        self.acceptor.shutdown().clone()
    }

    /// Opens a new connection to the router.
    pub(super) fn open(&self) -> (DuplexStream, PipeReset) {
        let (ours, pipe) = tokio::io::duplex(self.pipe_capacity);
        let reset = PipeReset::default();
        let end = AcceptedStream::Other(Box::new(ServerEnd { pipe, reset: reset.clone() }));
        let peer = PeerAddr::Network(SocketAddr::from(([127, 0, 0, 1], 1)));
        // It goes on serving while the routes drain: a test may want to see the responses then.
        self.acceptor.spawn(move |acceptor| acceptor.serve_plain(end, peer, std::future::pending()));
        (ours, reset)
    }
}

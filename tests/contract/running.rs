//! A user's server on a free port of this machine.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ignitia::{DrainReport, IntoRouter, prelude::*};
use tokio::{net::TcpStream, sync::oneshot, task::JoinHandle};

use crate::raw::{RawSocket, within};

/// Any free port.
pub(super) const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

pub(super) struct Running {
    pub(super) addr: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Result<DrainReport>>,
}

impl Running {
    pub(super) async fn start(server: Server) -> Self {
        let (stop, stopped) = oneshot::channel();
        let server = server.with_graceful_shutdown(async {
            // A test that fails drops the sender: the server ends then too.
            let _ = stopped.await;
        });
        let bound = server.bind().await.unwrap();
        Self { addr: bound.local_addr(), stop, served: tokio::spawn(bound.run()) }
    }

    /// One without TLS, with the defaults.
    pub(super) async fn plain(router: impl IntoRouter) -> Self {
        Self::start(Server::new(router, ANY_PORT)).await
    }

    pub(super) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.addr).await.unwrap()
    }

    /// Opens a WebSocket without TLS.
    pub(super) async fn open(&self, path: &str) -> RawSocket {
        let mut socket = RawSocket::from(self.connect().await);
        socket.upgrade(path).await;
        socket
    }

    /// Completes the future that the server was given.
    pub(super) fn stop(self) -> Stopping {
        self.stop.send(()).expect("the server serves until it is told to stop");
        Stopping(self.served)
    }
}

/// A server that drains.
pub(super) struct Stopping(JoinHandle<Result<DrainReport>>);

impl Stopping {
    /// Waits for the end of the server.
    pub(super) async fn report(self) -> DrainReport {
        within("the end of the server", self.0).await.unwrap().unwrap()
    }
}

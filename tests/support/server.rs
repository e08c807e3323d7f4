//! Real servers on ports of their own.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, LazyLock},
    time::Duration,
};

use ignitia::{DrainConfig, DrainReport, IntoRouter, Server, ServerConfig, Shutdown, TlsConfig};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};
use tokio_rustls::{TlsConnector, client::TlsStream, rustls::pki_types::ServerName};

use super::{
    http2::Http2Stream,
    identity::Identity,
    request::{Head, Request},
    socket::RawSocket,
    wait::{DEADLINE, within},
};

/// Server and protocol that routes are served by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    /// Our own server, plain.
    Plain,
    /// Our own server, over TLS.
    Tls,
    /// `axum::serve`.
    Axum,
    /// Our own server, plain, over HTTP/2.
    Http2,
}

/// Runs a test over every transport, each time with a new server.
pub(crate) async fn everywhere<R: IntoRouter>(router: impl Fn() -> R, test: impl AsyncFnMut(Running)) {
    over(&Transport::ALL, router, test).await;
}

/// The same over HTTP/1.1 only, for tests of its text.
pub(crate) async fn over_http1<R: IntoRouter>(router: impl Fn() -> R, test: impl AsyncFnMut(Running)) {
    over(&[Transport::Plain, Transport::Tls, Transport::Axum], router, test).await;
}

async fn over<R: IntoRouter>(
    transports: &[Transport],
    router: impl Fn() -> R,
    mut test: impl AsyncFnMut(Running),
) {
    for transport in transports {
        println!("served by {transport:?}");
        test(transport.serve(router()).await).await;
    }
}

impl Transport {
    pub(crate) const ALL: [Self; 4] = [Self::Plain, Self::Tls, Self::Axum, Self::Http2];

    /// Serves these routes until [`Running`] is stopped or dropped.
    pub(crate) async fn serve(self, router: impl IntoRouter) -> Running {
        // No connection is aborted on a slow machine.
        let drain =
            DrainConfig::default().notice(Duration::ZERO).jitter(Duration::ZERO).timeout(3 * DEADLINE);
        self.serve_until(router, Shutdown::with_config(drain)).await
    }

    /// Serves these routes with a shutdown of the test.
    pub(crate) async fn serve_until(self, router: impl IntoRouter, shutdown: Shutdown) -> Running {
        let router = router.into_router().shutdown(shutdown.clone());
        if self == Transport::Axum {
            let (stop, stopped) = oneshot::channel::<()>();
            let listener = TcpListener::bind(loopback()).await.unwrap();
            let addr = listener.local_addr().unwrap();
            let app = router.into_axum().unwrap();
            let done = tokio::spawn(async move {
                tokio::select! {
                    served = axum::serve(listener, app) => panic!("axum ended: {served:?}"),
                    report = async { let _ = stopped.await; shutdown.drain().await } => report,
                }
            });
            return Running { transport: self, addr, stop, done };
        }
        self.serve_with(router, ServerConfig::default()).await
    }

    /// Serves these routes by our own server, with this configuration.
    pub(crate) async fn serve_with(self, router: impl IntoRouter, config: ServerConfig) -> Running {
        assert_ne!(self, Transport::Axum, "it has no such settings");
        let tls = (self == Transport::Tls).then(certificate);
        let config = ServerConfig { tls, ..config };
        Running {
            transport: self,
            ..Running::of(Server::new(router, loopback()).with_server_config(config)).await
        }
    }
}

/// Returns the certificate of [`Transport::Tls`].
pub(crate) fn certificate() -> TlsConfig {
    IDENTITY.config()
}

/// Returns an address of this machine with any free port.
pub(crate) fn loopback() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// A server that runs in the test's own runtime. Dropped, it drains.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) transport: Transport,
    pub(crate) addr: SocketAddr,
    stop: oneshot::Sender<()>,
    done: JoinHandle<DrainReport>,
}

impl Running {
    /// Serves a server that was configured elsewhere. Clients treat it as [`Transport::Plain`].
    pub(crate) async fn of(server: Server) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async {
            let _ = stopped.await;
        };
        let bound = server.with_graceful_shutdown(stopped).bind().await.unwrap();
        let addr = bound.local_addr();
        let done = tokio::spawn(async move { bound.run().await.unwrap() });
        Running { transport: Transport::Plain, addr, stop, done }
    }

    /// Serves these routes with the defaults of a server.
    pub(crate) async fn with_defaults(router: impl IntoRouter) -> Self {
        Self::of(Server::new(router, loopback())).await
    }

    /// Drains the server and waits for its end.
    pub(crate) async fn report(self) -> DrainReport {
        within("the end of the server", self.stop()).await.unwrap()
    }

    /// Begins the drain. The task ends with it.
    pub(crate) fn stop(self) -> JoinHandle<DrainReport> {
        drop(self.stop);
        self.done
    }

    /// Connects, with a TLS handshake if the transport has one.
    pub(crate) async fn connect(&self) -> RawSocket {
        self.over(tcp(self.addr, None).await, None).await
    }

    /// Connects with HTTP/2, whatever the transport is.
    pub(crate) async fn connect_http2(&self) -> RawSocket {
        let tcp = tcp(self.addr, None).await;
        if self.transport == Transport::Tls {
            Http2Stream::connect(tls(tcp, b"h2").await, None).await.into()
        } else {
            Http2Stream::connect(tcp, None).await.into()
        }
    }

    /// Connects with a receive buffer as small as the kernel allows.
    pub(crate) async fn connect_narrow(&self) -> RawSocket {
        self.over(tcp(self.addr, Some(4096)).await, Some(4096)).await
    }

    async fn over(&self, tcp: TcpStream, window: Option<u32>) -> RawSocket {
        match self.transport {
            Transport::Plain | Transport::Axum => tcp.into(),
            Transport::Tls => tls(tcp, b"http/1.1").await.into(),
            Transport::Http2 => Http2Stream::connect(tcp, window).await.into(),
        }
    }

    /// Sends a request on a new connection and reads the head of the answer.
    pub(crate) async fn ask(&self, request: &Request) -> (Head, RawSocket) {
        let mut socket = self.connect().await;
        let head = socket.ask(request).await;
        (head, socket)
    }

    /// Opens a WebSocket.
    pub(crate) async fn open(&self, path: &str) -> RawSocket {
        let mut socket = self.connect().await;
        socket.upgrade(path).await;
        socket
    }
}

/// Opens a TCP connection without Nagle's algorithm.
pub(crate) async fn tcp(addr: SocketAddr, receive_buffer: Option<u32>) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    if let Some(size) = receive_buffer {
        socket.set_recv_buffer_size(size).unwrap();
    }
    let stream = within("the TCP connection", socket.connect(addr)).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Opens a TLS connection to `localhost` that offers one protocol and trusts the certificate of
/// [`Transport::Tls`].
pub(crate) async fn tls(tcp: TcpStream, protocol: &[u8]) -> TlsStream<TcpStream> {
    let stream = try_tls(tcp, protocol).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(protocol));
    stream
}

/// The same, without expecting that the certificate is trusted.
pub(crate) async fn try_tls(tcp: TcpStream, protocol: &[u8]) -> io::Result<TlsStream<TcpStream>> {
    let mut client = IDENTITY.client();
    client.alpn_protocols = vec![protocol.to_vec()];
    let name = ServerName::try_from("localhost").unwrap();
    within("the TLS handshake", TlsConnector::from(Arc::new(client)).connect(name, tcp)).await
}

/// The certificate of all tests that need no other one.
static IDENTITY: LazyLock<Identity> = LazyLock::new(Identity::new);

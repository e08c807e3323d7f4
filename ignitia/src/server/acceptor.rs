use std::{
    future::Future,
    io,
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

#[cfg(feature = "tls")]
use super::tls::ServerTls;
use super::{
    accept::Accept, cleanup::Cleanup, config::ServerConfig, head_limits::HeadLimits, http_server::HttpServer,
    peer_addr::PeerAddr, proxy_protocol::ProxyProtocol,
};
use crate::{
    error::Result, handshake::TransportSecurity, router::Router, shutdown::Shutdown, stream::AcceptedStream,
};

/// Pause after an error that the next accept would meet again, such as too many open files.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(100);

/// Time that a connection has after an abort to reset its streams.
const STREAM_RESET_TIME: Duration = Duration::from_millis(250);

/// Accepts connections and serves each in a task of its own, which a drain waits for.
#[derive(Debug, Clone)]
pub struct Acceptor {
    pub(super) http: HttpServer,
    /// Shutdowns that nested and merged routers were given for their routes.
    pub(super) nested: Vec<Shutdown>,
    pub(super) proxy_protocol: Option<Arc<ProxyProtocol>>,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<ServerTls>,
}

impl Acceptor {
    /// Returns an acceptor with the defaults of [`ServerConfig`]. It uses the router's own
    /// shutdown, or else the given one.
    pub(crate) fn new(mut router: Router, shutdown: impl FnOnce() -> Shutdown) -> Result<Self> {
        let shutdown = router.given_shutdown().unwrap_or_else(shutdown);
        router.insert(shutdown.clone());
        let nested = router.nested_shutdowns();
        let config = ServerConfig::default();
        let http = HttpServer {
            router: router.into_axum()?,
            shutdown,
            head_limits: HeadLimits::from(&config),
            header_read_timeout: config.header_read_timeout,
            keep_alive_timeout: config.keep_alive_timeout,
        };
        Ok(Self {
            http,
            nested,
            proxy_protocol: None,
            #[cfg(feature = "tls")]
            tls: None,
        })
    }

    pub(crate) fn shutdown(&self) -> &Shutdown {
        &self.http.shutdown
    }

    /// Accepts connections until a drain begins.
    pub(super) async fn run<L: Accept>(self, listener: L, cleanup: Cleanup) {
        let mut draining = pin!(self.shutdown().draining());
        loop {
            let accepted = tokio::select! {
                biased;
                () = &mut draining => break,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => self.spawn_connection(stream, peer),
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "cannot accept connections for now");
                    tokio::time::sleep(ACCEPT_BACKOFF).await;
                }
            }
        }
        // In this order: once the listener is closed, another server may take the address.
        drop(cleanup);
        drop(listener);
    }

    // Not generic, so that a connection is compiled once, not for each listener.
    fn spawn_connection(&self, stream: AcceptedStream, peer: PeerAddr) {
        self.spawn(|acceptor| acceptor.serve_connection(stream, peer));
    }

    /// Keeps the certificate up to date. Never completes.
    pub(super) fn watch_certificate(&self) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        #[cfg(feature = "tls")]
        let tls = self.tls.clone();
        Box::pin(async move {
            #[cfg(feature = "tls")]
            if let Some(tls) = tls {
                tls.watch_files().await;
            }
            std::future::pending().await
        })
    }

    /// Serves a connection in a task of its own.
    ///
    /// After an abort the task gets a moment: the WebSockets on the connection are cut off first,
    /// and end as aborted, not for the loss of their connection.
    pub(crate) fn spawn<F>(&self, connection: impl FnOnce(Self) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let connection = connection(self.clone());
        let shutdown = self.shutdown().clone();
        // Boxed: a spawned future is moved several times on its way, and once more as it ends.
        self.shutdown().spawn_boxed(Box::pin(async move {
            let mut connection = pin!(connection);
            tokio::select! {
                () = &mut connection => {}
                () = shutdown.aborting() => {
                    let _ = tokio::time::timeout(STREAM_RESET_TIME, connection).await;
                }
            }
        }));
    }

    /// Serves plain HTTP on a connection, until `end` completes.
    #[cfg(feature = "testing")]
    pub(crate) async fn serve_plain(
        self,
        stream: AcceptedStream,
        peer: PeerAddr,
        end: impl Future<Output = ()>,
    ) {
        self.http.serve(stream, peer, TransportSecurity::Plain, end).await;
    }

    async fn serve_connection(self, mut stream: AcceptedStream, peer: PeerAddr) {
        let Some(peer) = self.client_address(&mut stream, peer).await else { return };
        #[cfg(feature = "tls")]
        if let Some(tls) = self.tls.clone() {
            // Boxed: its future is large, and plain connections are not to pay for it.
            return Box::pin(self.serve_tls(tls, stream, peer)).await;
        }
        self.http.serve_until_drain(stream, peer, TransportSecurity::Plain).await;
    }

    /// Returns the client's address: the peer's, or the one in the PROXY header. `None` if the
    /// header is required, but missing or malformed, or if a drain begins.
    async fn client_address(&self, stream: &mut AcceptedStream, peer: PeerAddr) -> Option<PeerAddr> {
        let Some(proxies) = &self.proxy_protocol else { return Some(peer) };
        let client = tokio::select! {
            client = proxies.client_address(stream, peer) => client,
            () = self.shutdown().draining() => return None,
        };
        client.inspect_err(|error| tracing::debug!(%peer, %error, "the PROXY header cannot be read")).ok()
    }

    #[cfg(feature = "tls")]
    async fn serve_tls(self, tls: ServerTls, stream: AcceptedStream, peer: PeerAddr) {
        let handshake = crate::time::GraceTimeout::new(tls.handshake_timeout)
            .with(tls.reloader.acceptor().accept(stream));
        let stream = tokio::select! {
            stream = handshake => stream,
            () = self.shutdown().draining() => return,
        };
        match stream {
            Some(Ok(stream)) => {
                let stream = AcceptedStream::Other(Box::new(stream));
                self.http.serve_until_drain(stream, peer, TransportSecurity::Tls).await;
            }
            Some(Err(error)) => tracing::debug!(%peer, %error, "the TLS handshake failed"),
            None => tracing::debug!(%peer, "the TLS handshake took too long"),
        }
    }
}

/// Returns true for errors of a single connection, which failed before it was accepted.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset
    )
}

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
    accept::Accept, cleanup::Cleanup, client::Client, config::ServerConfig,
    connection_server::ConnectionServer, head_limits::HeadLimits, http_server::HttpServer,
    peer_addr::PeerAddr, proxy_protocol::ProxyProtocol, request_router::RequestRouter,
};
use crate::{
    error::Result,
    handshake::TransportSecurity,
    router::Router,
    shutdown::{Continuation, Shutdown},
    stream::AcceptedStream,
};

/// Pause after an error that the next accept would meet again, such as too many open files.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(100);

/// Time that a connection has after an abort to reset its streams.
const STREAM_RESET_TIME: Duration = Duration::from_millis(250);

/// Accepts connections and serves each in a task of its own, which a drain waits for.
#[derive(Debug)]
pub struct Acceptor {
    pub(super) connections: ConnectionServer,
    /// Shutdowns that nested and merged routers were given for their routes.
    pub(super) nested: Vec<Shutdown>,
    pub(super) proxy_protocol: Option<ProxyProtocol>,
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
        let router = RequestRouter { served: router.into_served()?, head_limits: HeadLimits::from(&config) };
        let http = HttpServer {
            router,
            shutdown,
            header_read_timeout: config.header_read_timeout,
            keep_alive_timeout: config.keep_alive_timeout,
        };
        Ok(Self {
            connections: ConnectionServer { http },
            nested,
            proxy_protocol: None,
            #[cfg(feature = "tls")]
            tls: None,
        })
    }

    /// Returns the path of a page that is for this machine only, if there is one.
    pub(super) fn local_page(&self) -> Option<&str> {
        self.connections.http.router.served.local_pages.first().map(String::as_str)
    }

    pub(crate) fn shutdown(&self) -> &Shutdown {
        &self.connections.http.shutdown
    }

    /// Accepts connections until a drain begins.
    pub(super) async fn run<L: Accept>(self: Arc<Self>, listener: L, cleanup: Cleanup) {
        let mut draining = pin!(self.shutdown().draining());
        while !self.shutdown().is_draining() {
            let accepted = tokio::select! {
                biased;
                accepted = listener.accept() => accepted,
                () = &mut draining => break,
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
    fn spawn_connection(self: &Arc<Self>, stream: AcceptedStream, peer: PeerAddr) {
        self.spawn(move |acceptor| acceptor.serve_connection(stream, peer));
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

    /// Serves a connection in a task of its own. If it becomes a WebSocket, the task goes on as the
    /// connection task.
    ///
    /// After an abort the task gets a moment: the WebSockets on the connection are cut off first,
    /// and end as aborted, not for the loss of their connection.
    pub(crate) fn spawn<F>(self: &Arc<Self>, connection: impl FnOnce(Arc<Self>) -> F + Send + 'static)
    where
        F: Future<Output = Option<Continuation>> + Send + 'static,
    {
        let shutdown = self.shutdown().clone();
        let acceptor = self.clone();
        // Boxed: a spawned future is moved several times on its way, and once more as it ends. Its
        // memory is not needed while the connection is a WebSocket.
        let served = Box::pin(async move {
            tokio::select! {
                biased;
                continuation = connection(acceptor) => continuation,
                () = reset(&shutdown) => None,
            }
        });
        self.shutdown().spawn(async move {
            if let Some(websocket) = served.await {
                websocket.await;
            }
        });
    }

    /// Serves plain HTTP on a connection, until `end` completes.
    #[cfg(feature = "testing")]
    pub(crate) async fn serve_plain(
        self: Arc<Self>,
        stream: AcceptedStream,
        peer: PeerAddr,
        end: impl Future<Output = ()>,
    ) -> Option<Continuation> {
        let client = Client { peer, security: TransportSecurity::Plain };
        self.connections.serve(stream, client, pin!(end)).await
    }

    async fn serve_connection(
        self: Arc<Self>,
        mut stream: AcceptedStream,
        peer: PeerAddr,
    ) -> Option<Continuation> {
        let peer = match &self.proxy_protocol {
            // Boxed: its future is large, and other connections are not to pay for it.
            Some(proxies) => Box::pin(self.client_address(proxies, &mut stream, peer)).await?,
            None => peer,
        };
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            // Boxed, too.
            return Box::pin(self.serve_tls(tls, stream, peer)).await;
        }
        let client = Client { peer, security: TransportSecurity::Plain };
        self.connections.serve_until_drain(stream, client).await
    }

    /// Returns the client's address in the PROXY header. `None` if the header is required, but
    /// missing or malformed, or if a drain begins.
    async fn client_address(
        &self,
        proxies: &ProxyProtocol,
        stream: &mut AcceptedStream,
        peer: PeerAddr,
    ) -> Option<PeerAddr> {
        let client = tokio::select! {
            client = proxies.client_address(stream, peer) => client,
            () = self.shutdown().draining() => return None,
        };
        client.inspect_err(|error| tracing::debug!(%peer, %error, "the PROXY header cannot be read")).ok()
    }

    #[cfg(feature = "tls")]
    async fn serve_tls(
        &self,
        tls: &ServerTls,
        stream: AcceptedStream,
        peer: PeerAddr,
    ) -> Option<Continuation> {
        let handshake = crate::time::GraceTimeout::new(tls.handshake_timeout)
            .with(tls.reloader.acceptor().accept(stream));
        let stream = tokio::select! {
            stream = handshake => stream,
            () = self.shutdown().draining() => return None,
        };
        match stream {
            Some(Ok(stream)) => {
                let client = Client { peer, security: TransportSecurity::Tls };
                let stream = AcceptedStream::Other(Box::new(stream));
                return self.connections.serve_until_drain(stream, client).await;
            }
            Some(Err(error)) => tracing::debug!(%peer, %error, "the TLS handshake failed"),
            None => tracing::debug!(%peer, "the TLS handshake took too long"),
        }
        None
    }
}

/// Waits for an abort, and for the time that streams have to be reset.
async fn reset(shutdown: &Shutdown) {
    shutdown.aborting().await;
    // Boxed: only an abort needs it.
    Box::pin(tokio::time::sleep(STREAM_RESET_TIME)).await;
}

/// Returns true for errors of a single connection, which failed before it was accepted.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset
    )
}

//! From a listener to served connections, each in a task of its own that the drain waits for.

use std::{
    future::{Future, Ready, ready},
    io,
    pin::pin,
    sync::Arc,
    time::Duration,
};

use axum::{
    extract::{ConnectInfo, Request},
    routing::future::RouteFuture,
};
use axum_core::body::Body;
use http::Version;
use http_body::Body as _;
use hyper::{body::Incoming, service::Service as HyperService};
use hyper_util::{rt::TokioIo, server::conn::auto};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::either::Either;
use tower_service::Service as _;

#[cfg(feature = "tls")]
use super::tls::Tls;
use super::{
    activity::{Activity, Quiet},
    address::Place,
    config::ServerConfig,
    http2::{self, Tracked},
    listener::{Listener, Source},
    proxy_protocol::ProxyProtocol,
    request_head::HeadLimits,
    timer::HeadTimer,
    upgrades,
};
use crate::{
    error::Result,
    handshake::Security,
    router::Router,
    shutdown::Shutdown,
    stream::{ObservedStream, ReadClosed},
};

/// How long to wait after an error that the next accept would meet again, such as too many open files.
const BACK_OFF: Duration = Duration::from_millis(100);

/// How long a connection may outlive an abort, to reset the streams on it.
const FAREWELL: Duration = Duration::from_millis(250);

/// How long a connection without a request is kept when its client has been told that it ends.
pub(super) const PARTING: Duration = Duration::from_millis(500);

/// Everything that a new connection needs.
#[derive(Debug, Clone)]
pub(crate) struct Acceptor {
    router: axum::Router,
    pub(crate) shutdown: Shutdown,
    /// What drains the routes of nested and merged routers.
    pub(super) nested: Vec<Shutdown>,
    pub(super) header_read_timeout: Duration,
    pub(super) head: HeadLimits,
    pub(super) keep_alive_timeout: Duration,
    pub(super) proxy_protocol: Option<Arc<ProxyProtocol>>,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<Tls>,
}

impl Acceptor {
    /// Takes the router's own shutdown, or else this one.
    pub(crate) fn new(mut router: Router, shutdown: impl FnOnce() -> Shutdown) -> Result<Self> {
        let shutdown = router.given_shutdown().unwrap_or_else(shutdown);
        router.insert(shutdown.clone());
        let nested = router.nested_shutdowns();
        let config = ServerConfig::default();
        Ok(Self {
            router: router.into_axum()?,
            shutdown,
            nested,
            head: HeadLimits::from(&config),
            header_read_timeout: config.header_read_timeout,
            keep_alive_timeout: config.keep_alive_timeout,
            proxy_protocol: None,
            #[cfg(feature = "tls")]
            tls: None,
        })
    }

    /// Accepts until a drain begins.
    pub(super) async fn run<L: Listener>(self, listener: L, place: Place) {
        let mut draining = pin!(self.shutdown.draining());
        loop {
            let accepted = tokio::select! {
                biased;
                () = &mut draining => break,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, source)) => {
                    self.spawn(|acceptor| acceptor.connection(stream, source));
                }
                Err(error) if is_the_clients(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "cannot accept connections for now");
                    tokio::time::sleep(BACK_OFF).await;
                }
            }
        }
        // In this order: once the listener is closed the place may be another server's.
        drop(place);
        drop(listener);
    }

    /// Keeps the certificate up to date. Never completes.
    pub(super) fn watch(&self) -> impl Future<Output = ()> + Send + use<> {
        #[cfg(feature = "tls")]
        let tls = self.tls.clone();
        async move {
            #[cfg(feature = "tls")]
            if let Some(tls) = tls {
                tls.watch().await;
            }
            std::future::pending().await
        }
    }

    /// Serves a connection in a task of its own, until an abort: then the WebSockets on it are cut off first, and not
    /// for the loss of their connection.
    pub(crate) fn spawn<F>(&self, connection: impl FnOnce(Self) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        // What is spawned is moved several times on its way, and once more, as a whole, when it has ended.
        let mut connection = Box::pin(connection(self.clone()));
        let shutdown = self.shutdown.clone();
        self.shutdown.spawn(async move {
            tokio::select! {
                () = &mut connection => {}
                () = shutdown.aborting() => {
                    let _ = tokio::time::timeout(FAREWELL, connection).await;
                }
            }
        });
    }

    async fn connection<T>(self, mut stream: T, source: Source)
    where
        T: AsyncRead + AsyncWrite + ReadClosed + Unpin + Send + 'static,
    {
        let Some(source) = self.introduce(&mut stream, source).await else { return };
        #[cfg(feature = "tls")]
        if let Some(tls) = self.tls.clone() {
            // It is large, and nobody else shall pay for that.
            return Box::pin(self.encrypted(tls, stream, source)).await;
        }
        self.serve_until_drain(stream, source, Security::Plain).await;
    }

    /// Where a connection comes from, unless it has to be told by its proxy and is not.
    async fn introduce(&self, stream: &mut (impl AsyncRead + Unpin), source: Source) -> Option<Source> {
        let Some(proxies) = &self.proxy_protocol else { return Some(source) };
        let introduced = tokio::select! {
            introduced = proxies.introduce(stream, source) => introduced,
            () = self.shutdown.draining() => return None,
        };
        introduced.inspect_err(|error| tracing::debug!(%source, %error, "the PROXY header failed")).ok()
    }

    #[cfg(feature = "tls")]
    async fn encrypted<T>(self, tls: Tls, stream: T, source: Source)
    where
        T: AsyncRead + AsyncWrite + ReadClosed + Unpin + Send + 'static,
    {
        let handshake = crate::time::GraceTimeout::new(tls.handshake_timeout)
            .with(tls.reloader.acceptor().accept(stream));
        let stream = tokio::select! {
            stream = handshake => stream,
            () = self.shutdown.draining() => return,
        };
        match stream {
            Some(Ok(stream)) => self.serve_until_drain(stream, source, Security::Tls).await,
            Some(Err(error)) => tracing::debug!(%source, %error, "the TLS handshake failed"),
            None => tracing::debug!(%source, "the TLS handshake took too long"),
        }
    }

    /// Serves requests until a drain begins, and the one that is under way then.
    async fn serve_until_drain<T>(self, stream: T, source: Source, security: Security)
    where
        T: AsyncRead + AsyncWrite + ReadClosed + Unpin + Send + 'static,
    {
        let shutdown = self.shutdown.clone();
        self.serve(stream, source, security, shutdown.draining()).await;
    }

    /// Serves requests until `last` completes, and the one that is under way then.
    pub(crate) async fn serve<T>(
        self,
        stream: T,
        source: Source,
        security: Security,
        last: impl Future<Output = ()>,
    ) where
        T: AsyncRead + AsyncWrite + ReadClosed + Unpin + Send + 'static,
    {
        let activity = Activity::begin();
        let (head, idle) = (self.header_read_timeout, self.keep_alive_timeout);
        let mut builder =
            auto::Builder::new(Tracked { shutdown: self.shutdown.clone(), activity: activity.clone() });
        // The timer knows better than hyper how long it is.
        let timer = HeadTimer { activity: activity.clone(), head, idle };
        builder.http1().timer(timer).header_read_timeout(Duration::ZERO);
        http2::configure(&mut builder);
        self.head.configure(&mut builder);
        let routes =
            Routes { router: self.router, head: self.head, source, security, activity: activity.clone() };
        let (wire, routes) = upgrades::watched(ObservedStream::new(stream, activity.clone()), routes);
        let mut connection = pin!(builder.serve_connection_with_upgrades(TokioIo::new(wire), routes));
        let served = tokio::select! {
            biased;
            served = &mut connection => served,
            () = last => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
            quiet = activity.quiet(head, idle) => {
                tracing::debug!(%source, ?quiet, "no request came in time");
                // A client of HTTP/2 is told, so that a request that is on its way is not lost.
                connection.as_mut().graceful_shutdown();
                let parting = tokio::time::timeout(PARTING, &mut connection).await;
                match parting {
                    Ok(served) => served,
                    Err(_) if quiet == Quiet::Silent && !activity.was_asked() => return,
                    Err(_) => connection.await,
                }
            }
        };
        if let Err(error) = served {
            tracing::debug!(%source, %error, "the HTTP connection failed");
        }
    }
}

/// The router as one connection sees it: its requests say where they come from.
struct Routes {
    router: axum::Router,
    head: HeadLimits,
    source: Source,
    security: Security,
    activity: Arc<Activity>,
}

impl HyperService<Request<Incoming>> for Routes {
    type Response = axum::response::Response;
    type Error = std::convert::Infallible;
    type Future = Either<RouteFuture<std::convert::Infallible>, Ready<Result<Self::Response, Self::Error>>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        self.activity.request(request.version() == Version::HTTP_2, request.body().size_hint().exact());
        let mut request = request.map(Body::new);
        if let Some(refusal) = self.head.check(&mut request) {
            return Either::Right(ready(Ok(refusal)));
        }
        if let Some(addr) = self.source.address() {
            request.extensions_mut().insert(ConnectInfo(addr));
        }
        request.extensions_mut().insert(self.security);
        Either::Left(self.router.clone().call(request))
    }
}

/// Errors of one connection that never came to be.
fn is_the_clients(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset
    )
}

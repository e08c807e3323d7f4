use std::{future::Future, pin::pin, time::Duration};

use hyper_util::{rt::TokioIo, server::conn::auto};

use super::{
    activity::{Activity, CLOSE_GRACE, IdleTimeout},
    connection_service::ConnectionService,
    head_limits::HeadLimits,
    http1_timer::Http1Timer,
    http2::{self, Http2Executor},
    peer_addr::PeerAddr,
    upgrade_tracking::track_upgrades,
};
use crate::{
    handshake::TransportSecurity,
    shutdown::Shutdown,
    stream::{AcceptedStream, ObservedStream},
};

/// Server of HTTP/1.1 and HTTP/2 on single connections.
#[derive(Debug, Clone)]
pub(super) struct HttpServer {
    pub(super) router: axum::Router,
    pub(super) shutdown: Shutdown,
    pub(super) head_limits: HeadLimits,
    pub(super) header_read_timeout: Duration,
    pub(super) keep_alive_timeout: Duration,
}

impl HttpServer {
    /// Serves requests until a drain begins, and then the one under way.
    pub(super) async fn serve_until_drain(
        self,
        stream: AcceptedStream,
        peer: PeerAddr,
        security: TransportSecurity,
    ) {
        let shutdown = self.shutdown.clone();
        self.serve(stream, peer, security, shutdown.draining()).await;
    }

    /// Serves requests until `end` completes, and then the one under way.
    pub(super) async fn serve(
        self,
        stream: AcceptedStream,
        peer: PeerAddr,
        security: TransportSecurity,
        end: impl Future<Output = ()>,
    ) {
        let Self { router, shutdown, head_limits, header_read_timeout, keep_alive_timeout } = self;
        let activity = Activity::new();
        let mut builder = auto::Builder::new(Http2Executor { shutdown, activity: activity.clone() });
        // The timer has timeouts of its own: hyper's only has to be set.
        let timer = Http1Timer { activity: activity.clone(), header_read_timeout, keep_alive_timeout };
        builder.http1().timer(timer).header_read_timeout(Duration::ZERO);
        http2::configure(&mut builder);
        head_limits.configure(&mut builder);
        let service = ConnectionService { router, head_limits, peer, security, activity: activity.clone() };
        let (stream, service) = track_upgrades(ObservedStream::new(stream, activity.clone()), service);
        let mut connection = pin!(builder.serve_connection_with_upgrades(TokioIo::new(stream), service));
        let served = tokio::select! {
            biased;
            served = &mut connection => served,
            () = end => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
            timeout = activity.idle_timeout(header_read_timeout, keep_alive_timeout) => {
                tracing::debug!(%peer, ?timeout, "no request arrived in time");
                // An HTTP/2 client receives GOAWAY, so that a request on its way is not lost.
                connection.as_mut().graceful_shutdown();
                match tokio::time::timeout(CLOSE_GRACE, &mut connection).await {
                    Ok(served) => served,
                    Err(_) if timeout == IdleTimeout::FirstRequest && !activity.has_request() => return,
                    Err(_) => connection.await,
                }
            }
        };
        if let Err(error) = served {
            tracing::debug!(%peer, %error, "the HTTP connection failed");
        }
    }
}

use std::{
    cell::Cell,
    future::Future,
    pin::{Pin, pin},
    time::Duration,
};

use hyper::server::conn::{http1, http2};
use hyper_util::rt::TokioIo;

use super::{
    activity::{Activity, CLOSE_GRACE, IdleTimeout},
    client::Client,
    connection_service::{ConnectionService, EarlyRequest},
    first_read::FirstRead,
    http1_timer::Http1Timer,
    http2::{Http2Executor, configure},
    request_router::RequestRouter,
    upgrade_tracking::track_upgrades,
};
use crate::{
    shutdown::Shutdown,
    stream::{AcceptedStream, ObservedStream, StreamObserver},
    time::Instant,
};

/// Server of HTTP/1.1 and HTTP/2 on single connections, by hyper.
#[derive(Debug, Clone)]
pub(super) struct HttpServer {
    pub(super) router: RequestRouter,
    pub(super) shutdown: Shutdown,
    pub(super) header_read_timeout: Duration,
    pub(super) keep_alive_timeout: Duration,
}

/// Connection that speaks HTTP.
pub(super) struct HttpConnection {
    pub(super) stream: AcceptedStream,
    pub(super) client: Client,
    /// Time at which it was accepted.
    pub(super) start: Instant,
    /// Bytes that were read already.
    pub(super) first: FirstRead,
    /// The first request, if it has been passed to the router already.
    pub(super) early: Option<Box<EarlyRequest>>,
}

impl HttpServer {
    /// Serves requests until `end` completes, and then the one under way.
    pub(super) async fn serve(&self, connection: HttpConnection, end: impl Future<Output = ()>) {
        let HttpConnection { stream, client, start, first, early } = connection;
        let activity = Activity::since(start);
        activity.received(&first.bytes);
        let is_http2 = first.is_http2();
        let service = ConnectionService {
            router: &self.router,
            client,
            activity: activity.clone(),
            early: Cell::new(early),
        };
        let stream = ObservedStream::new(stream, activity.clone());
        let (stream, service) = track_upgrades(stream, first.bytes, service);
        let stream = TokioIo::new(stream);
        if is_http2 {
            let executor = Http2Executor { shutdown: self.shutdown.clone(), activity: activity.clone() };
            let mut builder = http2::Builder::new(executor);
            configure(&mut builder);
            self.router.head_limits.configure_http2(&mut builder);
            let connection = builder.serve_connection(stream, service);
            self.drive(connection, http2::Connection::graceful_shutdown, client, &activity, end).await;
        } else {
            let mut builder = http1::Builder::new();
            // The timer has timeouts of its own: hyper's only has to be set.
            let timer = Http1Timer {
                activity: activity.clone(),
                header_read_timeout: self.header_read_timeout,
                keep_alive_timeout: self.keep_alive_timeout,
            };
            builder.timer(timer).header_read_timeout(Duration::ZERO);
            self.router.head_limits.configure_http1(&mut builder);
            let connection = builder.serve_connection(stream, service).with_upgrades();
            let shut_down = http1::UpgradeableConnection::graceful_shutdown;
            self.drive(connection, shut_down, client, &activity, end).await;
        }
    }

    /// Drives a connection of hyper's to its end.
    async fn drive<C>(
        &self,
        connection: C,
        shut_down: impl FnOnce(Pin<&mut C>),
        Client { peer, .. }: Client,
        activity: &Activity,
        end: impl Future<Output = ()>,
    ) where
        C: Future<Output = hyper::Result<()>>,
    {
        let mut connection = pin!(connection);
        let served = tokio::select! {
            biased;
            served = &mut connection => served,
            () = end => {
                shut_down(connection.as_mut());
                connection.await
            }
            timeout = activity.idle_timeout(self.header_read_timeout, self.keep_alive_timeout) => {
                tracing::debug!(%peer, ?timeout, "no request arrived in time");
                // An HTTP/2 client receives GOAWAY, so that a request on its way is not lost.
                shut_down(connection.as_mut());
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

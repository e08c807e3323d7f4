//! Connections from their first byte on.

use std::{
    future::{Future, poll_fn},
    io,
    pin::{Pin, pin},
    task::{Poll, ready},
};

use tokio::io::AsyncWriteExt;

use super::{
    activity::IdleTimeout,
    client::Client,
    first_read::FirstRead,
    http_server::{HttpConnection, HttpServer},
    opened_connection::OpenedConnection,
};
use crate::{
    shutdown::Continuation,
    stream::AcceptedStream,
    time::{GraceTimeout, Instant, after, now},
};

/// Server of single connections.
///
/// The first request of a WebSocket's connection, which is nearly always for that WebSocket, is
/// read and answered without hyper if its handler decides at once. Everything else is hyper's.
#[derive(Debug, Clone)]
pub(super) struct ConnectionServer {
    pub(super) http: HttpServer,
}

impl ConnectionServer {
    /// Serves a connection until a drain begins, and then the request under way: see
    /// [`serve`](Self::serve).
    pub(super) async fn serve_until_drain(
        &self,
        stream: AcceptedStream,
        client: Client,
    ) -> Option<Continuation> {
        self.serve(stream, client, pin!(self.http.shutdown.draining())).await
    }

    /// Serves a connection until `end` completes, and then the request under way. Returns the
    /// connection task if the connection has become a WebSocket.
    pub(super) async fn serve(
        &self,
        mut stream: AcceptedStream,
        client: Client,
        mut end: Pin<&mut impl Future<Output = ()>>,
    ) -> Option<Continuation> {
        let (start, mut first) = (now(), FirstRead::default());
        let opened = tokio::select! {
            biased;
            opened = poll_fn(|cx| {
                ready!(first.poll_read(&mut stream, cx))?;
                Poll::Ready(Ok(OpenedConnection::after(&first.bytes, &self.http.router, client, cx)))
            }) => opened,
            () = end.as_mut() => return None,
            () = late(after(start, self.http.header_read_timeout)) => {
                let timeout = IdleTimeout::FirstRequest;
                tracing::debug!(peer = %client.peer, ?timeout, "no request arrived in time");
                return None;
            }
        };
        match opened {
            Ok(OpenedConnection::WebSocket { head, early, mut task }) => {
                let written = tokio::select! {
                    biased;
                    written = write(&mut stream, &head) => written,
                    () = late(task.inner().open_deadline()) => Err(io::ErrorKind::TimedOut.into()),
                };
                match written {
                    Ok(()) => task.inner_mut().open(stream, early),
                    Err(error) => log_failure(client, &error),
                }
                Some(Box::into_pin(task))
            }
            Ok(OpenedConnection::Http(early)) => {
                let connection = HttpConnection { stream, client, start, first, early };
                // Boxed: its future is large, and WebSockets are not to pay for it.
                let mut serving = Box::pin(self.http.serve(connection, end));
                poll_fn(|cx| self.http.shutdown.poll_continuable(serving.as_mut(), cx)).await
            }
            Err(error) => {
                log_failure(client, &error);
                None
            }
        }
    }
}

/// Waits until a deadline. Its timer is made with its first poll: most requests are there at once,
/// and most responses are taken at once, so that they need none.
async fn late(deadline: Instant) {
    Box::pin(GraceTimeout::until(deadline)).await;
}

fn log_failure(client: Client, error: &io::Error) {
    tracing::debug!(peer = %client.peer, %error, "the HTTP connection failed");
}

/// Writes the head of the 101.
async fn write(stream: &mut AcceptedStream, head: &[u8]) -> io::Result<()> {
    stream.write_all(head).await?;
    stream.flush().await
}

//! Connections from their first byte on.

use std::{
    future::{Future, poll_fn},
    io,
    pin::{Pin, pin},
    task::{Context, Poll, ready},
    time::Instant,
};

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use super::{
    activity::IdleTimeout,
    client::Client,
    first_read::FirstRead,
    http_server::{HttpConnection, HttpServer},
    opened_connection::OpenedConnection,
};
use crate::{
    connection::Transport,
    shutdown::Continuation,
    stream::ReadClosed,
    time::{GraceTimeout, after, now},
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
    pub(super) async fn serve_until_drain<T>(&self, stream: T, client: Client) -> Option<Continuation>
    where
        T: AsyncRead + AsyncWrite + ReadClosed + Unpin + Send + 'static,
    {
        self.serve(stream, client, pin!(self.http.shutdown.draining())).await
    }

    /// Serves a connection until `end` completes, and then the request under way. Returns the
    /// connection task if the connection has become a WebSocket.
    pub(super) async fn serve<T>(
        &self,
        mut stream: T,
        client: Client,
        mut end: Pin<&mut impl Future<Output = ()>>,
    ) -> Option<Continuation>
    where
        T: AsyncRead + AsyncWrite + ReadClosed + Unpin + Send + 'static,
    {
        let (start, mut first) = (now(), FirstRead::default());
        let opened = tokio::select! {
            biased;
            opened = poll_fn(|cx| {
                ready!(first.poll_read(&mut stream, cx))?;
                Poll::Ready(Ok(self.opened(&stream, &first, client, cx)))
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
                let switched = tokio::select! {
                    biased;
                    switched = switch(stream, &head) => switched,
                    () = late(task.inner().open_deadline()) => Err(io::ErrorKind::TimedOut.into()),
                };
                match switched {
                    Ok(transport) => task.inner_mut().open(transport, early),
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

    fn opened<T: 'static>(
        &self,
        stream: &T,
        first: &FirstRead,
        client: Client,
        cx: &mut Context<'_>,
    ) -> OpenedConnection {
        if Transport::takes(stream) {
            OpenedConnection::after(&first.bytes, &self.http.router, client, cx)
        } else {
            OpenedConnection::Http(None)
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

/// Writes the head of the 101, and returns the transport.
async fn switch<T>(mut stream: T, head: &[u8]) -> io::Result<Transport>
where
    T: AsyncWrite + Unpin + 'static,
{
    stream.write_all(head).await?;
    stream.flush().await?;
    Transport::of_stream(stream).ok_or_else(|| io::ErrorKind::Unsupported.into())
}

use std::{
    future::Future,
    io,
    pin::pin,
    task::{Context, Poll, Waker},
};

#[cfg(unix)]
use tokio::net::UnixStream;
use tokio::{
    io::{Interest, Ready},
    net::TcpStream,
};
#[cfg(feature = "tls")]
use tokio_rustls::server::TlsStream;

/// A stream that knows, without being read, that its peer has closed the sending side. Data that
/// the peer sent before may still be unread.
pub(crate) trait ReadClosed {
    /// Returns true if the peer sends nothing any more: it has closed its side, or is gone.
    fn is_read_closed(&self) -> bool;
}

impl ReadClosed for TcpStream {
    fn is_read_closed(&self) -> bool {
        knows_closed(self.ready(Interest::READABLE))
    }
}

#[cfg(unix)]
impl ReadClosed for UnixStream {
    fn is_read_closed(&self) -> bool {
        knows_closed(self.ready(Interest::READABLE))
    }
}

#[cfg(feature = "tls")]
impl<T: ReadClosed> ReadClosed for TlsStream<T> {
    fn is_read_closed(&self) -> bool {
        self.get_ref().0.is_read_closed()
    }
}

/// Returns true if the runtime has learned from the kernel that the read side is closed.
fn knows_closed(ready: impl Future<Output = io::Result<Ready>>) -> bool {
    match pin!(ready).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(ready)) => ready.is_read_closed(),
        Poll::Ready(Err(_)) => true,
        Poll::Pending => false,
    }
}

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

/// A stream that can tell that its peer has ended it, without being read: what the peer has sent before may be unread.
pub trait ReadClosed {
    /// Whether the peer sends nothing any more: it has closed its side, or is gone.
    fn is_read_closed(&self) -> bool;
}

impl ReadClosed for TcpStream {
    fn is_read_closed(&self) -> bool {
        says_so(self.ready(Interest::READABLE))
    }
}

#[cfg(unix)]
impl ReadClosed for UnixStream {
    fn is_read_closed(&self) -> bool {
        says_so(self.ready(Interest::READABLE))
    }
}

#[cfg(feature = "tls")]
impl<T: ReadClosed> ReadClosed for TlsStream<T> {
    fn is_read_closed(&self) -> bool {
        self.get_ref().0.is_read_closed()
    }
}

/// What the runtime knows by now.
fn says_so(ready: impl Future<Output = io::Result<Ready>>) -> bool {
    match pin!(ready).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(ready)) => ready.is_read_closed(),
        Poll::Ready(Err(_)) => true,
        Poll::Pending => false,
    }
}

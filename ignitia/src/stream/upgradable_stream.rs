use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::LazyLock,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use memchr::memmem::{Finder, FinderRev};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{read_ahead::ReadAhead, read_closed::ReadClosed, upgrade_signal::UpgradeSignal};

/// Beginning of a 101.
const HEAD: &[u8] = b"HTTP/1.1 101 ";

/// Header line that hyper makes of `Connection: upgrade` if it is not going to read another
/// request, because the client sent `close` or the server drains.
const CLOSING: &[u8] = b"\r\nconnection: upgrade, close\r\n";

// Prepared once: that costs more than a search in a head.
static HEAD_FINDER: LazyLock<FinderRev<'static>> = LazyLock::new(|| FinderRev::new(HEAD));
static CLOSING_FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(CLOSING));

/// Length of the part of it that is sent.
const KEPT: usize = b"\r\nconnection: upgrade".len();

/// Length of the part that is left out.
const LEFT_OUT: usize = b", close".len();

/// Stream of an HTTP/1.1 connection that may be upgraded. It does for upgrades what hyper does not:
///
/// - It leaves the `close` option out of a 101. The option ends the connection after the final
///   response to a request
///   ([RFC 9112, section 9.6](https://www.rfc-editor.org/rfc/rfc9112#section-9.6)). A 101 is not
///   final, and the connection stays open. Clients that expect exactly `upgrade` take `close` for a
///   refusal.
/// - It notices a peer that leaves before its response. hyper looks for the end of its input only
///   while nothing of it is unread, and a peer may have sent data behind its handshake.
/// - It hands out bytes that the server has read before.
#[derive(Debug)]
pub(crate) struct UpgradableStream<T> {
    io: T,
    read_ahead: ReadAhead,
    signal: UpgradeSignal,
    close_option: CloseOption,
}

/// Position of the `close` option in the bytes that hyper writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CloseOption {
    /// No 101 has been written yet.
    Unknown,
    /// The option begins behind this number of bytes.
    In(usize),
    /// The option has been left out, or the 101 had none: all further bytes are sent.
    Passed,
}

impl<T> UpgradableStream<T> {
    pub(crate) fn new(io: T, read_ahead: Bytes, signal: UpgradeSignal) -> Self {
        Self { io, read_ahead: ReadAhead(read_ahead), signal, close_option: CloseOption::Unknown }
    }

    pub(crate) fn into_inner(self) -> T {
        self.io
    }

    /// Returns the number of bytes that are sent before the `close` option; `None` if there is no
    /// option to leave out.
    fn bytes_to_option<'a>(&mut self, slices: impl Iterator<Item = &'a [u8]>) -> Option<usize> {
        if self.close_option == CloseOption::Unknown && self.signal.is_switching() {
            self.find_option(slices);
        }
        match self.close_option {
            CloseOption::In(bytes) => Some(bytes),
            CloseOption::Unknown | CloseOption::Passed => None,
        }
    }

    /// Finds the option in the head of the 101, which hyper writes in one piece. The 101 is the
    /// last match: responses before it may contain anything.
    fn find_option<'a>(&mut self, slices: impl Iterator<Item = &'a [u8]>) {
        let mut before = 0;
        for slice in slices {
            let is_closing = CLOSING_FINDER.find(slice).is_some();
            if !is_closing && slice.starts_with(HEAD) {
                self.close_option = CloseOption::Passed;
            } else if let Some(head) = HEAD_FINDER.rfind(slice) {
                self.close_option = match CLOSING_FINDER.find(&slice[head..]) {
                    Some(at) => CloseOption::In(before + head + at + KEPT),
                    None => CloseOption::Passed,
                };
            }
            before += slice.len();
        }
    }
}

impl<T: AsyncWrite + Unpin> UpgradableStream<T> {
    /// Writes from the first `part` bytes. Once they are written, the option behind them counts as
    /// written, too.
    fn poll_write_to_option(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[u8],
        part: usize,
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.io).poll_write(cx, &bytes[..bytes.len().min(part)]))?;
        if written < part {
            self.close_option = CloseOption::In(part - written);
            return Poll::Ready(Ok(written));
        }
        self.close_option = CloseOption::Passed;
        Poll::Ready(Ok(written + LEFT_OUT))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for UpgradableStream<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { io, read_ahead, .. } = &mut *self;
        read_ahead.poll_read(Pin::new(io), cx, buf)
    }
}

impl<T: AsyncWrite + ReadClosed + Unpin> AsyncWrite for UpgradableStream<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.bytes_to_option(std::iter::once(bytes)) {
            Some(part) => self.poll_write_to_option(cx, bytes, part),
            None => Pin::new(&mut self.io).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.bytes_to_option(slices.iter().map(|slice| &**slice)) {
            Some(part) => {
                let first = slices.iter().find(|slice| !slice.is_empty());
                self.poll_write_to_option(cx, first.map_or(&[][..], |slice| slice), part)
            }
            None => Pin::new(&mut self.io).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    // hyper flushes whenever it is polled, also while it reads nothing.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.signal.take_check() && self.io.is_read_closed() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    /// Accepts at most this number of bytes in a write. The peer has left if it is zero.
    struct Takes(usize, Vec<u8>);

    impl ReadClosed for Takes {
        fn is_read_closed(&self) -> bool {
            self.0 == 0
        }
    }

    impl AsyncWrite for Takes {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            let n = bytes.len().min(self.0);
            self.1.extend_from_slice(&bytes[..n]);
            Poll::Ready(Ok(n))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    /// Returns the bytes that arrive if these pieces are written, as hyper does, to a transport
    /// that accepts at most `takes` bytes in a write.
    fn arrives(pieces: &[&str], begin: bool, takes: usize, vectored: bool) -> String {
        let signal = UpgradeSignal::default();
        let mut stream = UpgradableStream::new(Takes(takes, Vec::new()), Bytes::new(), signal.clone());
        let mut cx = Context::from_waker(Waker::noop());
        if begin {
            signal.announce_101();
        }
        for piece in pieces {
            let mut rest = piece.as_bytes();
            while !rest.is_empty() {
                let stream = Pin::new(&mut stream);
                let written = if vectored {
                    let slices = [IoSlice::new(b""), IoSlice::new(rest)];
                    stream.poll_write_vectored(&mut cx, &slices)
                } else {
                    stream.poll_write(&mut cx, rest)
                };
                let Poll::Ready(Ok(written)) = written else { panic!("it takes bytes: {written:?}") };
                rest = &rest[written..];
            }
        }
        String::from_utf8(stream.into_inner().1).expect("text")
    }

    const CLOSING_HEAD: &str =
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade, close\r\nupgrade: websocket\r\n\r\n";
    const OPEN_HEAD: &str =
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";

    fn in_every_way(pieces: &[&str], begin: bool, expected: &str) {
        for takes in 1..expected.len() + 2 {
            for vectored in [false, true] {
                assert_eq!(arrives(pieces, begin, takes, vectored), expected, "{takes} at once, {vectored}");
            }
        }
    }

    #[test]
    fn a_101_does_not_close() {
        in_every_way(&[CLOSING_HEAD], true, OPEN_HEAD);
        in_every_way(&[OPEN_HEAD], true, OPEN_HEAD);
    }

    /// The check is for the wait for a response only: behind the 101 the connection is read, and
    /// between requests hyper reads.
    #[test]
    fn a_peer_that_has_left_is_noticed_while_it_waits() {
        let flushes = |takes, signal: &UpgradeSignal| {
            let mut stream = UpgradableStream::new(Takes(takes, Vec::new()), Bytes::new(), signal.clone());
            let mut cx = Context::from_waker(Waker::noop());
            [(); 2].map(|()| matches!(Pin::new(&mut stream).poll_flush(&mut cx), Poll::Ready(Ok(()))))
        };
        let signal = UpgradeSignal::default();
        assert_eq!(flushes(0, &signal), [true, true]);
        signal.check_peer();
        assert_eq!(flushes(1, &signal), [true, true]);
        signal.check_peer();
        assert_eq!(flushes(0, &signal), [false, true], "the check is made once");
        signal.check_peer();
        signal.announce_101();
        assert_eq!(flushes(0, &signal), [true, true]);
    }

    /// Bytes before and behind the 101 may look like one.
    #[test]
    fn everything_else_is_as_it_was() {
        let page = format!("HTTP/1.1 200 OK\r\n\r\n{CLOSING_HEAD}");
        in_every_way(&[&page], false, &page);
        in_every_way(&[&format!("{page}{CLOSING_HEAD}")], true, &format!("{page}{OPEN_HEAD}"));
        in_every_way(&[CLOSING_HEAD, CLOSING_HEAD], true, &format!("{OPEN_HEAD}{CLOSING_HEAD}"));
        in_every_way(&[OPEN_HEAD, CLOSING_HEAD], true, &format!("{OPEN_HEAD}{CLOSING_HEAD}"));
    }
}

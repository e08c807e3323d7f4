//! What stands between hyper and a connection of HTTP/1.1, until that is upgraded.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::read_closed::ReadClosed;

/// How a 101 begins.
const HEAD: &[u8] = b"HTTP/1.1 101 ";

/// What hyper makes of its `Connection: upgrade`, if it is not going to read another request: because the client has sent
/// `close`, or because the server drains.
const CLOSING: &[u8] = b"\r\nconnection: upgrade, close\r\n";

/// How much of that goes out.
const KEPT: usize = b"\r\nconnection: upgrade".len();

/// How much does not.
const LEFT_OUT: usize = b", close".len();

/// A connection that does for upgrades what hyper does not.
///
/// It takes `close` out of a 101. That option is about the answer to a request
/// ([RFC 9112, section 9.6](https://www.rfc-editor.org/rfc/rfc9112#section-9.6)), and a 101 is none yet: what it opens goes
/// on. Clients that look for `upgrade` and nothing else take it for a refusal.
///
/// And it notices a peer that leaves before its answer. hyper looks for the end of its input only while it has nothing unread,
/// and a peer may have sent something behind its handshake.
#[derive(Debug)]
pub(crate) struct UpgradeStream<T> {
    io: T,
    upgrading: UpgradeProgress,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The 101 has not come yet.
    Before,
    /// So many bytes go out before those that do not.
    Until(usize),
    /// Everything goes out.
    Behind,
}

/// Tells a [`UpgradeStream`] how far the upgrade of its connection has come.
///
/// One task serves requests, flushes and writes answers: there is nothing else to be ordered with this.
#[derive(Debug, Clone, Default)]
pub(crate) struct UpgradeProgress(Arc<AtomicU8>);

/// It waits for its answer, and the peer has to be looked after.
const WAITS: u8 = 1;

/// A 101 is the next answer, and the last one.
const SWITCHES: u8 = 2;

impl UpgradeProgress {
    /// The peer still waits for the answer: the next flush fails if it is gone.
    pub(crate) fn waits(&self) {
        self.0.store(WAITS, Ordering::Relaxed);
    }

    /// A 101 is the next answer, and the last one.
    pub(crate) fn switches(&self) {
        self.0.store(SWITCHES, Ordering::Relaxed);
    }

    fn is_switching(&self) -> bool {
        self.0.load(Ordering::Relaxed) == SWITCHES
    }

    /// Whether the peer has to be looked after; once.
    fn take_waiting(&self) -> bool {
        let waits = self.0.load(Ordering::Relaxed) == WAITS;
        if waits {
            self.0.store(0, Ordering::Relaxed);
        }
        waits
    }
}

impl<T> UpgradeStream<T> {
    pub(crate) fn new(io: T, upgrading: UpgradeProgress) -> Self {
        Self { io, upgrading, state: State::Before }
    }

    pub(crate) fn into_inner(self) -> T {
        self.io
    }

    /// How much of what is written next may go out before something is left out; `None` if all of it may.
    fn part<'a>(&mut self, slices: impl Iterator<Item = &'a [u8]>) -> Option<usize> {
        if self.state == State::Before && self.upgrading.is_switching() {
            self.look_for_head(slices);
        }
        match self.state {
            State::Until(part) => Some(part),
            State::Before | State::Behind => None,
        }
    }

    /// hyper writes a head in one piece. This one is the last: what comes before it may be anything.
    fn look_for_head<'a>(&mut self, slices: impl Iterator<Item = &'a [u8]>) {
        let mut before = 0;
        for slice in slices {
            if let Some(head) = slice.windows(HEAD.len()).rposition(|window| window == HEAD) {
                let mut windows = slice[head..].windows(CLOSING.len());
                self.state = match windows.position(|window| window == CLOSING) {
                    Some(at) => State::Until(before + head + at + KEPT),
                    None => State::Behind,
                };
            }
            before += slice.len();
        }
    }
}

impl<T: AsyncWrite + Unpin> UpgradeStream<T> {
    /// Writes of the first `part` bytes; what has to be left out behind them counts as written.
    fn poll_write_part(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[u8],
        part: usize,
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.io).poll_write(cx, &bytes[..bytes.len().min(part)]))?;
        if written < part {
            self.state = State::Until(part - written);
            return Poll::Ready(Ok(written));
        }
        self.state = State::Behind;
        Poll::Ready(Ok(written + LEFT_OUT))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for UpgradeStream<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl<T: AsyncWrite + ReadClosed + Unpin> AsyncWrite for UpgradeStream<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.part(std::iter::once(bytes)) {
            Some(part) => self.poll_write_part(cx, bytes, part),
            None => Pin::new(&mut self.io).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.part(slices.iter().map(|slice| &**slice)) {
            Some(part) => {
                let first = slices.iter().find(|slice| !slice.is_empty());
                self.poll_write_part(cx, first.map_or(&[][..], |slice| slice), part)
            }
            None => Pin::new(&mut self.io).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    /// hyper flushes whenever it is polled, also while it reads nothing.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.upgrading.take_waiting() && self.io.is_read_closed() {
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

    /// Takes so many bytes at once. The peer has left if it takes none.
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

    /// What arrives of these pieces, each of them written as hyper does it, where so much is taken at once.
    fn arrives(pieces: &[&str], begin: bool, takes: usize, vectored: bool) -> String {
        let upgrading = UpgradeProgress::default();
        let mut wire = UpgradeStream::new(Takes(takes, Vec::new()), upgrading.clone());
        let mut cx = Context::from_waker(Waker::noop());
        if begin {
            upgrading.switches();
        }
        for piece in pieces {
            let mut rest = piece.as_bytes();
            while !rest.is_empty() {
                let wire = Pin::new(&mut wire);
                let written = if vectored {
                    let slices = [IoSlice::new(b""), IoSlice::new(rest)];
                    wire.poll_write_vectored(&mut cx, &slices)
                } else {
                    wire.poll_write(&mut cx, rest)
                };
                let Poll::Ready(Ok(written)) = written else { panic!("it takes bytes: {written:?}") };
                rest = &rest[written..];
            }
        }
        String::from_utf8(wire.into_inner().1).expect("text")
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

    /// Only while its answer is waited for: behind the 101 it is read, and between requests hyper reads.
    #[test]
    fn a_peer_that_has_left_is_noticed_while_it_waits() {
        let flushes = |takes, upgrading: &UpgradeProgress| {
            let mut wire = UpgradeStream::new(Takes(takes, Vec::new()), upgrading.clone());
            let mut cx = Context::from_waker(Waker::noop());
            [(); 2].map(|()| matches!(Pin::new(&mut wire).poll_flush(&mut cx), Poll::Ready(Ok(()))))
        };
        let upgrading = UpgradeProgress::default();
        assert_eq!(flushes(0, &upgrading), [true, true]);
        upgrading.waits();
        assert_eq!(flushes(1, &upgrading), [true, true]);
        upgrading.waits();
        assert_eq!(flushes(0, &upgrading), [false, true], "it is told once");
        upgrading.waits();
        upgrading.switches();
        assert_eq!(flushes(0, &upgrading), [true, true]);
    }

    /// Whatever looks like one before it and behind it.
    #[test]
    fn everything_else_is_as_it_was() {
        let page = format!("HTTP/1.1 200 OK\r\n\r\n{CLOSING_HEAD}");
        in_every_way(&[&page], false, &page);
        in_every_way(&[&format!("{page}{CLOSING_HEAD}")], true, &format!("{page}{OPEN_HEAD}"));
        in_every_way(&[CLOSING_HEAD, CLOSING_HEAD], true, &format!("{OPEN_HEAD}{CLOSING_HEAD}"));
        in_every_way(&[OPEN_HEAD, CLOSING_HEAD], true, &format!("{OPEN_HEAD}{CLOSING_HEAD}"));
    }
}

//! What stands between hyper and a connection of HTTP/1.1, until that is upgraded.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How a 101 begins.
const HEAD: &[u8] = b"HTTP/1.1 101 ";

/// What hyper makes of its `Connection: upgrade`, if it is not going to read another request: because the client has sent
/// `close`, or because the server drains.
const CLOSING: &[u8] = b"\r\nconnection: upgrade, close\r\n";

/// How much of that goes out.
const KEPT: usize = b"\r\nconnection: upgrade".len();

/// How much does not.
const LEFT_OUT: usize = b", close".len();

/// A connection that takes `close` out of a 101.
///
/// That option is about the answer to a request ([RFC 9112, section 9.6](https://www.rfc-editor.org/rfc/rfc9112#section-9.6)),
/// and a 101 is none yet: what it opens goes on. Clients that look for `upgrade` and nothing else take it for a refusal.
#[derive(Debug)]
pub(crate) struct Wire<T> {
    io: T,
    switching: Switching,
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

/// Tells a [`Wire`] that a 101 is the next answer, and the last one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Switching(Arc<AtomicBool>);

impl Switching {
    pub(crate) fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl<T> Wire<T> {
    pub(crate) fn new(io: T, switching: Switching) -> Self {
        Self { io, switching, state: State::Before }
    }

    pub(crate) fn into_inner(self) -> T {
        self.io
    }

    /// How much of what is written next may go out before something is left out; `None` if all of it may.
    fn part<'a>(&mut self, slices: impl Iterator<Item = &'a [u8]>) -> Option<usize> {
        // One task serves requests and writes answers: there is nothing else to be ordered with this.
        if self.state == State::Before && self.switching.0.load(Ordering::Relaxed) {
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

impl<T: AsyncWrite + Unpin> Wire<T> {
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

impl<T: AsyncRead + Unpin> AsyncRead for Wire<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Wire<T> {
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

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
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

    /// Takes so many bytes at once.
    struct Takes(usize, Vec<u8>);

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
        let switching = Switching::default();
        let mut wire = Wire::new(Takes(takes, Vec::new()), switching.clone());
        let mut cx = Context::from_waker(Waker::noop());
        if begin {
            switching.begin();
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

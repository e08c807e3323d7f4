use std::{
    io,
    mem::MaybeUninit,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{BufMut, Bytes, BytesMut};
use tokio::io::{AsyncRead, ReadBuf};

/// First bytes of a connection over HTTP/2: [RFC 9113, section
/// 3.4](https://www.rfc-editor.org/rfc/rfc9113#section-3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Most bytes of one read: an ordinary head.
const FIRST_READ: usize = 2 << 10;

/// First bytes of a connection. They tell its version of HTTP, and may be a whole head.
#[derive(Debug, Default)]
pub(super) struct FirstRead {
    pub(super) bytes: Bytes,
}

impl FirstRead {
    /// Reads until the version of HTTP is known, or the input ends. Completes in one read, but for
    /// a part of HTTP/2's preface.
    ///
    /// # Cancel safety
    ///
    /// What has been read is kept.
    pub(super) fn poll_read(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let mut space = [const { MaybeUninit::uninit() }; FIRST_READ];
            let mut read = ReadBuf::uninit(&mut space);
            ready!(Pin::new(&mut *stream).poll_read(cx, &mut read))?;
            let read = read.filled();
            if self.bytes.is_empty() {
                self.bytes = Bytes::copy_from_slice(read);
            } else {
                let mut all = BytesMut::from(std::mem::take(&mut self.bytes));
                all.put_slice(read);
                self.bytes = all.freeze();
            }
            let may_be_preface = self.bytes.len() < PREFACE.len() && PREFACE.starts_with(&self.bytes);
            if read.is_empty() || !may_be_preface {
                return Poll::Ready(Ok(()));
            }
        }
    }

    pub(super) fn is_http2(&self) -> bool {
        self.bytes.starts_with(PREFACE)
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    /// Input of which one piece comes with each read.
    struct Pieces<'a>(std::slice::Iter<'a, &'a [u8]>);

    impl AsyncRead for Pieces<'_> {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            buf.put_slice(self.0.next().copied().unwrap_or_default());
            Poll::Ready(Ok(()))
        }
    }

    #[test]
    fn one_read_is_enough_but_for_a_part_of_the_preface() {
        let (start, rest) = PREFACE.split_at(7);
        for (pieces, bytes, is_http2) in [
            (&[b"GET / HTTP/1.1\r\n\r\n", &b"more"[..]][..], &b"GET / HTTP/1.1\r\n\r\n"[..], false),
            (&[b"PRI * X", b"more"], b"PRI * X", false),
            (&[PREFACE, b"more"], PREFACE, true),
            (&[start, rest, b"more"], PREFACE, true),
            (&[start, b"x", b"more"], b"PRI * Hx", false),
            (&[start], start, false),
            (&[], b"", false),
        ] {
            let (mut first, mut stream) = (FirstRead::default(), Pieces(pieces.iter()));
            let polled = first.poll_read(&mut stream, &mut Context::from_waker(Waker::noop()));
            assert!(matches!(polled, Poll::Ready(Ok(()))));
            assert_eq!((&*first.bytes, first.is_http2()), (bytes, is_http2));
        }
    }
}

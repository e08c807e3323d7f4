use std::{
    io,
    mem::MaybeUninit,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, ReadBuf};

/// First bytes of a connection over HTTP/2: [RFC 9113, section
/// 3.4](https://www.rfc-editor.org/rfc/rfc9113#section-3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Most bytes of the first read: an ordinary head. It must not exceed hyper's buffer, which takes
/// them in one read.
const FIRST_READ: usize = 2 << 10;

/// First bytes of a connection, read before hyper asks for them.
///
/// hyper-util reads the length of HTTP/2's preface first, to tell the versions apart, and an empty
/// read tells it HTTP/1.1. So that is the answer to its read if the first bytes are no preface. By
/// itself it would hand hyper the beginning of a head, which cannot be parsed, and the rest after
/// another read.
#[derive(Debug)]
pub(super) enum ReadAhead {
    /// Nothing has been read yet.
    Unread,
    /// These bytes are still to be handed out.
    Unclaimed(Bytes),
    /// All reads are those of the stream.
    Over,
}

impl ReadAhead {
    /// Reads from the stream, or hands out what was read before.
    pub(super) fn poll_read(
        &mut self,
        io: Pin<&mut impl AsyncRead>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self {
            Self::Over => io.poll_read(cx, buf),
            Self::Unclaimed(bytes) => {
                let (claimed, rest) = bytes.split_at(bytes.len().min(buf.remaining()));
                buf.put_slice(claimed);
                if rest.is_empty() {
                    *self = Self::Over;
                } else {
                    bytes.advance(claimed.len());
                }
                Poll::Ready(Ok(()))
            }
            Self::Unread => {
                let mut space = [const { MaybeUninit::uninit() }; FIRST_READ];
                let mut first = ReadBuf::uninit(&mut space);
                ready!(io.poll_read(cx, &mut first))?;
                let first = first.filled();
                let is_preface = first.iter().zip(PREFACE).all(|(byte, expected)| byte == expected);
                let (claimed, rest) =
                    first.split_at(if is_preface { first.len().min(buf.remaining()) } else { 0 });
                buf.put_slice(claimed);
                *self =
                    if rest.is_empty() { Self::Over } else { Self::Unclaimed(Bytes::copy_from_slice(rest)) };
                Poll::Ready(Ok(()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    /// Returns the pieces that reads of `space` bytes each get, until one finds the end.
    fn pieces(mut input: &[u8], space: usize) -> Vec<Vec<u8>> {
        let (mut ahead, mut cx) = (ReadAhead::Unread, Context::from_waker(Waker::noop()));
        let mut read = || {
            let mut buf = vec![0; space];
            let mut buf = ReadBuf::new(&mut buf);
            let polled = ahead.poll_read(Pin::new(&mut input), &mut cx, &mut buf);
            assert!(matches!(polled, Poll::Ready(Ok(()))), "{polled:?}");
            (buf.filled().to_vec(), matches!(ahead, ReadAhead::Over))
        };
        let mut pieces = vec![read().0];
        loop {
            let (piece, is_over) = read();
            if piece.is_empty() && is_over {
                return pieces;
            }
            pieces.push(piece);
        }
    }

    #[test]
    fn what_is_no_preface_is_read_behind_an_empty_read() {
        let long = [b"GET / HTTP/1.1\r\n".repeat(300), b"\r\n".to_vec()].concat();
        for head in [b"GET / HTTP/1.1\r\n\r\n".as_slice(), b"POST /", b"PRX", b"\r\n", &long] {
            for space in [PREFACE.len(), FIRST_READ, 8 << 10] {
                let pieces = pieces(head, space);
                assert!(pieces[0].is_empty());
                assert_eq!(pieces.concat(), head);
                let first = head.len().min(FIRST_READ);
                assert_eq!(pieces[1].len(), first.min(space), "hyper's buffer takes all of it");
            }
        }
    }

    #[test]
    fn a_preface_is_read_as_it_is() {
        for input in [PREFACE, &PREFACE[..5], &[PREFACE, b"frames"].concat()] {
            let pieces = pieces(input, PREFACE.len());
            assert_eq!(pieces[0], &input[..input.len().min(PREFACE.len())]);
            assert_eq!(pieces.concat(), input);
        }
    }
}

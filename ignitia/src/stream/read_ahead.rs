use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, ReadBuf};

/// Bytes of a connection that were read before hyper asks for them.
#[derive(Debug)]
pub(super) struct ReadAhead(pub(super) Bytes);

impl ReadAhead {
    /// Hands out the bytes, and then reads from the stream.
    pub(super) fn poll_read(
        &mut self,
        io: Pin<&mut impl AsyncRead>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.0.is_empty() {
            return io.poll_read(cx, buf);
        }
        let length = self.0.len().min(buf.remaining());
        buf.put_slice(&self.0[..length]);
        self.0.advance(length);
        if self.0.is_empty() {
            // Its memory is not needed any more.
            self.0 = Bytes::new();
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    #[test]
    fn what_was_read_comes_before_the_rest() {
        for space in 1..10 {
            let (mut input, mut ahead) = (&b" and the rest"[..], ReadAhead(Bytes::from_static(b"first")));
            let (mut cx, mut all) = (Context::from_waker(Waker::noop()), Vec::new());
            loop {
                let mut buf = vec![0; space];
                let mut buf = ReadBuf::new(&mut buf);
                assert!(ahead.poll_read(Pin::new(&mut input), &mut cx, &mut buf).is_ready());
                if buf.filled().is_empty() {
                    break;
                }
                all.extend_from_slice(buf.filled());
            }
            assert_eq!(all, b"first and the rest");
        }
    }
}

//! The transport of a WebSocket over HTTP/2.

use std::{future::poll_fn, io};

use bytes::Bytes;
use h2::{Reason, RecvStream, SendStream};

/// A stream of an HTTP/2 connection.
pub(super) struct Http2Stream {
    sending: SendStream<Bytes>,
    receiving: RecvStream,
}

impl Http2Stream {
    pub(super) fn new(sending: SendStream<Bytes>, receiving: RecvStream) -> Self {
        Self { sending, receiving }
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.sending.reserve_capacity(bytes.len());
        while self.sending.capacity() == 0 {
            match poll_fn(|cx| self.sending.poll_capacity(cx)).await {
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(io::Error::other(error)),
                None => return Err(io::ErrorKind::BrokenPipe.into()),
            }
        }
        let n = self.sending.capacity().min(bytes.len());
        self.sending.send_data(Bytes::copy_from_slice(&bytes[..n]), false).map_err(io::Error::other)?;
        Ok(n)
    }

    pub(super) async fn read(&mut self, into: &mut Vec<u8>) -> io::Result<usize> {
        loop {
            match self.receiving.data().await {
                None => return Ok(0),
                Some(Ok(bytes)) if bytes.is_empty() => {}
                Some(Ok(bytes)) => {
                    self.receiving.flow_control().release_capacity(bytes.len()).map_err(io::Error::other)?;
                    into.extend_from_slice(&bytes);
                    return Ok(bytes.len());
                }
                Some(Err(error)) => return Err(io::Error::other(error)),
            }
        }
    }

    pub(super) fn reset(mut self) {
        self.sending.send_reset(Reason::CANCEL);
    }
}

//! Reassembly of fragmented messages, by tungstenite's `WebSocketContext`.
//!
//! tungstenite reserves the length that a frame's header declares, and looks at a frame when it is
//! complete. So frames are handed on in the pieces in which they arrive, each as a fragment of its
//! own: memory grows with the bytes received, and invalid UTF-8 is noticed at its first bad byte.

use std::io::{self, Read, Write};

use tokio_tungstenite::tungstenite::{
    self, Error as ProtocolError,
    protocol::{
        Role, WebSocketContext,
        frame::{FrameHeader, coding::OpCode},
    },
};

use super::header::MAX_HEADER;
use crate::{
    message::Message,
    protocol::{
        frame::MAX_CONTROL_PAYLOAD,
        violation::{NOT_UTF_8, ProtocolViolation, TOO_BIG},
    },
};

/// Size of the buffer that tungstenite allocates, and fills with zeros, before it reads.
const READ_BUFFER: usize = 1 << 10;

#[derive(Debug)]
pub(super) struct Fragments {
    /// Created for the first fragment.
    context: Option<Box<WebSocketContext>>,
    /// True if the context's buffers have outgrown their first size.
    grown: bool,
    max_message_size: usize,
}

impl Fragments {
    pub(super) fn new(max_message_size: usize) -> Self {
        Self { context: None, grown: false, max_message_size }
    }

    /// Appends a fragment. Returns the message if that completes it.
    pub(super) fn push(
        &mut self,
        opcode: OpCode,
        is_final: bool,
        payload: &[u8],
    ) -> Result<Option<Message>, ProtocolViolation> {
        self.grown |= payload.len() > READ_BUFFER;
        let context = self.context.get_or_insert_with(|| context(self.max_message_size));
        // The payload is unmasked already: this masking key changes nothing.
        let header = FrameHeader { is_final, opcode, mask: Some([0; 4]), ..FrameHeader::default() };
        let mut head = [0; MAX_HEADER];
        let mut rest = &mut head[..];
        header.format(payload.len() as u64, &mut rest).expect("a header has at most 14 bytes");
        let size = MAX_HEADER - rest.len();
        match context.read(&mut Feed { head: &head[..size], payload }) {
            Ok(tungstenite::Message::Text(text)) => Ok(Some(Message::Text(text.as_str().to_owned()))),
            Ok(tungstenite::Message::Binary(bytes)) => Ok(Some(Message::Binary(bytes))),
            Ok(_) => unreachable!("only data is fed"),
            Err(ProtocolError::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(ProtocolError::Utf8(_)) => Err(NOT_UTF_8),
            Err(ProtocolError::Capacity(_)) => Err(TOO_BIG),
            Err(_) => Err(ProtocolViolation::protocol("the frame is malformed")),
        }
    }

    /// Releases the memory of a large message. Called between messages.
    pub(super) fn shrink(&mut self) {
        if self.grown {
            self.context = None;
            self.grown = false;
        }
    }
}

fn context(max_message_size: usize) -> Box<WebSocketContext> {
    let config = tungstenite::protocol::WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(Some(max_message_size))
        .max_frame_size(Some(max_message_size.max(MAX_CONTROL_PAYLOAD)));
    Box::new(WebSocketContext::new(Role::Server, Some(config)))
}

/// Bytes of one frame. Replies that tungstenite would write by itself are dropped: the connection
/// task writes pongs and close frames in its own order.
struct Feed<'a> {
    head: &'a [u8],
    payload: &'a [u8],
}

impl Read for Feed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.head.is_empty() && self.payload.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let head = self.head.read(buffer)?;
        Ok(head + self.payload.read(&mut buffer[head..])?)
    }
}

impl Write for Feed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

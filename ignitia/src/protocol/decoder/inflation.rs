//! Decompression of messages: [RFC 7692, section
//! 6.2](https://www.rfc-editor.org/rfc/rfc7692#section-6.2).
//!
//! A message is decompressed as it arrives. It is refused as soon as it is too big, is not valid
//! UTF-8 or is not compressed as it should be: memory is bounded by the largest message, whatever
//! the ratio.

use super::payload::PayloadBuffer;
use crate::{
    compression::{Decompressor, Inflater, NegotiatedCompression, Output},
    message::Message,
    protocol::violation::{NOT_DEFLATED, ProtocolViolation, TOO_BIG},
};

/// Decompression of one peer's messages.
#[derive(Debug)]
pub(super) struct Inflation {
    decompressor: Decompressor,
    /// Message that has arrived in part.
    partial: Option<Box<PartialMessage>>,
    /// Bytes that decompression has added since they were last taken; less than none if it has
    /// read more.
    added: isize,
    /// Streams behind a final block that have begun since they were last taken.
    streams: usize,
}

#[derive(Debug)]
struct PartialMessage {
    inflater: Inflater,
    payload: PayloadBuffer,
}

impl Inflation {
    pub(super) fn new(negotiated: &NegotiatedCompression) -> Self {
        Self { decompressor: Decompressor::new(negotiated), partial: None, added: 0, streams: 0 }
    }

    /// Decompresses a message that has arrived completely.
    pub(super) fn decompress_whole(
        &mut self,
        is_text: bool,
        bytes: &[u8],
        max_message_size: usize,
    ) -> Result<Message, ProtocolViolation> {
        let mut message = self.begin(is_text);
        self.decompress(&mut message, bytes, true, max_message_size)?;
        message.payload.into_message()
    }

    /// Decompresses the next bytes of a message. Returns the message once `is_last` has ended it.
    pub(super) fn push(
        &mut self,
        is_text: bool,
        bytes: &[u8],
        is_last: bool,
        max_message_size: usize,
    ) -> Result<Option<Message>, ProtocolViolation> {
        let mut message = self.partial.take().unwrap_or_else(|| Box::new(self.begin(is_text)));
        self.decompress(&mut message, bytes, is_last, max_message_size)?;
        if is_last {
            return message.payload.into_message().map(Some);
        }
        self.partial = Some(message);
        Ok(None)
    }

    fn begin(&self, is_text: bool) -> PartialMessage {
        PartialMessage { inflater: self.decompressor.begin(), payload: PayloadBuffer::new(is_text) }
    }

    fn decompress(
        &mut self,
        PartialMessage { inflater, payload }: &mut PartialMessage,
        bytes: &[u8],
        is_last: bool,
        max_message_size: usize,
    ) -> Result<(), ProtocolViolation> {
        let (before, streams) = (payload.len(), inflater.streams());
        let mut output = BoundedMessage { payload, max: max_message_size };
        let result = self.decompressor.decompress(inflater, bytes, is_last, &mut output);
        self.added += (payload.len() - before) as isize - bytes.len() as isize;
        self.streams += inflater.streams() - streams;
        result
    }

    /// Returns the bytes that the incomplete message holds.
    pub(super) fn held(&self) -> usize {
        self.partial.as_ref().map_or(0, |partial| partial.payload.len() + Inflater::SIZE)
    }

    /// Returns the number of bytes that decompression has added since the last call. What was read
    /// without a result is deducted from the next one.
    pub(super) fn take_added(&mut self) -> usize {
        let added = self.added.max(0);
        self.added -= added;
        added.unsigned_abs()
    }

    /// Returns the number of streams that have begun behind a final block since the last call.
    pub(super) fn take_streams(&mut self) -> usize {
        std::mem::take(&mut self.streams)
    }

    /// Drops an incomplete message.
    pub(super) fn give_up(&mut self) {
        self.partial = None;
    }
}

/// Message that grows up to a limit.
struct BoundedMessage<'a> {
    payload: &'a mut PayloadBuffer,
    max: usize,
}

impl Output for BoundedMessage<'_> {
    type Error = ProtocolViolation;

    fn room(&self) -> usize {
        self.max - self.payload.len()
    }

    fn push(&mut self, bytes: &[u8], is_last: bool) -> Result<(), ProtocolViolation> {
        let Some(left) = self.room().checked_sub(bytes.len()) else { return Err(TOO_BIG) };
        self.payload.push(bytes, if is_last { 0 } else { left as u64 })
    }

    fn bytes(&self) -> [&[u8]; 2] {
        self.payload.bytes()
    }

    fn broken(&self) -> ProtocolViolation {
        NOT_DEFLATED
    }
}

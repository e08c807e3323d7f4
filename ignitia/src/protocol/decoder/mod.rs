//! Decoder: from bytes to messages ([RFC 6455, section
//! 5](https://www.rfc-editor.org/rfc/rfc6455#section-5)).
//!
//! Every header is validated before its payload is touched, and every payload is unmasked in place.
//! A message in one frame is collected as it arrives; a fragmented one is reassembled by
//! tungstenite.

mod compressed;
mod fragments;
mod header;
mod inflation;
mod masking;
mod payload;
mod short_texts;
#[cfg(test)]
mod tests;

use bytes::{Bytes, BytesMut, buf::Limit};
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

pub(crate) use self::short_texts::BatchLimit;
use self::{
    fragments::Fragments,
    header::{FrameHeader, PartialHeader, take_front},
    inflation::Inflation,
    masking::unmask,
    payload::PayloadBuffer,
};
use super::violation::{NOT_UTF_8, ProtocolViolation, RESERVED_BITS, RESERVED_OPCODE, TOO_BIG};
use crate::{
    close::{CloseCode, CloseFrame},
    compression::NegotiatedCompression,
    limits::ReassemblyLease,
    message::Message,
};

/// Size of the allocations that small payloads are cut from.
const PAYLOADS: usize = 1 << 10;

/// Longest payload that counts as small. A user who keeps one keeps its whole allocation alive.
const SMALL: usize = PAYLOADS / 4;

/// Limits of the messages of one connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MessageLimits {
    /// Longest message, in bytes.
    pub(crate) max_message_size: usize,
    /// Number of frames that a message may have.
    pub(crate) max_fragments: usize,
    /// Close code for a message beyond the budget of all connections together.
    pub(crate) reassembly_exceeded: u16,
}

#[derive(Debug)]
pub(crate) struct Decoder {
    /// Memory for the next small payloads.
    payloads: BytesMut,
    head: PartialHeader,
    arriving: Option<Box<ArrivingFrame>>,
    message: Option<MessageProgress>,
    max_message_size: u64,
    max_fragments: usize,
    fragments: Fragments,
    /// Decompression of the peer's messages, if it was agreed on.
    inflation: Option<Inflation>,
    /// Lease of the budget for incomplete messages of all connections, if there is one.
    lease: Option<ReassemblyLease>,
    /// Close code for exceeding that budget.
    reassembly_exceeded: u16,
}

/// Frame whose header was admitted and whose payload is arriving.
#[derive(Debug)]
struct ArrivingFrame {
    header: FrameHeader,
    remaining: u64,
    payload: ArrivingPayload,
}

#[derive(Debug)]
enum ArrivingPayload {
    PayloadBuffer(PayloadBuffer),
    /// Payload of a fragmented message: handed on as it arrives.
    Parts,
    /// Payload of a compressed message: decompressed as it arrives.
    Compressed,
}

/// Frames and bytes announced so far by an incomplete message.
#[derive(Debug, Default)]
struct MessageProgress {
    frames: usize,
    bytes: u64,
    is_compressed: bool,
}

impl Decoder {
    pub(crate) fn new(
        limits: MessageLimits,
        compression: Option<&NegotiatedCompression>,
        lease: Option<ReassemblyLease>,
    ) -> Self {
        Self {
            payloads: BytesMut::new(),
            head: PartialHeader::default(),
            arriving: None,
            message: None,
            max_message_size: limits.max_message_size as u64,
            max_fragments: limits.max_fragments,
            fragments: Fragments::new(limits.max_message_size),
            inflation: compression.map(Inflation::new),
            lease,
            reassembly_exceeded: limits.reassembly_exceeded,
        }
    }

    /// Decodes the next message from `input`, which is advanced behind the bytes used. Returns
    /// `None` when more bytes are needed.
    pub(crate) fn decode(&mut self, input: &mut &mut [u8]) -> Result<Option<Message>, ProtocolViolation> {
        loop {
            let Some(arriving) = &mut self.arriving else {
                let Some(header) = self.head.take(input)? else { return Ok(None) };
                self.admit(&header)?;
                if !header.is_fragment() && header.length <= input.len() as u64 {
                    return self.decode_whole_frame(&header, input).map(Some);
                }
                let is_compressed = self.message.as_ref().is_some_and(|message| message.is_compressed);
                self.arriving = Some(Box::new(ArrivingFrame::new(header, is_compressed)));
                continue;
            };
            if input.is_empty() && arriving.remaining > 0 {
                return Ok(None);
            }
            let piece = arriving.piece(input);
            // A compressed piece is charged for what becomes of it.
            if !matches!(arriving.payload, ArrivingPayload::Compressed) {
                charge(&mut self.lease, self.reassembly_exceeded, &arriving.header, piece.len())?;
            }
            let received = match &mut arriving.payload {
                ArrivingPayload::PayloadBuffer(payload) => {
                    payload.push(piece, arriving.remaining)?;
                    if arriving.remaining > 0 { None } else { Some(self.complete()?) }
                }
                ArrivingPayload::Parts => self.push_fragment(piece)?,
                ArrivingPayload::Compressed => self.push_compressed(piece)?,
            };
            if received.is_some() {
                return Ok(received);
            }
        }
    }

    /// Returns `true` while a header, a frame or a fragmented message is incomplete.
    pub(crate) fn is_inside_message(&self) -> bool {
        self.arriving.is_some() || self.message.is_some() || self.head.is_begun()
    }

    /// Returns the buffer that the next bytes may be read into directly, while a large payload is
    /// arriving.
    pub(crate) fn read_target(&mut self) -> Option<Limit<&mut Vec<u8>>> {
        match &mut **self.arriving.as_mut()? {
            ArrivingFrame { payload: ArrivingPayload::PayloadBuffer(payload), remaining, .. } => {
                payload.read_target(*remaining)
            }
            _ => None,
        }
    }

    /// Notes that `n` bytes were read into the [`read_target`](Self::read_target).
    pub(crate) fn commit_read(&mut self, n: usize) -> Result<(), ProtocolViolation> {
        let Some(arriving) = &mut self.arriving else { return Ok(()) };
        if let ArrivingPayload::PayloadBuffer(payload) = &mut arriving.payload {
            unmask(payload.commit_read(n), arriving.header.mask);
            arriving.consumed(n);
        }
        charge(&mut self.lease, self.reassembly_exceeded, &arriving.header, n)
    }

    /// Releases the memory of a large message, if none is arriving.
    pub(crate) fn shrink(&mut self) {
        if self.arriving.is_none() && self.message.is_none() {
            self.fragments.shrink();
        }
    }

    /// Drops what has arrived of an incomplete message: the input is over.
    pub(crate) fn give_up(&mut self) {
        self.arriving = None;
        self.end_message();
        self.fragments.shrink();
        if let Some(inflation) = &mut self.inflation {
            inflation.give_up();
        }
    }

    /// Checks, by its header alone, that a frame may come now and that its message is not too
    /// large.
    #[inline(always)]
    fn admit(&mut self, header: &FrameHeader) -> Result<(), ProtocolViolation> {
        if header.is_compressed && !self.admits_compressed(header) {
            return Err(RESERVED_BITS);
        }
        match header.opcode {
            OpCode::Control(_) => return Ok(()),
            OpCode::Data(Data::Continue) if self.message.is_none() => {
                return Err(ProtocolViolation::protocol("there is no message to continue"));
            }
            OpCode::Data(Data::Text | Data::Binary) if self.message.is_some() => {
                return Err(ProtocolViolation::protocol("the message before is not finished"));
            }
            OpCode::Data(_) => {}
        }
        let message = self.message.get_or_insert_default();
        message.frames += 1;
        message.bytes = message.bytes.saturating_add(header.length);
        message.is_compressed |= header.is_compressed;
        // What is not worth compressing is longer compressed.
        let slack = if message.is_compressed { self.max_message_size / 8 + 64 } else { 0 };
        if message.bytes > self.max_message_size.saturating_add(slack) {
            return Err(TOO_BIG);
        }
        if message.frames > self.max_fragments {
            return Err(ProtocolViolation {
                code: CloseCode::POLICY,
                reason: "the message has too many fragments",
            });
        }
        Ok(())
    }

    /// Decodes a message in one frame, or a control frame, that has arrived completely.
    #[inline(always)]
    fn decode_whole_frame(
        &mut self,
        header: &FrameHeader,
        input: &mut &mut [u8],
    ) -> Result<Message, ProtocolViolation> {
        let payload = take_front(input, header.length);
        unmask(payload, header.mask);
        let data = match header.opcode {
            OpCode::Data(data) => data,
            OpCode::Control(control) => return self.control_message(control, payload),
        };
        self.message = None;
        if header.is_compressed
            && let Some(inflation) = &mut self.inflation
        {
            return inflation.decompress_whole(data == Data::Text, payload, self.max_message_size as usize);
        }
        if data != Data::Text {
            return Ok(Message::Binary(self.copy_small(payload)));
        }
        match str::from_utf8(payload) {
            Ok(text) => Ok(Message::Text(text.to_owned())),
            Err(_) => Err(NOT_UTF_8),
        }
    }

    fn control_message(&mut self, control: Control, payload: &[u8]) -> Result<Message, ProtocolViolation> {
        match control {
            Control::Close => parse_close(payload).map(Message::Close),
            Control::Ping => Ok(Message::Ping(self.copy_small(payload))),
            Control::Pong => Ok(Message::Pong(self.copy_small(payload))),
            Control::Reserved(_) => Err(RESERVED_OPCODE),
        }
    }

    /// Completes the frame that was collected.
    fn complete(&mut self) -> Result<Message, ProtocolViolation> {
        let Some(ArrivingFrame { header, payload: ArrivingPayload::PayloadBuffer(payload), .. }) =
            self.arriving.take().map(|frame| *frame)
        else {
            unreachable!("it is the one that arrived")
        };
        match (header.opcode, payload) {
            (OpCode::Control(control), PayloadBuffer::Bytes(payload)) => {
                self.control_message(control, &payload)
            }
            (_, payload) => {
                self.end_message();
                payload.into_message()
            }
        }
    }

    /// Hands a piece of a data frame to the reassembly, as a fragment of its own.
    fn push_fragment(&mut self, piece: &[u8]) -> Result<Option<Message>, ProtocolViolation> {
        let frame = self.arriving.as_mut().expect("a frame is arriving");
        let is_whole = frame.remaining == 0;
        let is_final = frame.header.is_final && is_whole;
        let received = self.fragments.push(frame.header.opcode, is_final, piece);
        frame.header.opcode = OpCode::Data(Data::Continue);
        if is_whole {
            self.arriving = None;
        }
        if is_final {
            self.end_message();
        }
        received
    }

    fn end_message(&mut self) {
        self.message = None;
        if let Some(lease) = &mut self.lease {
            lease.release();
        }
    }

    #[inline(always)]
    fn copy_small(&mut self, payload: &[u8]) -> Bytes {
        if payload.len() > SMALL {
            return Bytes::copy_from_slice(payload);
        }
        if self.payloads.capacity() < payload.len() {
            self.payloads.reserve(PAYLOADS);
        }
        self.payloads.extend_from_slice(payload);
        self.payloads.split().freeze()
    }
}

impl ArrivingFrame {
    fn new(header: FrameHeader, is_compressed: bool) -> Self {
        let payload = match header.opcode {
            OpCode::Data(_) if is_compressed => ArrivingPayload::Compressed,
            OpCode::Data(Data::Text) if header.is_final => {
                ArrivingPayload::PayloadBuffer(PayloadBuffer::new(true))
            }
            OpCode::Data(Data::Binary) if header.is_final => {
                ArrivingPayload::PayloadBuffer(PayloadBuffer::new(false))
            }
            OpCode::Control(_) => ArrivingPayload::PayloadBuffer(PayloadBuffer::new(false)),
            OpCode::Data(_) => ArrivingPayload::Parts,
        };
        Self { remaining: header.length, header, payload }
    }

    /// Takes the part of the payload that is in `input`, unmasked.
    fn piece<'a>(&mut self, input: &mut &'a mut [u8]) -> &'a mut [u8] {
        let piece = take_front(input, self.remaining);
        unmask(piece, self.header.mask);
        self.consumed(piece.len());
        piece
    }

    fn consumed(&mut self, n: usize) {
        self.header.mask.rotate_left(n % 4);
        self.remaining -= n as u64;
    }
}

/// Charges bytes of an incomplete message to the budget. Control frames are small and never wait
/// for more.
fn charge(
    lease: &mut Option<ReassemblyLease>,
    code: u16,
    header: &FrameHeader,
    bytes: usize,
) -> Result<(), ProtocolViolation> {
    let Some(lease) = lease else { return Ok(()) };
    let is_within = matches!(header.opcode, OpCode::Control(_)) || lease.add(bytes);
    let reason = "the server holds too many incomplete messages";
    if is_within { Ok(()) } else { Err(ProtocolViolation { code, reason }) }
}

/// Parses the payload of a close frame (RFC 6455, section 5.5.1). tungstenite does not know code
/// 1014.
fn parse_close(payload: &[u8]) -> Result<Option<CloseFrame>, ProtocolViolation> {
    let Some((code, reason)) = payload.split_first_chunk() else {
        return if payload.is_empty() {
            Ok(None)
        } else {
            Err(ProtocolViolation::protocol("the close frame holds one byte: a close code has two"))
        };
    };
    let code = u16::from_be_bytes(*code);
    if !CloseCode::is_sendable(code) {
        return Err(ProtocolViolation::protocol("this close code must not be sent"));
    }
    match str::from_utf8(reason) {
        Ok(reason) => Ok(Some(CloseFrame { code, reason: reason.to_owned() })),
        Err(_) => Err(ProtocolViolation {
            code: CloseCode::INVALID_DATA,
            reason: "the close reason is not valid UTF-8",
        }),
    }
}

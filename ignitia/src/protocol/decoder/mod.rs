//! From bytes to messages: [RFC 6455, section 5](https://www.rfc-editor.org/rfc/rfc6455#section-5).
//!
//! Every header is judged first, and every payload is unmasked where it lies. A message in one frame is collected as it
//! arrives; one in several is assembled by tungstenite.

mod fragments;
mod header;
mod masking;
mod payload;
#[cfg(test)]
mod tests;

use bytes::{Bytes, BytesMut, buf::Limit};
use tokio_tungstenite::tungstenite::{
    Utf8Bytes,
    protocol::frame::coding::{Control, Data, OpCode},
};

use self::{
    fragments::Fragments,
    header::{Head, Header},
    masking::unmask,
    payload::Collected,
};
use super::{
    incoming::Received,
    violation::{NOT_UTF_8, RESERVED_OPCODE, TOO_BIG, Violation},
};
use crate::{
    close::{CloseCode, CloseFrame},
    limits::Share,
};

/// Small payloads are cut from pieces of memory of this size: one allocation for many.
const PAYLOADS: usize = 1 << 10;

/// What counts as small: a user who keeps one keeps its whole piece.
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
    /// Room for the next small payloads.
    payloads: BytesMut,
    /// Whether texts are made to be taken away, each in memory of its own.
    pub(crate) gives_away: bool,
    head: Head,
    arriving: Option<Arriving>,
    message: Option<Progress>,
    max_message_size: u64,
    max_fragments: usize,
    fragments: Fragments,
    /// Where there is a limit to what all connections hold together.
    share: Option<Share>,
    /// The close code for what is beyond it.
    share_exceeded: u16,
}

/// A frame whose header has been let through and whose payload is on its way.
#[derive(Debug)]
struct Arriving {
    header: Header,
    remaining: u64,
    payload: Payload,
}

#[derive(Debug)]
enum Payload {
    Collected(Collected),
    /// A part of a message: handed on as it arrives.
    Parts,
}

/// What has been announced of a message that is not complete.
#[derive(Debug, Default)]
struct Progress {
    frames: usize,
    bytes: u64,
}

impl Decoder {
    pub(crate) fn new(limits: MessageLimits, share: Option<Share>) -> Self {
        Self {
            payloads: BytesMut::new(),
            gives_away: true,
            head: Head::default(),
            arriving: None,
            message: None,
            max_message_size: limits.max_message_size as u64,
            max_fragments: limits.max_fragments,
            fragments: Fragments::new(limits.max_message_size),
            share,
            share_exceeded: limits.reassembly_exceeded,
        }
    }

    /// The next message from `input`, which is advanced behind what was used; `None` when more is needed.
    pub(crate) fn decode(&mut self, input: &mut &mut [u8]) -> Result<Option<Received>, Violation> {
        loop {
            let Some(arriving) = &mut self.arriving else {
                let Some(header) = self.head.take(input)? else { return Ok(None) };
                self.admit(&header)?;
                if header.is_message() && header.length <= input.len() as u64 {
                    return self.whole(&header, input).map(Some);
                }
                self.arriving = Some(Arriving::new(header));
                continue;
            };
            if input.is_empty() && arriving.remaining > 0 {
                return Ok(None);
            }
            let piece = arriving.piece(input);
            hold(&mut self.share, self.share_exceeded, &arriving.header, piece.len())?;
            let received = match &mut arriving.payload {
                Payload::Collected(payload) => {
                    payload.push(piece, arriving.remaining)?;
                    if arriving.remaining > 0 { None } else { Some(self.complete()?) }
                }
                Payload::Parts => self.part(piece)?,
            };
            if received.is_some() {
                return Ok(received);
            }
        }
    }

    /// Where the next bytes may be read to: a large payload is under way, and needs no copy.
    pub(crate) fn place(&mut self) -> Option<Limit<&mut Vec<u8>>> {
        match &mut self.arriving {
            Some(Arriving { payload: Payload::Collected(payload), remaining, .. }) => {
                payload.place(*remaining)
            }
            _ => None,
        }
    }

    /// `n` bytes were read to their place.
    pub(crate) fn placed(&mut self, n: usize) -> Result<(), Violation> {
        let Some(arriving) = &mut self.arriving else { return Ok(()) };
        if let Payload::Collected(payload) = &mut arriving.payload {
            unmask(payload.placed(n), arriving.header.mask);
            arriving.consumed(n);
        }
        hold(&mut self.share, self.share_exceeded, &arriving.header, n)
    }

    /// Gives back what a large message took, if none is under way.
    pub(crate) fn shrink(&mut self) {
        if self.arriving.is_none() && self.message.is_none() {
            self.fragments.shrink();
        }
    }

    /// Gives back what has arrived of a message: nothing more will.
    pub(crate) fn give_up(&mut self) {
        self.arriving = None;
        self.end_message();
        self.fragments.shrink();
    }

    /// Whether a frame may come now, and whether its message may be that large: decided by its header alone.
    #[inline(always)]
    fn admit(&mut self, header: &Header) -> Result<(), Violation> {
        match header.opcode {
            OpCode::Control(_) => return Ok(()),
            OpCode::Data(Data::Continue) if self.message.is_none() => {
                return Err(Violation::protocol("there is no message to continue"));
            }
            OpCode::Data(Data::Text | Data::Binary) if self.message.is_some() => {
                return Err(Violation::protocol("the message before is not finished"));
            }
            OpCode::Data(_) => {}
        }
        let message = self.message.get_or_insert_default();
        message.frames += 1;
        message.bytes = message.bytes.saturating_add(header.length);
        if message.bytes > self.max_message_size {
            return Err(TOO_BIG);
        }
        if message.frames > self.max_fragments {
            return Err(Violation { code: CloseCode::POLICY, reason: "the message has too many fragments" });
        }
        Ok(())
    }

    /// A message in one frame, all of which is there.
    #[inline(always)]
    fn whole(&mut self, header: &Header, input: &mut &mut [u8]) -> Result<Received, Violation> {
        self.message = None;
        let payload = split(input, header.length);
        unmask(payload, header.mask);
        match header.opcode {
            OpCode::Data(Data::Text) if self.gives_away || payload.len() > SMALL => {
                match str::from_utf8(payload) {
                    Ok(text) => Ok(Received::Text(text.to_owned().into())),
                    Err(_) => Err(NOT_UTF_8),
                }
            }
            OpCode::Data(Data::Text) => match Utf8Bytes::try_from(self.shared(payload)) {
                Ok(text) => Ok(Received::Text(text.into())),
                Err(_) => Err(NOT_UTF_8),
            },
            _ => Ok(Received::Binary(self.shared(payload))),
        }
    }

    /// The frame that was collected.
    fn complete(&mut self) -> Result<Received, Violation> {
        let Some(Arriving { header, payload: Payload::Collected(payload), .. }) = self.arriving.take() else {
            unreachable!("it is the one that arrived")
        };
        let payload = match payload {
            Collected::Text(text) => {
                self.end_message();
                return text.finish().map(|text| Received::Text(text.into()));
            }
            Collected::Bytes(payload) => payload,
        };
        match header.opcode {
            OpCode::Data(_) => {
                self.end_message();
                Ok(Received::Binary(payload.into()))
            }
            OpCode::Control(Control::Close) => close(&payload).map(Received::Close),
            OpCode::Control(Control::Ping) => Ok(Received::Ping(self.shared(&payload))),
            OpCode::Control(Control::Pong) => Ok(Received::Pong(self.shared(&payload))),
            OpCode::Control(Control::Reserved(_)) => Err(RESERVED_OPCODE),
        }
    }

    /// Hands a piece of a data frame on, as a fragment of its own.
    fn part(&mut self, piece: &[u8]) -> Result<Option<Received>, Violation> {
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
        if let Some(share) = &mut self.share {
            share.release();
        }
    }

    #[inline(always)]
    fn shared(&mut self, payload: &[u8]) -> Bytes {
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

impl Arriving {
    fn new(header: Header) -> Self {
        let payload = match header.opcode {
            OpCode::Data(Data::Text) if header.is_final => {
                Payload::Collected(Collected::Text(<_>::default()))
            }
            OpCode::Data(Data::Binary) if header.is_final => Payload::Collected(Collected::Bytes(Vec::new())),
            OpCode::Control(_) => Payload::Collected(Collected::Bytes(Vec::new())),
            OpCode::Data(_) => Payload::Parts,
        };
        Self { remaining: header.length, header, payload }
    }

    /// What `input` has of the payload, unmasked.
    fn piece<'a>(&mut self, input: &mut &'a mut [u8]) -> &'a mut [u8] {
        let piece = split(input, self.remaining);
        unmask(piece, self.header.mask);
        self.consumed(piece.len());
        piece
    }

    fn consumed(&mut self, n: usize) {
        self.header.mask.rotate_left(n % 4);
        self.remaining -= n as u64;
    }
}

/// Counts what a message has brought that is not complete. Control frames are small, and never wait for more.
fn hold(share: &mut Option<Share>, code: u16, header: &Header, bytes: usize) -> Result<(), Violation> {
    let Some(share) = share else { return Ok(()) };
    let is_within = matches!(header.opcode, OpCode::Control(_)) || share.add(bytes);
    let reason = "the server holds too many incomplete messages";
    if is_within { Ok(()) } else { Err(Violation { code, reason }) }
}

/// Reads a close frame: RFC 6455, section 5.5.1. tungstenite does not know 1014.
fn close(payload: &[u8]) -> Result<Option<CloseFrame>, Violation> {
    let Some((code, reason)) = payload.split_first_chunk() else {
        return if payload.is_empty() { Ok(None) } else { Err(Violation::protocol("half a close code")) };
    };
    let code = u16::from_be_bytes(*code);
    if !CloseCode::is_sendable(code) {
        return Err(Violation::protocol("this close code must not be sent"));
    }
    match str::from_utf8(reason) {
        Ok(reason) => Ok(Some(CloseFrame { code, reason: reason.to_owned() })),
        Err(_) => {
            Err(Violation { code: CloseCode::INVALID_DATA, reason: "the close reason is not valid UTF-8" })
        }
    }
}

/// Takes so much off the front of `input`, or all that there is.
fn split<'a>(input: &mut &'a mut [u8], at_most: u64) -> &'a mut [u8] {
    let n = usize::try_from(at_most).map_or(input.len(), |limit| limit.min(input.len()));
    let (piece, rest) = std::mem::take(input).split_at_mut(n);
    *input = rest;
    piece
}

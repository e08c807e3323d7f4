//! From bytes to messages: [RFC 6455, section 5](https://www.rfc-editor.org/rfc/rfc6455#section-5).
//!
//! Every header is judged first, and every payload is unmasked where it lies. A message in one frame is collected as it
//! arrives; one in several is assembled by tungstenite.

mod collected;
mod fragments;
mod header;
mod unmask;

use bytes::{Bytes, BytesMut, buf::Limit};
use tokio_tungstenite::tungstenite::{
    Utf8Bytes,
    protocol::frame::coding::{Control, Data, OpCode},
};

use self::{
    collected::Collected,
    fragments::Fragments,
    header::{Head, Header},
    unmask::unmask,
};
use super::{config::WebSocketConfig, inbound::Received};
use crate::{
    close::{CloseCode, CloseFrame},
    limits::Share,
};

/// Small payloads are cut from pieces of memory of this size: one allocation for many.
const PAYLOADS: usize = 1 << 10;

/// What counts as small: a user who keeps one keeps its whole piece.
const SMALL: usize = PAYLOADS / 4;

/// What the peer did wrong, as it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Violation {
    pub(super) code: u16,
    pub(super) reason: &'static str,
}

impl Violation {
    const fn protocol(reason: &'static str) -> Self {
        Self { code: CloseCode::PROTOCOL, reason }
    }

    pub(super) fn close_frame(self) -> CloseFrame {
        CloseFrame { code: self.code, reason: self.reason.into() }
    }
}

const NOT_UTF_8: Violation =
    Violation { code: CloseCode::INVALID_DATA, reason: "the text is not valid UTF-8" };
const RESERVED_OPCODE: Violation = Violation::protocol("the opcode is reserved");
const TOO_BIG: Violation = Violation { code: CloseCode::TOO_BIG, reason: "the message is too big" };

#[derive(Debug)]
pub(super) struct Decoder {
    /// Room for the next small payloads.
    payloads: BytesMut,
    /// Whether texts are made to be taken away, each in memory of its own.
    pub(super) gives_away: bool,
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
    pub(super) fn new(config: &WebSocketConfig, share: Option<Share>) -> Self {
        Self {
            payloads: BytesMut::new(),
            gives_away: true,
            head: Head::default(),
            arriving: None,
            message: None,
            max_message_size: config.max_message_size as u64,
            max_fragments: config.max_fragments,
            fragments: Fragments::new(config.max_message_size),
            share,
            share_exceeded: config.close_codes.incomplete,
        }
    }

    /// The next message from `input`, which is advanced behind what was used; `None` when more is needed.
    pub(super) fn decode(&mut self, input: &mut &mut [u8]) -> Result<Option<Received>, Violation> {
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
    pub(super) fn place(&mut self) -> Option<Limit<&mut Vec<u8>>> {
        match &mut self.arriving {
            Some(Arriving { payload: Payload::Collected(payload), remaining, .. }) => {
                payload.place(*remaining)
            }
            _ => None,
        }
    }

    /// `n` bytes were read to their place.
    pub(super) fn placed(&mut self, n: usize) -> Result<(), Violation> {
        let Some(arriving) = &mut self.arriving else { return Ok(()) };
        if let Payload::Collected(payload) = &mut arriving.payload {
            unmask(payload.placed(n), arriving.header.mask);
            arriving.consumed(n);
        }
        hold(&mut self.share, self.share_exceeded, &arriving.header, n)
    }

    /// Gives back what a large message took, if none is under way.
    pub(super) fn shrink(&mut self) {
        if self.arriving.is_none() && self.message.is_none() {
            self.fragments.shrink();
        }
    }

    /// Gives back what has arrived of a message: nothing more will.
    pub(super) fn give_up(&mut self) {
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

#[cfg(test)]
mod tests {
    use super::*;

    const MASK: [u8; 4] = [0xa1, 0x02, 0x3b, 0xff];

    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![first];
        match payload.len() {
            n @ 0..=125 => bytes.push(0x80 | n as u8),
            n @ 126..=65_535 => {
                bytes.push(0xfe);
                bytes.extend_from_slice(&(n as u16).to_be_bytes());
            }
            n => {
                bytes.push(0xff);
                bytes.extend_from_slice(&(n as u64).to_be_bytes());
            }
        }
        bytes.extend_from_slice(&MASK);
        bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        bytes
    }

    /// Everything that `bytes` decode to when they arrive in pieces of `step`.
    fn decode(config: &WebSocketConfig, bytes: &[u8], step: usize) -> (Vec<Received>, Option<Violation>) {
        let mut decoder = Decoder::new(config, None);
        let mut decoded = Vec::new();
        for mut piece in bytes.to_vec().chunks_mut(step) {
            loop {
                match decoder.decode(&mut piece) {
                    Ok(Some(message)) => decoded.push(message),
                    Ok(None) => break,
                    Err(violation) => return (decoded, Some(violation)),
                }
                decoder.shrink();
            }
            assert!(piece.is_empty(), "bytes are left over");
        }
        (decoded, None)
    }

    fn refused(config: &WebSocketConfig, bytes: &[u8]) -> u16 {
        let codes = [1, bytes.len()].map(|step| decode(config, bytes, step).1.expect("a violation").code);
        assert_eq!(codes[0], codes[1], "the verdict depends on how the bytes arrive");
        codes[0]
    }

    #[test]
    fn every_kind_in_pieces_of_every_size() {
        let long = "ü".repeat(40_000);
        let mut bytes = frame(0x81, b"one");
        bytes.extend(frame(0x01, "tw\u{f6}".as_bytes()));
        bytes.extend(frame(0x89, b"ping"));
        bytes.extend(frame(0x00, b""));
        bytes.extend(frame(0x80, b"!"));
        bytes.extend(frame(0x82, &[7; 300]));
        bytes.extend(frame(0x8a, b""));
        bytes.extend(frame(0x81, long.as_bytes()));
        bytes.extend(frame(0x81, b""));
        bytes.extend(frame(0x88, b"\x03\xe8bye"));
        let text = |text: &str| Received::Text(text.to_owned().into());
        let expected = [
            text("one"),
            Received::Ping("ping".into()),
            text("tw\u{f6}!"),
            Received::Binary(vec![7; 300].into()),
            Received::Pong("".into()),
            text(&long),
            text(""),
            Received::Close(Some(CloseFrame { code: 1000, reason: "bye".into() })),
        ];
        for step in [1, 2, 3, 5, 7, 13, 14, 15, 100, 1_023, 4_096, bytes.len()] {
            let (decoded, violation) = decode(&WebSocketConfig::default(), &bytes, step);
            assert_eq!(violation, None, "pieces of {step}");
            assert!(decoded == expected, "pieces of {step}");
        }
    }

    /// Whole or in pieces, by the short way or by tungstenite's: every length up to several words, every position of a
    /// broken byte.
    #[test]
    fn how_a_frame_arrives_makes_no_difference() {
        let config = WebSocketConfig::default();
        for length in 0..40 {
            let binary = frame(0x82, &(0..length).collect::<Vec<u8>>());
            let text = frame(0x81, &vec![b'x'; length.into()]);
            for bytes in [&binary, &text] {
                assert_eq!(decode(&config, bytes, bytes.len()), decode(&config, bytes, 1));
                assert_eq!(decode(&config, bytes, bytes.len()).0.len(), 1);
            }
            for place in 6..text.len() {
                let mut broken = text.clone();
                broken[place] ^= 0x80;
                assert_eq!(refused(&config, &broken), 1007);
            }
        }
    }

    #[test]
    fn headers_that_are_refused() {
        let config = WebSocketConfig { max_message_size: 1_000, max_fragments: 3, ..Default::default() };
        let unmasked = [0x81, 0x01, b'x'];
        let not_shortest = [0x81, 0xfe, 0, 5, 0, 0, 0, 0];
        let top_bit = [0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];
        let declared = [0x82, 0xff, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
        for (name, bytes, code) in [
            ("reserved bit", frame(0xc1, b"x"), 1002),
            ("reserved data opcode", frame(0x83, b"x"), 1002),
            ("reserved control opcode", frame(0x8b, b"x"), 1002),
            ("unmasked", unmasked.to_vec(), 1002),
            ("length not in its shortest form", not_shortest.to_vec(), 1002),
            ("length with its top bit", top_bit.to_vec(), 1002),
            ("fragmented ping", frame(0x09, b"x"), 1002),
            ("ping of 126", frame(0x89, &[0; 126])[..8].to_vec(), 1002),
            ("continuation of nothing", frame(0x80, b"x"), 1002),
            ("text in the middle", [frame(0x01, b"x"), frame(0x81, b"y")].concat(), 1002),
            ("16 MiB declared", declared.to_vec(), 1009),
            ("1001 bytes declared", frame(0x82, &[0; 1_001])[..8].to_vec(), 1009),
            ("too big in sum", [frame(0x02, &[0; 600]), frame(0x80, &[0; 401])[..8].to_vec()].concat(), 1009),
            (
                "four fragments",
                [frame(0x01, b""), frame(0, b""), frame(0, b""), frame(0, b"")].concat(),
                1008,
            ),
            ("not UTF-8", frame(0x81, b"\xff"), 1007),
            ("UTF-8 broken by the end", frame(0x81, b"\xc3"), 1007),
            ("close of one byte", frame(0x88, b"\x03"), 1002),
            ("close with 1005", frame(0x88, b"\x03\xed"), 1002),
            ("close with 999", frame(0x88, b"\x03\xe7"), 1002),
            ("close reason not UTF-8", frame(0x88, b"\x03\xe8\xff"), 1007),
        ] {
            assert_eq!(refused(&config, &bytes), code, "{name}");
        }
    }

    #[test]
    fn limits_are_inclusive() {
        let config = WebSocketConfig { max_message_size: 1_000, max_fragments: 3, ..Default::default() };
        let exact = [frame(0x02, &[0; 600]), frame(0x00, &[0; 400]), frame(0x80, b"")].concat();
        assert_eq!(decode(&config, &exact, 64).0.len(), 1);
    }

    #[test]
    fn broken_text_is_noticed_before_its_frame_is_complete() {
        let mut bytes = frame(0x81, "κόσμε\u{10ffff}edited".as_bytes());
        let end = bytes.len();
        bytes[end - 8] ^= 0xff;
        let mut decoder = Decoder::new(&WebSocketConfig::default(), None);
        let mut seen = 0;
        let violation = bytes[..end - 4].iter().find_map(|byte| {
            seen += 1;
            decoder.decode(&mut &mut [*byte][..]).err()
        });
        assert_eq!(violation.map(|violation| violation.code), Some(1007));
        assert!(seen < end - 4);
    }
}

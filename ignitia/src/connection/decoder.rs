//! From bytes to messages: [RFC 6455, section 5](https://www.rfc-editor.org/rfc/rfc6455#section-5).
//!
//! Every header is judged first. A message that has arrived as a whole, in one frame, is unmasked and checked where it
//! lies, and needs nothing else. What comes in fragments, or in pieces, is assembled and validated by tungstenite's
//! `WebSocketContext`. That reserves what a frame's header declares and looks at a frame when all of it is there; so a
//! frame is handed on in the pieces in which it arrives, each as a fragment of its own. Memory then grows with the bytes
//! received, and broken text is noticed at its first broken byte.

use std::io::{self, Cursor, Read, Write};

use bytes::{Bytes, BytesMut};
use tokio_tungstenite::tungstenite::{
    self, Error as ProtocolError, Utf8Bytes,
    protocol::{
        Role, WebSocketContext,
        frame::{
            FrameHeader,
            coding::{Control, Data, OpCode},
        },
    },
};

use super::{config::WebSocketConfig, inbound::Received};
use crate::close::{CloseCode, CloseFrame};

/// What tungstenite allocates ahead, and fills with zeros before it reads.
const READ_BUFFER: usize = 1 << 10;

/// Small payloads are cut from pieces of memory of this size: one allocation for many.
const PAYLOADS: usize = 1 << 10;

/// What counts as small: a user who keeps one keeps its whole piece.
const SMALL: usize = PAYLOADS / 4;

/// The longest frame header: two bytes, a 64-bit length, a mask.
const MAX_HEADER: usize = 14;

const MAX_CONTROL: u64 = 125;

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
}

const NOT_UTF_8: Violation =
    Violation { code: CloseCode::INVALID_DATA, reason: "the text is not valid UTF-8" };
const RESERVED_OPCODE: Violation = Violation::protocol("the opcode is reserved");

#[derive(Debug)]
pub(super) struct Decoder {
    /// Room for the next small payloads.
    payloads: BytesMut,
    arriving: Option<Arriving>,
    message: Option<Fragments>,
    max_message_size: u64,
    max_fragments: usize,
    /// A header of which only the beginning has arrived.
    head: Vec<u8>,
    /// Assembles what does not arrive as a whole; made for the first of these.
    context: Option<Box<WebSocketContext>>,
    /// Whether the context's buffers have outgrown their first size.
    grown: bool,
}

/// A frame whose header has been let through and whose payload is on its way.
#[derive(Debug)]
struct Arriving {
    opcode: OpCode,
    is_final: bool,
    mask: [u8; 4],
    remaining: u64,
    /// A control frame's payload so far: those are handed on whole.
    control: Vec<u8>,
}

/// The message that the next continuation frame belongs to.
#[derive(Debug, Default)]
struct Fragments {
    count: usize,
    bytes: u64,
}

impl Decoder {
    pub(super) fn new(config: &WebSocketConfig) -> Self {
        Self {
            payloads: BytesMut::new(),
            arriving: None,
            message: None,
            max_message_size: config.max_message_size as u64,
            max_fragments: config.max_fragments,
            head: Vec::new(),
            context: None,
            grown: false,
        }
    }

    /// The next message from `input`, which is advanced behind what was used; `None` when more is needed.
    pub(super) fn decode(&mut self, input: &mut &[u8]) -> Result<Option<Received>, Violation> {
        loop {
            let Some(arriving) = &mut self.arriving else {
                let Some(arriving) = self.header(input)? else { return Ok(None) };
                if self.is_whole_message(&arriving, input) {
                    return self.message(&arriving, input).map(Some);
                }
                self.arriving = Some(arriving);
                continue;
            };
            if input.is_empty() && arriving.remaining > 0 {
                return Ok(None);
            }
            let piece = split(input, arriving.remaining);
            arriving.remaining -= piece.len() as u64;
            let whole = arriving.remaining == 0;
            let decoded = match arriving.opcode {
                OpCode::Data(_) => self.data(piece, whole)?,
                OpCode::Control(control) => {
                    arriving.control.extend_from_slice(piece);
                    if !whole {
                        return Ok(None);
                    }
                    self.control(control)?
                }
            };
            if decoded.is_some() {
                return Ok(decoded);
            }
        }
    }

    /// Gives back what a large message took, if none is under way.
    pub(super) fn shrink(&mut self) {
        if self.grown && self.arriving.is_none() && self.message.is_none() {
            self.context = None;
            self.grown = false;
        }
    }

    /// Takes one frame's header off `input` and judges it.
    fn header(&mut self, input: &mut &[u8]) -> Result<Option<Arriving>, Violation> {
        if input.is_empty() {
            return Ok(None);
        }
        let begun = self.head.len();
        let parsed = if begun == 0 {
            parse(input)?
        } else {
            let missing = &input[..input.len().min(MAX_HEADER - begun)];
            self.head.extend_from_slice(missing);
            parse(&self.head)?
        };
        let Some((header, length, size)) = parsed else {
            if begun == 0 {
                self.head.extend_from_slice(input);
            }
            *input = &[];
            return Ok(None);
        };
        self.head = Vec::new();
        *input = &input[size - begun..];
        let mask = self.judge(&header, length, size)?;
        let (opcode, is_final) = (header.opcode, header.is_final);
        Ok(Some(Arriving { opcode, is_final, mask, remaining: length, control: Vec::new() }))
    }

    /// Whether a frame may come in, by its header alone; its mask if so.
    fn judge(&mut self, header: &FrameHeader, length: u64, size: usize) -> Result<[u8; 4], Violation> {
        if header.rsv1 || header.rsv2 || header.rsv3 {
            return Err(Violation::protocol("reserved bits are set"));
        }
        let Some(mask) = header.mask else {
            return Err(Violation::protocol("a client's frames must be masked"));
        };
        if length >> 63 == 1 || size != header.len(length) {
            return Err(Violation::protocol("the payload length is not in its shortest form"));
        }
        match header.opcode {
            OpCode::Control(_) if !header.is_final => {
                return Err(Violation::protocol("a control frame must not be fragmented"));
            }
            OpCode::Control(_) if length > MAX_CONTROL => {
                return Err(Violation::protocol("a control frame holds at most 125 bytes"));
            }
            OpCode::Control(_) => return Ok(mask),
            OpCode::Data(Data::Continue) if self.message.is_none() => {
                return Err(Violation::protocol("there is no message to continue"));
            }
            OpCode::Data(Data::Text | Data::Binary) if self.message.is_some() => {
                return Err(Violation::protocol("the message before is not finished"));
            }
            OpCode::Data(_) => {}
        }
        let message = self.message.get_or_insert_default();
        message.count += 1;
        message.bytes = message.bytes.saturating_add(length);
        if message.bytes > self.max_message_size {
            return Err(Violation { code: CloseCode::TOO_BIG, reason: "the message is too big" });
        }
        if message.count > self.max_fragments {
            return Err(Violation { code: CloseCode::POLICY, reason: "the message has too many fragments" });
        }
        Ok(mask)
    }

    /// Whether a frame is all of a message, and all of it is there.
    fn is_whole_message(&self, frame: &Arriving, input: &[u8]) -> bool {
        frame.is_final
            && frame.remaining <= input.len() as u64
            && matches!(frame.opcode, OpCode::Data(Data::Text | Data::Binary))
    }

    fn message(&mut self, frame: &Arriving, input: &mut &[u8]) -> Result<Received, Violation> {
        self.message = None;
        let payload = split(input, frame.remaining);
        let payload = self.unmasked(payload, frame.mask);
        if frame.opcode == OpCode::Data(Data::Binary) {
            return Ok(Received::Binary(payload));
        }
        match Utf8Bytes::try_from(payload) {
            Ok(text) => Ok(Received::Text(text)),
            Err(_) => Err(NOT_UTF_8),
        }
    }

    fn unmasked(&mut self, payload: &[u8], mask: [u8; 4]) -> Bytes {
        if payload.len() > SMALL {
            let mut unmasked = payload.to_vec();
            unmask(&mut unmasked, mask);
            return unmasked.into();
        }
        if self.payloads.capacity() < payload.len() {
            self.payloads.reserve(PAYLOADS);
        }
        self.payloads.extend_from_slice(payload);
        unmask(&mut self.payloads, mask);
        self.payloads.split().freeze()
    }

    /// Hands a piece of a data frame on, as a fragment of its own.
    fn data(&mut self, piece: &[u8], whole: bool) -> Result<Option<Received>, Violation> {
        let frame = self.arriving.as_mut().expect("a frame is arriving");
        let is_final = frame.is_final && whole;
        let context = self.context.get_or_insert_with(|| context(self.max_message_size as usize));
        let decoded = feed(context, frame.opcode, is_final, frame.mask, piece);
        frame.opcode = OpCode::Data(Data::Continue);
        frame.mask.rotate_left(piece.len() % 4);
        self.grown |= piece.len() > READ_BUFFER;
        if whole {
            self.arriving = None;
        }
        if is_final {
            self.message = None;
        }
        decoded
    }

    fn control(&mut self, control: Control) -> Result<Option<Received>, Violation> {
        let frame = self.arriving.take().expect("a frame is arriving");
        let payload = self.unmasked(&frame.control, frame.mask);
        match control {
            Control::Close => close(&payload).map(|frame| Some(Received::Close(frame))),
            Control::Ping => Ok(Some(Received::Ping(payload))),
            Control::Pong => Ok(Some(Received::Pong(payload))),
            Control::Reserved(_) => Err(RESERVED_OPCODE),
        }
    }
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

/// RFC 6455, section 5.3.
fn unmask(bytes: &mut [u8], mask: [u8; 4]) {
    let [a, b, c, d] = mask;
    let key = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (words, rest) = bytes.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ key).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
}

fn context(max_message_size: usize) -> Box<WebSocketContext> {
    let config = tungstenite::protocol::WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(Some(max_message_size))
        .max_frame_size(Some(max_message_size.max(MAX_CONTROL as usize)));
    Box::new(WebSocketContext::new(Role::Server, Some(config)))
}

/// The header at the beginning of `bytes`, the payload's length, and the header's size; `None` if it is incomplete.
fn parse(bytes: &[u8]) -> Result<Option<(FrameHeader, u64, usize)>, Violation> {
    let mut cursor = Cursor::new(bytes);
    match FrameHeader::parse(&mut cursor) {
        Ok(parsed) => Ok(parsed.map(|(header, length)| (header, length, cursor.position() as usize))),
        Err(_) => Err(RESERVED_OPCODE),
    }
}

fn split<'a>(input: &mut &'a [u8], at_most: u64) -> &'a [u8] {
    let n = usize::try_from(at_most).map_or(input.len(), |limit| limit.min(input.len()));
    let (piece, rest) = input.split_at(n);
    *input = rest;
    piece
}

/// Gives one masked frame to tungstenite and takes the message that it completes.
fn feed(
    context: &mut WebSocketContext,
    opcode: OpCode,
    is_final: bool,
    mask: [u8; 4],
    payload: &[u8],
) -> Result<Option<Received>, Violation> {
    let header = FrameHeader { is_final, opcode, mask: Some(mask), ..FrameHeader::default() };
    let mut head = [0; MAX_HEADER];
    let mut rest = &mut head[..];
    header.format(payload.len() as u64, &mut rest).expect("a header has at most 14 bytes");
    let size = MAX_HEADER - rest.len();
    match context.read(&mut Feed { head: &head[..size], payload }) {
        Ok(tungstenite::Message::Text(text)) => Ok(Some(Received::Text(text))),
        Ok(tungstenite::Message::Binary(bytes)) => Ok(Some(Received::Binary(bytes))),
        Ok(_) => unreachable!("only data is fed"),
        Err(ProtocolError::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
        Err(ProtocolError::Utf8(_)) => Err(NOT_UTF_8),
        Err(ProtocolError::Capacity(_)) => {
            Err(Violation { code: CloseCode::TOO_BIG, reason: "the message is too big" })
        }
        Err(_) => Err(Violation::protocol("the frame is malformed")),
    }
}

/// The bytes of one frame. What tungstenite wants to answer by itself goes nowhere: pongs and close replies are
/// written by the connection task, in its own order.
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
        let mut decoder = Decoder::new(config);
        let mut decoded = Vec::new();
        for mut piece in bytes.chunks(step) {
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
        let mut decoder = Decoder::new(&WebSocketConfig::default());
        let mut seen = 0;
        let violation = bytes[..end - 4].iter().find_map(|byte| {
            seen += 1;
            decoder.decode(&mut &[*byte][..]).err()
        });
        assert_eq!(violation.map(|violation| violation.code), Some(1007));
        assert!(seen < end - 4);
    }
}

//! Frames as bytes, valid or not.

pub(crate) const TEXT: u8 = 0x1;
pub(crate) const BINARY: u8 = 0x2;
pub(crate) const CLOSE: u8 = 0x8;
pub(crate) const PING: u8 = 0x9;
pub(crate) const PONG: u8 = 0xa;

const FIN: u8 = 0x80;

/// First reserved bit: the message is compressed.
pub(crate) const COMPRESSED: u8 = 0x40;
const MASK: [u8; 4] = [0x12, 0x34, 0x56, 0x78];

/// Returns the header of a client's frame: `first` holds the FIN bit, the reserved bits and the
/// opcode; the length has its shortest form.
pub(crate) fn header(first: u8, declared: u64) -> Vec<u8> {
    let mut bytes = vec![first];
    match declared {
        0..=125 => bytes.push(FIN | declared as u8),
        126..=0xffff => {
            bytes.push(FIN | 126);
            bytes.extend_from_slice(&(declared as u16).to_be_bytes());
        }
        _ => {
            bytes.push(FIN | 127);
            bytes.extend_from_slice(&declared.to_be_bytes());
        }
    }
    bytes.extend_from_slice(&MASK);
    bytes
}

/// Returns a client's frame: see [`header`].
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = header(first, payload.len() as u64);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

/// Returns a text message in one frame.
pub(crate) fn text(text: &str) -> Vec<u8> {
    frame(FIN | TEXT, text.as_bytes())
}

/// Returns a close frame with a code.
pub(crate) fn close(code: u16, reason: &str) -> Vec<u8> {
    frame(FIN | CLOSE, &[&code.to_be_bytes()[..], reason.as_bytes()].concat())
}

/// A frame of the server.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) fin: bool,
    /// True if the first reserved bit is set (RFC 7692, section 6).
    pub(crate) is_compressed: bool,
    pub(crate) opcode: u8,
    pub(crate) payload: Vec<u8>,
}

impl Frame {
    /// Returns a whole message in one frame.
    pub(crate) fn whole(opcode: u8, payload: impl Into<Vec<u8>>) -> Self {
        Self { fin: true, is_compressed: false, opcode, payload: payload.into() }
    }

    /// The frame at the beginning of `bytes` and its size; `None` if it is incomplete.
    ///
    /// # Panics
    ///
    /// Panics on a frame that a server must not send.
    pub(super) fn parse(bytes: &[u8]) -> Option<(Self, usize)> {
        let [first, second, ..] = *bytes else { return None };
        assert_eq!(first & 0x30, 0, "a reserved bit is set");
        assert_eq!(second & FIN, 0, "a server's frame is masked");
        let (length, begin) = match second {
            126 => (u64::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?)), 4),
            127 => (u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?), 10),
            short => (u64::from(short), 2),
        };
        let (fin, is_compressed, opcode) = (first & FIN != 0, first & COMPRESSED != 0, first & 0xf);
        assert!(matches!(opcode, 0..=BINARY | CLOSE..=PONG), "opcode {opcode} is reserved");
        assert!(opcode < CLOSE || fin && length <= 125, "a control frame of {length} bytes, fin: {fin}");
        assert!(!is_compressed || matches!(opcode, TEXT | BINARY), "opcode {opcode} is compressed");
        let end = begin + usize::try_from(length).ok()?;
        Some((Self { fin, is_compressed, opcode, payload: bytes.get(begin..end)?.to_vec() }, end))
    }

    /// Returns the code and the reason of a close frame; 1005 stands for no code.
    pub(crate) fn close_code(&self) -> (u16, String) {
        assert_eq!(self.opcode, CLOSE, "no close frame: {self:?}");
        match &self.payload[..] {
            [] => (1005, String::new()),
            [high, low, reason @ ..] => {
                let reason = std::str::from_utf8(reason).expect("the close reason is not UTF-8");
                (u16::from_be_bytes([*high, *low]), reason.to_owned())
            }
            [_] => panic!("a close frame of one byte"),
        }
    }
}

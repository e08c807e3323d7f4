//! Encoding of the client's frames, and counting of the server's.

const MASK: [u8; 4] = [0x5a, 0x13, 0xc4, 0x87];

/// A message of the load.
#[derive(Clone, Copy)]
pub enum TestMessage {
    Text(usize),
    Binary(usize),
    /// A request to the typed endpoint.
    Json,
}

/// Encodes a message as one masked frame.
pub fn frame(message: TestMessage) -> Vec<u8> {
    let (first, payload) = match message {
        TestMessage::Text(size) => (0x81, filled(size)),
        TestMessage::Binary(size) => (0x82, filled(size)),
        TestMessage::Json => {
            let request =
                r#"{"type":"chat","room":"lobby-12345","user":90071992,"text":"a line that somebody typed"}"#;
            (0x81, request.into())
        }
    };
    masked(first, &payload)
}

/// Encodes a payload as one masked frame that begins with this byte.
pub fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        n @ 0..=125 => frame.push(0x80 | n as u8),
        n @ 126..=65_535 => {
            frame.push(0x80 | 126);
            frame.extend((n as u16).to_be_bytes());
        }
        n => {
            frame.push(0x80 | 127);
            frame.extend((n as u64).to_be_bytes());
        }
    }
    frame.extend(MASK);
    frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

fn filled(size: usize) -> Vec<u8> {
    (b'a'..=b'z').cycle().take(size).collect()
}

/// Counts the messages in a server's bytes.
#[derive(Default)]
pub struct FrameCounter(FrameParser);

impl FrameCounter {
    /// Returns the number of messages that these bytes complete.
    pub fn count(&mut self, mut bytes: &[u8]) -> usize {
        let mut complete = 0;
        while let Some(part) = self.0.next_part(&mut bytes) {
            match part.first {
                0x81 | 0x82 => complete += usize::from(part.is_last),
                0x89 | 0x8a => {}
                other => panic!("the server sent a frame that begins with {other:#x}"),
            }
        }
        complete
    }
}

/// Finds the frames in a server's bytes.
#[derive(Default)]
pub struct FrameParser {
    header: Vec<u8>,
    /// Remaining bytes of the payload.
    left: u64,
}

/// A part of a frame, up to the end of the frame or of the bytes.
pub struct FramePart<'a> {
    /// First byte of the frame.
    pub first: u8,
    pub payload: &'a [u8],
    /// True if the frame ends with this part.
    pub is_last: bool,
}

impl FrameParser {
    /// Takes the next part of a frame from the bytes.
    pub fn next_part<'a>(&mut self, bytes: &mut &'a [u8]) -> Option<FramePart<'a>> {
        if self.left == 0 {
            self.left = loop {
                self.header.push(*bytes.split_off_first()?);
                if let Some(length) = length(&self.header) {
                    break length;
                }
            };
        } else if bytes.is_empty() {
            return None;
        }
        let payload = bytes.split_off(..bytes.len().min(self.left as usize)).expect("it is no longer");
        self.left -= payload.len() as u64;
        let (first, is_last) = (self.header[0], self.left == 0);
        if is_last {
            self.header.clear();
        }
        Some(FramePart { first, payload, is_last })
    }
}

/// Returns the payload's length if the header is complete.
fn length(header: &[u8]) -> Option<u64> {
    match (header.get(1)?, &header[2..]) {
        (126, [a, b]) => Some(u16::from_be_bytes([*a, *b]).into()),
        (126, _) => None,
        (127, rest) => rest.try_into().ok().map(u64::from_be_bytes),
        (n, _) => Some((*n).into()),
    }
}

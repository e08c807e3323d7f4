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
    let (opcode, payload) = match message {
        TestMessage::Text(size) => (0x81, filled(size)),
        TestMessage::Binary(size) => (0x82, filled(size)),
        TestMessage::Json => {
            let request =
                r#"{"type":"chat","room":"lobby-12345","user":90071992,"text":"a line that somebody typed"}"#;
            (0x81, request.into())
        }
    };
    let mut frame = vec![opcode];
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
pub struct FrameCounter {
    header: Vec<u8>,
    /// Remaining bytes of the payload.
    left: u64,
}

impl FrameCounter {
    /// Returns the number of messages that these bytes complete.
    pub fn count(&mut self, mut bytes: &[u8]) -> usize {
        let mut complete = 0;
        while !bytes.is_empty() {
            if self.left > 0 {
                let n = bytes.len().min(self.left as usize);
                self.left -= n as u64;
                bytes = &bytes[n..];
            } else {
                self.header.push(bytes[0]);
                bytes = &bytes[1..];
                let Some(length) = length(&self.header) else { continue };
                self.left = length;
            }
            if self.left == 0 && !self.header.is_empty() {
                match self.header[0] {
                    0x81 | 0x82 => complete += 1,
                    0x89 | 0x8a => {}
                    other => panic!("the server sent a frame that begins with {other:#x}"),
                }
                self.header.clear();
            }
        }
        complete
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

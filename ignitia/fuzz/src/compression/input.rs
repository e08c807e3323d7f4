//! Conversion of an input to a configuration, an offer, and the bytes of a client.

use arbitrary::{Arbitrary, Unstructured};
use ignitia::websocket::Compression;

use crate::{deflate::ClientDeflater, frames::FrameLimits};

/// First part of an input: the configuration, the offer, and the way in which the bytes arrive. The
/// rest describes messages.
#[derive(Debug, Arbitrary)]
pub struct CompressionInput {
    mode: u8,
    level: u8,
    min_size: u8,
    kinds: u8,
    /// Parameters of the offer, one bit for each, and bits of the windows.
    offer: u8,
    offered_bits: u8,
    size: u8,
    /// Replies of the handler, cyclically.
    replies: [u8; 4],
    /// Sizes of the pieces in which the bytes arrive.
    pub piece_sizes: [u8; 3],
    /// Number of bytes that arrive together with the request.
    pub early: u8,
    /// Maximum size of one write.
    pub width: u8,
}

/// Reply to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    Echo,
    UncompressedEcho,
    Broadcast,
    UncompressedBroadcast,
    /// A broadcast that a history remembers, which adds a position.
    RememberedBroadcast,
    None,
}

impl CompressionInput {
    pub fn config(&self) -> Compression {
        let config = match self.mode % 8 {
            0 => Compression::shared(),
            n => Compression::dedicated().window_bits(8 + n),
        };
        config
            .level(1 + self.level % 9)
            .min_size([0, 1, 20, 256][usize::from(self.min_size % 4)])
            .text(self.kinds & 1 == 0)
            .binary(self.kinds & 2 == 0)
    }

    /// Returns the value of the header.
    pub fn offer(&self) -> String {
        let mut offer = "permessage-deflate".to_owned();
        let (server_bits, client_bits) = (8 + self.offered_bits % 8, 8 + self.offered_bits / 8 % 8);
        for (bit, parameter) in [
            "server_no_context_takeover".to_owned(),
            "client_no_context_takeover".to_owned(),
            format!("server_max_window_bits={server_bits}"),
            format!("client_max_window_bits={client_bits}"),
        ]
        .iter()
        .enumerate()
        {
            if self.offer & 1 << bit != 0 {
                offer += "; ";
                offer += parameter;
            }
        }
        if self.offer & 0x18 == 0x10 {
            offer += "; client_max_window_bits";
        }
        offer
    }

    pub fn limits(&self) -> FrameLimits {
        let message = [1 << 20, 125, 300, 0, 70_000, 200_000][usize::from(self.size % 6)];
        FrameLimits { message, fragments: 1_000 }
    }

    /// Returns the reply to the message of this number.
    pub fn reply(&self, number: usize) -> Reply {
        match self.replies[number % self.replies.len()] % 8 {
            0..=2 => Reply::Echo,
            3 => Reply::UncompressedEcho,
            4 => Reply::Broadcast,
            5 => Reply::UncompressedBroadcast,
            6 => Reply::RememberedBroadcast,
            _ => Reply::None,
        }
    }
}

/// Messages of a client so far.
#[derive(Default)]
struct Client {
    bytes: Vec<u8>,
    deflater: ClientDeflater,
    /// Last message, which the next one may repeat.
    last: Vec<u8>,
}

/// Returns the bytes that the client sends. Some of its messages are wrong, or refer to what the
/// server has not kept.
pub fn client_bytes(mut rest: Unstructured<'_>) -> Vec<u8> {
    let mut client = Client::default();
    while !rest.is_empty() && client.bytes.len() < 1 << 18 {
        if client.message(&mut rest).is_err() {
            break;
        }
    }
    client.bytes
}

impl Client {
    fn message(&mut self, u: &mut Unstructured<'_>) -> arbitrary::Result<()> {
        let (opcode, form) = (1 + u.arbitrary::<u8>()? % 2, u.arbitrary::<u8>()?);
        if form % 16 == 0 {
            // Bytes of a compressed message, or a wrong one.
            let bytes = some_bytes(u)?;
            return self.frames(u, 0x40 | opcode, &bytes);
        }
        let mut content = self.content(u)?;
        if opcode == 1 && form & 0x80 == 0 {
            content = String::from_utf8_lossy(&content).into_owned().into();
        }
        self.last.clone_from(&content);
        match form % 16 {
            1 => self.frames(u, opcode, &content),
            // Without a context.
            2 => {
                let compressed = ClientDeflater::default().deflate(&content, 1, false);
                self.frames(u, 0x40 | opcode, &compressed)
            }
            // In two streams, the first of which ends.
            3 => {
                let (first, second) = content.split_at(content.len() / 2);
                let mut compressed = ClientDeflater::default().deflate(first, 9, true);
                compressed.extend(ClientDeflater::default().deflate(second, 6, form & 0x40 != 0));
                self.frames(u, 0x40 | opcode, &compressed)
            }
            // With one bit that is wrong.
            4 => {
                let mut compressed = ClientDeflater::default().deflate(&content, 6, false);
                let place = u.arbitrary::<u16>()? as usize;
                let length = compressed.len().max(1);
                if let Some(byte) = compressed.get_mut(place / 8 % length) {
                    *byte ^= 1 << (place % 8);
                }
                self.frames(u, 0x40 | opcode, &compressed)
            }
            n => {
                let compressed = self.deflater.deflate(&content, 3 * (n % 4), false);
                self.frames(u, 0x40 | opcode, &compressed)
            }
        }
    }

    fn content(&self, u: &mut Unstructured<'_>) -> arbitrary::Result<Vec<u8>> {
        Ok(match u.arbitrary::<u8>()? % 4 {
            0 => some_bytes(u)?,
            1 => {
                let pattern = some_bytes(u)?;
                pattern.repeat(usize::from(u.arbitrary::<u16>()?) / pattern.len().max(1))
            }
            2 => {
                let (from, count) = (u.arbitrary::<u8>()?, u16::from(u.arbitrary::<u8>()?));
                let object = |n| format!(r#"{{"id":{},"name":"number {n}"}}"#, n * 7919 % 1_000);
                (0..count).map(|n| object(u32::from(from) * u32::from(n))).collect::<String>().into()
            }
            _ => [&self.last[..], &some_bytes(u)?].concat(),
        })
    }

    /// Appends a message in frames, with a ping between two of them.
    fn frames(&mut self, u: &mut Unstructured<'_>, first: u8, payload: &[u8]) -> arbitrary::Result<()> {
        let (cut, extra) = (usize::from(u.arbitrary::<u8>()?), u.arbitrary::<u8>()?);
        let size = if cut == 0 { payload.len() } else { cut + payload.len() / 64 };
        let mut parts = payload.chunks(size.max(1)).peekable();
        let mut first = first;
        loop {
            let part = parts.next().unwrap_or_default();
            let is_last = parts.peek().is_none();
            self.frame(first | if is_last { 0x80 } else { 0 }, part);
            if is_last {
                break;
            }
            if extra % 4 == 1 {
                self.frame(0x89, b"");
            }
            // The bit of compressed messages is wrong in a frame that continues one.
            first = if extra == 0xff { 0x40 } else { 0 };
        }
        if extra == 0xfe {
            let arbitrary = u.arbitrary()?;
            self.frame(arbitrary, b"x");
        }
        Ok(())
    }

    fn frame(&mut self, first: u8, payload: &[u8]) {
        self.bytes.push(first);
        match payload.len() {
            n @ 0..=125 => self.bytes.push(0x80 | n as u8),
            n @ 126..=0xffff => {
                self.bytes.push(0xfe);
                self.bytes.extend_from_slice(&(n as u16).to_be_bytes());
            }
            n => {
                self.bytes.push(0xff);
                self.bytes.extend_from_slice(&(n as u64).to_be_bytes());
            }
        }
        let mask = [0x5a, 0, 0xff, 0x81];
        self.bytes.extend_from_slice(&mask);
        self.bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    }
}

fn some_bytes<'a>(u: &mut Unstructured<'a>) -> arbitrary::Result<Vec<u8>> {
    let length = usize::from(u.arbitrary::<u8>()?);
    Ok(u.bytes(length.min(u.len()))?.to_vec())
}

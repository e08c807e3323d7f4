use super::{config::Compression, negotiated::NegotiatedCompression};

/// Rule of one connection for the messages that it compresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CompressionRule {
    /// Bits of the server's window.
    pub(crate) bits: u8,
    pub(super) level: u8,
    text: bool,
    binary: bool,
    min_size: u32,
}

impl CompressionRule {
    pub(crate) fn new(negotiated: &NegotiatedCompression, config: &Compression) -> Self {
        let Compression { min_size, text, binary, level, .. } = *config;
        let min_size = u32::try_from(min_size).unwrap_or(u32::MAX);
        Self { bits: negotiated.server_bits(), level, text, binary, min_size }
    }

    /// Returns `true` if messages of this kind are compressed, text or binary.
    pub(crate) fn admits_kind(&self, is_text: bool) -> bool {
        if is_text { self.text } else { self.binary }
    }

    /// Returns the length from which on messages are compressed.
    pub(crate) fn min_size(&self) -> usize {
        self.min_size as usize
    }

    /// Returns `true` if a message of this kind and length is to be compressed.
    pub(crate) fn admits(&self, is_text: bool, length: usize) -> bool {
        self.admits_kind(is_text) && length >= self.min_size()
    }
}

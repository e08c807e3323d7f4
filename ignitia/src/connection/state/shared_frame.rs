use bytes::Bytes;

use crate::protocol::{BINARY, TEXT, encode, frame_lengths};

/// Frame that was encoded once for many connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SharedFrame(pub(crate) Bytes);

impl SharedFrame {
    pub(crate) fn text(payload: &[u8]) -> Self {
        Self(encode(TEXT, payload))
    }

    pub(crate) fn binary(payload: &[u8]) -> Self {
        Self(encode(BINARY, payload))
    }

    /// Returns the payload.
    pub(crate) fn payload(&self) -> &[u8] {
        let (header, _) = frame_lengths(&self.0);
        &self.0[header..]
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

use bytes::Bytes;

use crate::{
    compression::CompressionRule,
    connection::compressed_forms::CompressedForms,
    protocol::{BINARY, TEXT, encode, frame_lengths},
};

/// Frame that was encoded once for many connections: as it is, and in the compressed forms that
/// some of them have agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SharedFrame {
    plain: Bytes,
    compressed: CompressedForms,
}

impl SharedFrame {
    pub(crate) fn text(payload: &[u8]) -> Self {
        Self { plain: encode(TEXT, payload), compressed: CompressedForms::default() }
    }

    pub(crate) fn binary(payload: &[u8]) -> Self {
        Self { plain: encode(BINARY, payload), compressed: CompressedForms::default() }
    }

    /// Adds the compressed forms.
    pub(crate) fn with_forms(self, compressed: CompressedForms) -> Self {
        Self { compressed, ..self }
    }

    /// Returns the payload.
    pub(crate) fn payload(&self) -> &[u8] {
        let (header, _) = frame_lengths(&self.plain);
        &self.plain[header..]
    }

    /// Returns the length of the frame as it is.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.plain.len()
    }

    /// Returns the bytes that it takes, in all forms.
    pub(crate) fn size(&self) -> usize {
        self.plain.len() + self.compressed.size()
    }

    /// Returns the frame as it is.
    #[inline]
    pub(super) fn plain(&self) -> &Bytes {
        &self.plain
    }

    /// Returns the frame for a connection with this rule.
    pub(super) fn form(&self, rule: &CompressionRule) -> &Bytes {
        self.compressed.form(rule, &self.plain).unwrap_or(&self.plain)
    }
}

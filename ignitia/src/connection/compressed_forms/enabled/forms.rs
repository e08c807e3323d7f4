use std::sync::Arc;

use bytes::Bytes;
use tokio_tungstenite::tungstenite::protocol::frame::coding::OpCode;

use super::form_demand::WantedForms;
use crate::{
    compression::{CompressionRule, compress_broadcast},
    protocol::{encode_compressed, frame_lengths, is_text},
};

/// Compressed forms of one frame, as whole frames.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct CompressedForms(Option<Arc<[CompressedForm]>>);

/// Form for windows of at least these bits.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CompressedForm {
    pub(super) bits: u8,
    pub(super) frame: Bytes,
}

impl CompressedForms {
    /// Compresses a message for all these windows, unless that makes it longer.
    pub(crate) fn of(wanted: WantedForms, opcode: OpCode, payload: &[u8]) -> Self {
        let form = |bits| {
            let frame = encode_compressed(opcode, &[&compress_broadcast(bits, payload)?]);
            Some(CompressedForm { bits, frame })
        };
        Self::from(wanted.bits().filter_map(form).collect::<Vec<_>>())
    }

    /// Returns the form for a connection with this rule; `None` if there is none, or the rule is to
    /// send such a frame as it is.
    #[inline]
    pub(crate) fn form(&self, rule: &CompressionRule, plain: &Bytes) -> Option<&Bytes> {
        let forms = self.0.as_ref()?;
        let (_, length) = frame_lengths(plain);
        if !rule.admits(is_text(plain)?, length) {
            return None;
        }
        // The largest window of those that are small enough: it compresses best.
        let form = forms.iter().rev().find(|form| form.bits <= rule.bits)?;
        Some(&form.frame)
    }

    /// Returns the bytes that all of them take.
    pub(crate) fn size(&self) -> usize {
        self.0.iter().flat_map(|forms| forms.iter()).map(|form| form.frame.len()).sum()
    }
}

impl From<Vec<CompressedForm>> for CompressedForms {
    /// Takes forms in the order of their windows.
    fn from(forms: Vec<CompressedForm>) -> Self {
        Self((!forms.is_empty()).then(|| forms.into()))
    }
}

//! Message whose end is not known yet when it is compressed: the position in a history, which is
//! given under the room's lock.

use super::{
    form_demand::WantedForms,
    forms::{CompressedForm, CompressedForms},
};
use crate::{
    compression::compress_broadcast,
    protocol::{TEXT, encode_compressed},
};

/// Compressed beginning of a text, in all wanted forms.
#[derive(Debug, Default)]
pub(crate) struct CompressedPrefix {
    /// Length of the beginning as it is.
    length: usize,
    /// Bits of the window, and the beginning.
    forms: Vec<(u8, Vec<u8>)>,
}

/// End of a block of no bytes, which the beginning lacks (RFC 7692, section 7.2.1).
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

/// Header of the block of no bytes that ends the message, without the tail.
const LAST: [u8; 1] = [0];

impl CompressedPrefix {
    /// Compresses the beginning of a text for all these windows.
    pub(crate) fn of(wanted: WantedForms, text: &[u8]) -> Self {
        let forms = wanted.bits().filter_map(|bits| Some((bits, compress_broadcast(bits, text)?)));
        Self { length: text.len(), forms: forms.collect() }
    }

    /// Appends the end of the text, of at most 65,535 bytes, as it is: a stored block ([RFC 1951,
    /// section 3.2.4](https://www.rfc-editor.org/rfc/rfc1951#section-3.2.4)).
    pub(crate) fn with_suffix(&self, suffix: &[u8]) -> CompressedForms {
        let Ok(length) = u16::try_from(suffix.len()) else { return CompressedForms::default() };
        let [[a, b], [c, d]] = [length.to_le_bytes(), (!length).to_le_bytes()];
        let stored = [0, a, b, c, d];
        let form = |(bits, begin): &(u8, Vec<u8>)| {
            let parts = [begin, &TAIL[..], &stored, suffix, &LAST];
            let is_shorter = parts.iter().map(|part| part.len()).sum::<usize>() < self.length + suffix.len();
            is_shorter.then(|| CompressedForm { bits: *bits, frame: encode_compressed(TEXT, &parts) })
        };
        CompressedForms::from(self.forms.iter().filter_map(form).collect::<Vec<_>>())
    }
}

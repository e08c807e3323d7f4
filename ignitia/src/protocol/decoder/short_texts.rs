use super::{Decoder, masking::unmask};
use crate::protocol::{
    frame::FINAL,
    text_batch::{MAX_SHORT, TextBatch},
};

/// First byte of a text in one frame.
const WHOLE_TEXT: u8 = FINAL | 0x1;

/// Masking bit and a length of 16 bits behind it.
const MASKED_LONG: u8 = 0x80 | 126;

/// Limit of a batch. The message that exceeds the bytes still belongs to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct BatchLimit {
    pub(crate) messages: usize,
    pub(crate) bytes: usize,
}

impl BatchLimit {
    fn take(&mut self, bytes: usize) {
        self.messages -= 1;
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    fn is_reached(self) -> bool {
        self.messages == 0 || self.bytes == 0
    }
}

impl Decoder {
    /// Takes short texts from the front of `input`, up to a limit: those that are in one frame,
    /// which has arrived completely. Everything else is left to [`decode`](Self::decode).
    #[inline]
    pub(crate) fn decode_short_texts<'i>(
        &mut self,
        input: &mut &'i mut [u8],
        mut limit: BatchLimit,
    ) -> TextBatch<'i> {
        if self.is_inside_message() || self.max_fragments == 0 {
            return TextBatch::new(&mut []);
        }
        let longest = usize::try_from(self.max_message_size).map_or(MAX_SHORT, |max| max.min(MAX_SHORT));
        let mut batch = TextBatch::new(std::mem::take(input));
        let mut at = 0;
        while !limit.is_reached()
            && !batch.is_full()
            && let rest = &mut batch.bytes()[at..]
            && let Some((header, length)) = short_text(rest)
            && length <= longest
            && let Some((head, payload)) = rest.split_at_mut_checked(header)
            && let Some(payload) = payload.get_mut(..length)
            && let Some(mask) = head.last_chunk()
        {
            unmask(payload, *mask);
            limit.take(length);
            let text = at + header..at + header + length;
            at = text.end;
            if !batch.push(text) {
                break;
            }
        }
        *input = batch.split_off(at);
        batch
    }
}

/// Returns the sizes of the header and the payload, if `bytes` begin with the whole header of a
/// text in one frame, with its length in the shortest form.
#[inline(always)]
fn short_text(bytes: &[u8]) -> Option<(usize, usize)> {
    match bytes {
        [WHOLE_TEXT, length @ 0x80..MASKED_LONG, _, _, _, _, ..] => Some((6, usize::from(length & 0x7f))),
        [WHOLE_TEXT, MASKED_LONG, high, low, _, _, _, _, ..] => {
            let length = u16::from_be_bytes([*high, *low]);
            (length >= 126).then_some((8, length.into()))
        }
        _ => None,
    }
}

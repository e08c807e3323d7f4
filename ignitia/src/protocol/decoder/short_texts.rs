use super::{Decoder, masking::unmask};
use crate::protocol::{
    frame::FINAL,
    text_batch::{MAX_SHORT, TextBatch},
    violation::{NOT_UTF_8, ProtocolViolation},
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
    /// Takes a short text that is all of `input`, as a peer that waits for answers sends it.
    /// Everything else is left to [`decode_short_texts`](Self::decode_short_texts).
    #[inline]
    pub(crate) fn decode_lone_text<'i>(
        &mut self,
        input: &mut &'i mut [u8],
    ) -> Option<Result<&'i str, ProtocolViolation>> {
        let (header, length) = short_text(input)?;
        if header + length != input.len() || length > self.longest_short_text()? {
            return None;
        }
        let (head, payload) = std::mem::take(input).split_at_mut(header);
        if let Some(mask) = head.last_chunk() {
            unmask(payload, *mask);
        }
        Some(str::from_utf8(payload).map_err(|_| NOT_UTF_8))
    }

    /// Returns the length of the longest text that counts as short; `None` while no message may
    /// begin.
    #[inline]
    fn longest_short_text(&self) -> Option<usize> {
        let may_begin = !self.is_inside_message() && self.max_fragments > 0;
        may_begin.then(|| usize::try_from(self.max_message_size).map_or(MAX_SHORT, |max| max.min(MAX_SHORT)))
    }

    /// Takes short texts from the front of `input`, up to a limit: those that are in one frame,
    /// which has arrived completely. Everything else is left to [`decode`](Self::decode).
    #[inline]
    pub(crate) fn decode_short_texts<'i>(
        &mut self,
        input: &mut &'i mut [u8],
        mut limit: BatchLimit,
    ) -> TextBatch<'i> {
        let Some(longest) = self.longest_short_text() else { return TextBatch::new(&mut []) };
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

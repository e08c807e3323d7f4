//! Short texts that arrive together.

use std::ops::Range;

/// Longest text of a batch, in bytes.
pub(crate) const MAX_SHORT: usize = 1 << 10;

/// Most texts of a batch.
const MAX_TEXTS: usize = 64;

/// Short texts that arrived together, in order. They are moved together, in the memory in which
/// they arrived, and validated at once, which costs less than one at a time.
#[derive(Debug)]
pub(crate) struct TextBatch<'a> {
    /// Frames of the texts, unmasked.
    bytes: &'a mut [u8],
    /// Place of the joined texts in `bytes`.
    joined: Range<usize>,
    lengths: [u16; MAX_TEXTS],
    texts: usize,
    /// True if the text behind the last one begins in the middle of a character.
    is_broken: bool,
}

/// Valid texts of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ShortTexts<'a> {
    /// All texts, one behind the other.
    pub(crate) joined: &'a str,
    /// Length of each text, in bytes.
    pub(crate) lengths: &'a [u16],
}

impl<'a> ShortTexts<'a> {
    /// Returns the texts, one after the other.
    pub(crate) fn iter(self) -> impl Iterator<Item = &'a str> {
        let mut rest = self.joined;
        self.lengths.iter().map(move |length| {
            let (text, behind) = rest.split_at((*length).into());
            rest = behind;
            text
        })
    }
}

impl<'a> TextBatch<'a> {
    #[inline]
    pub(super) fn new(bytes: &'a mut [u8]) -> Self {
        Self { bytes, joined: 0..0, lengths: [0; MAX_TEXTS], texts: 0, is_broken: false }
    }

    pub(super) fn bytes(&mut self) -> &mut [u8] {
        self.bytes
    }

    /// Splits off the bytes from a place on: no text of the batch lies there.
    pub(super) fn split_off(&mut self, at: usize) -> &'a mut [u8] {
        let (front, rest) = std::mem::take(&mut self.bytes).split_at_mut(at);
        self.bytes = front;
        rest
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.texts == 0 && !self.is_broken
    }

    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.texts == MAX_TEXTS
    }

    /// Adds the text at a place of the bytes, behind all others. Returns `false` if it is invalid,
    /// by its first byte: then nothing may follow.
    ///
    /// That byte has to be looked at here. Behind a text that ends in the middle of a character, a
    /// text that begins with its rest would make both valid together.
    #[inline(always)]
    pub(super) fn push(&mut self, text: Range<usize>) -> bool {
        let length = text.len();
        self.is_broken = self.bytes[text.clone()].first().is_some_and(|first| first & 0xc0 == 0x80);
        if self.is_broken {
            return false;
        }
        // The first one stays where it is.
        if self.texts == 0 {
            self.joined = text;
        } else {
            self.bytes.copy_within(text, self.joined.end);
            self.joined.end += length;
        }
        self.lengths[self.texts] = length as u16;
        self.texts += 1;
        true
    }

    /// Returns the valid texts, and `true` unless an invalid one follows them.
    #[inline]
    pub(crate) fn validate(&self) -> (ShortTexts<'_>, bool) {
        match str::from_utf8(&self.bytes[self.joined.clone()]) {
            Ok(joined) => (ShortTexts { joined, lengths: &self.lengths[..self.texts] }, !self.is_broken),
            Err(error) => (self.valid_before(error.valid_up_to()), false),
        }
    }

    /// Returns the texts that end before a place, up to which all bytes are valid.
    #[cold]
    fn valid_before(&self, valid: usize) -> ShortTexts<'_> {
        let (mut texts, mut end) = (0, 0);
        while let Some(length) = self.lengths[..self.texts].get(texts).copied().map(usize::from)
            && end + length <= valid
        {
            end += length;
            texts += 1;
        }
        let joined = str::from_utf8(&self.bytes[self.joined.clone()][..end]).unwrap_or_default();
        ShortTexts { joined, lengths: &self.lengths[..texts] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the texts of a batch, and whether all are valid. They lie with a gap in between.
    fn batch(payloads: &[&[u8]]) -> (Vec<String>, bool) {
        let mut bytes: Vec<u8> = payloads.iter().flat_map(|payload| [b"\xff", *payload].concat()).collect();
        let mut batch = TextBatch::new(&mut bytes);
        let mut at = 0;
        let _ = payloads.iter().all(|payload| {
            let text = at + 1..at + 1 + payload.len();
            at = text.end;
            batch.push(text)
        });
        let (texts, is_valid) = batch.validate();
        let mut rest = texts.joined;
        let texts = texts.lengths.iter().map(|length| {
            let (text, behind) = rest.split_at((*length).into());
            rest = behind;
            text.to_owned()
        });
        (texts.collect(), is_valid)
    }

    /// Returns the texts up to the first invalid one, and whether all are valid.
    fn one_by_one(payloads: &[&[u8]]) -> (Vec<String>, bool) {
        let valid = |payload: &&[u8]| str::from_utf8(payload).ok().map(str::to_owned);
        let texts: Vec<_> = payloads.iter().map_while(valid).collect();
        let is_valid = texts.len() == payloads.len();
        (texts, is_valid)
    }

    #[test]
    fn a_batch_is_as_valid_as_its_texts_one_by_one() {
        let parts: [&[u8]; 14] = [
            b"",
            b"a",
            "ü".as_bytes(),
            "a€".as_bytes(),
            "😀".as_bytes(),
            b"\x80",
            b"\xc3",
            b"\xbc",
            b"a\xe2\x82",
            b"\xac",
            b"\xed\xa0\x80",
            b"\xf0\x9f\x98",
            b"\x80b",
            b"\xff",
        ];
        let n = parts.len();
        for places in 0..n.pow(4) {
            let payloads =
                [places % n, places / n % n, places / n / n % n, places / n / n / n].map(|at| parts[at]);
            assert_eq!(batch(&payloads), one_by_one(&payloads), "{payloads:x?}");
        }
    }

    #[test]
    fn bytes_behind_the_texts_can_be_split_off() {
        let mut bytes = *b".ab.c.rest";
        let mut batch = TextBatch::new(&mut bytes);
        assert!(batch.is_empty() && batch.push(1..3) && batch.push(4..5));
        assert_eq!(batch.split_off(6), b"rest");
        assert_eq!(batch.validate(), (ShortTexts { joined: "abc", lengths: &[2, 1] }, true));
        assert!(!batch.is_empty() && !batch.is_full());
    }
}

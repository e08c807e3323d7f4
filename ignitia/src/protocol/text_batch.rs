//! Short texts that arrive together.

/// Longest text of a batch, in bytes.
pub(crate) const MAX_SHORT: usize = 1 << 10;

/// Short texts of one read, in order. They lie one behind the other and are validated together,
/// which costs less than one at a time.
#[derive(Debug, Default)]
pub(crate) struct TextBatch {
    bytes: Vec<u8>,
    lengths: Vec<usize>,
    /// True if the text behind the last one begins in the middle of a character.
    is_broken: bool,
}

/// Valid texts of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ShortTexts<'a> {
    /// All texts, one behind the other.
    pub(crate) joined: &'a str,
    /// Length of each text, in bytes.
    pub(crate) lengths: &'a [usize],
}

impl TextBatch {
    pub(crate) const fn new() -> Self {
        Self { bytes: Vec::new(), lengths: Vec::new(), is_broken: false }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lengths.is_empty() && !self.is_broken
    }

    /// Adds a text. Returns `false` if it is invalid, by its first byte: then nothing may follow.
    ///
    /// That byte has to be looked at here. Behind a text that ends in the middle of a character, a
    /// text that begins with its rest would make both valid together.
    #[inline(always)]
    pub(super) fn push(&mut self, payload: &[u8]) -> bool {
        self.is_broken = payload.first().is_some_and(|first| first & 0xc0 == 0x80);
        if !self.is_broken {
            self.bytes.extend_from_slice(payload);
            self.lengths.push(payload.len());
        }
        !self.is_broken
    }

    /// Returns the valid texts, and `true` unless an invalid one follows them.
    pub(crate) fn validate(&self) -> (ShortTexts<'_>, bool) {
        match str::from_utf8(&self.bytes) {
            Ok(joined) => (ShortTexts { joined, lengths: &self.lengths }, !self.is_broken),
            Err(error) => (self.valid_before(error.valid_up_to()), false),
        }
    }

    /// Returns the texts that end before a place, up to which all bytes are valid.
    #[cold]
    fn valid_before(&self, valid: usize) -> ShortTexts<'_> {
        let (mut texts, mut end) = (0, 0);
        while let Some(length) = self.lengths.get(texts)
            && end + length <= valid
        {
            end += length;
            texts += 1;
        }
        let joined = str::from_utf8(&self.bytes[..end]).unwrap_or_default();
        ShortTexts { joined, lengths: &self.lengths[..texts] }
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.lengths.clear();
        self.is_broken = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the texts of a batch, and whether all are valid.
    fn batch(payloads: &[&[u8]]) -> (Vec<String>, bool) {
        let mut batch = TextBatch::new();
        let _ = payloads.iter().all(|payload| batch.push(payload));
        let (texts, is_valid) = batch.validate();
        let mut rest = texts.joined;
        let texts = texts.lengths.iter().map(|length| {
            let (text, behind) = rest.split_at(*length);
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
    fn a_cleared_batch_is_empty() {
        let mut batch = TextBatch::new();
        assert!(batch.push(b"a") && !batch.push(b"\x80") && !batch.is_empty());
        batch.clear();
        assert!(batch.is_empty());
        assert_eq!(batch.validate(), (ShortTexts { joined: "", lengths: &[] }, true));
    }
}

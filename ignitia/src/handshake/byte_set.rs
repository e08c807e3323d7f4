/// Set of bytes, to look up each byte of a text.
pub(super) struct ByteSet([bool; 256]);

impl ByteSet {
    /// Returns the letters and digits of ASCII, and these bytes.
    pub(super) const fn alphanumeric_and(others: &[u8]) -> Self {
        let (mut set, mut byte) = ([false; 256], 0);
        while byte < set.len() {
            set[byte] = (byte as u8).is_ascii_alphanumeric();
            byte += 1;
        }
        let mut at = 0;
        while at < others.len() {
            set[others[at] as usize] = true;
            at += 1;
        }
        Self(set)
    }

    pub(super) const fn has(&self, byte: u8) -> bool {
        self.0[byte as usize]
    }

    /// Returns true if all bytes of the text are in the set.
    pub(super) fn has_all(&self, text: &str) -> bool {
        text.bytes().all(|byte| self.has(byte))
    }
}

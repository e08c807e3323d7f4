//! Texts that are assembled at compile time.

/// Length limit of a text, in bytes.
const CAPACITY: usize = 4096;

/// A text of bounded length.
pub(super) struct ConstText {
    bytes: [u8; CAPACITY],
    len: usize,
}

impl ConstText {
    pub(super) const fn new() -> Self {
        Self { bytes: [0; CAPACITY], len: 0 }
    }

    /// Appends all parts, or none if there is no room for them.
    pub(super) const fn push(&mut self, parts: &[&str]) {
        let (mut len, mut index) = (0, 0);
        while index < parts.len() {
            len += parts[index].len();
            index += 1;
        }
        if self.len + len > CAPACITY {
            return;
        }
        index = 0;
        while index < parts.len() {
            let part = parts[index].as_bytes();
            let (_, rest) = self.bytes.split_at_mut(self.len);
            rest.split_at_mut(part.len()).0.copy_from_slice(part);
            self.len += part.len();
            index += 1;
        }
    }

    pub(super) const fn as_str(&self) -> &str {
        match str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CAPACITY, ConstText};

    #[test]
    fn what_has_no_room_is_left_out() {
        let mut text = ConstText::new();
        text.push(&["a", "", "é"]);
        text.push(&[&"x".repeat(CAPACITY - 3), "y"]);
        text.push(&["b"]);
        assert_eq!(text.as_str(), "aéb");
    }
}

/// End of the messages that one side has compressed: what the next one may refer to.
#[derive(Debug)]
pub(super) struct Window {
    bytes: Vec<u8>,
    size: usize,
}

impl Window {
    pub(super) fn of_size(size: usize) -> Self {
        Self { bytes: Vec::new(), size }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Appends a message, and drops what the window has no room for.
    pub(super) fn push(&mut self, message: &[u8]) {
        let message = &message[message.len().saturating_sub(self.size)..];
        let excess = (self.bytes.len() + message.len()).saturating_sub(self.size);
        self.bytes.drain(..excess.min(self.bytes.len()));
        let needed = self.bytes.len() + message.len();
        if needed > self.bytes.capacity() {
            // Never more than the window has room for, however it grows.
            self.bytes.reserve_exact((2 * needed).min(self.size) - self.bytes.len());
        }
        self.bytes.extend_from_slice(message);
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_keeps_the_end_of_all_messages_and_no_more_memory() {
        let mut window = Window::of_size(512);
        let mut all = Vec::new();
        for length in [1, 100, 0, 300, 200, 511, 512, 513, 5_000, 7] {
            let message: Vec<u8> = (0..length).map(|n| (n * 7 + length) as u8).collect();
            window.push(&message);
            all.extend_from_slice(&message);
            assert_eq!(window.bytes(), &all[all.len().saturating_sub(512)..], "after {length}");
            assert!(window.bytes.capacity() <= 512, "{} for {length}", window.bytes.capacity());
        }
        window.clear();
        assert_eq!(window.bytes(), b"");
    }
}

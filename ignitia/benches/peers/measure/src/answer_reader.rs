//! Reader of a server's answers, which checks them.

use flate2::{Decompress, FlushDecompress};

use crate::{compression_mode::CompressionMode, frames::FrameParser, message_cycle::MessageCycle};

/// Reads the messages of a [`MessageCycle`] that come back. Each has to be compressed if
/// compression is negotiated.
pub struct AnswerReader {
    mode: CompressionMode,
    frames: FrameParser,
    /// Number of complete messages.
    complete: usize,
    /// Comparison of the texts, which costs time.
    comparison: Option<AnswerComparison>,
}

/// Comparison of received texts with the sent ones.
struct AnswerComparison {
    /// Number of messages to compare.
    amount: usize,
    /// Payload of the current message.
    payload: Vec<u8>,
    decompress: Decompress,
}

impl AnswerReader {
    /// Creates a reader that compares this many messages.
    pub fn new(mode: CompressionMode, amount: usize) -> Self {
        let comparison = AnswerComparison { amount, payload: Vec::new(), decompress: Decompress::new(false) };
        Self { mode, frames: FrameParser::default(), complete: 0, comparison: Some(comparison) }
    }

    /// Reads bytes, and returns the number of complete messages so far.
    pub fn read(&mut self, mut bytes: &[u8], sent: &MessageCycle) -> usize {
        while let Some(part) = self.frames.next_part(&mut bytes) {
            match part.first {
                first if first == self.mode.first_byte() => {}
                0x89 | 0x8a => continue,
                first => panic!("the server sent a frame that begins with {first:#x}"),
            }
            if let Some(comparison) = &mut self.comparison {
                comparison.payload.extend(part.payload);
                if part.is_last {
                    comparison.compare(self.mode, sent.text(self.complete));
                }
            }
            if part.is_last {
                self.complete += 1;
                self.comparison.take_if(|comparison| comparison.amount == self.complete);
            }
        }
        self.complete
    }
}

impl AnswerComparison {
    fn compare(&mut self, mode: CompressionMode, text: &str) {
        let payload = std::mem::take(&mut self.payload);
        if mode == CompressionMode::Off {
            assert_eq!(payload, text.as_bytes(), "the server sent another message");
            return;
        }
        let mut inflated = Vec::with_capacity(2 * text.len());
        for input in [&payload[..], &[0, 0, 0xff, 0xff]] {
            let before = self.decompress.total_in();
            let result = self.decompress.decompress_vec(input, &mut inflated, FlushDecompress::Sync);
            result.expect("the server sends a valid stream");
            assert_eq!(self.decompress.total_in() - before, input.len() as u64, "a message is too long");
        }
        assert_eq!(inflated, text.as_bytes(), "the server sent another message");
        if mode == CompressionMode::Shared {
            self.decompress.reset(false);
        }
    }
}

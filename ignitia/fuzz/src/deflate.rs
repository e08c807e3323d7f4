//! The second implementation of DEFLATE, miniz_oxide: [RFC
//! 1951](https://www.rfc-editor.org/rfc/rfc1951), in the messages of [RFC
//! 7692](https://www.rfc-editor.org/rfc/rfc7692).

use miniz_oxide::{
    DataFormat, MZFlush,
    deflate::{core::CompressorOxide, stream::deflate},
    inflate::{
        TINFLStatus,
        core::{DecompressorOxide, decompress, inflate_flags},
    },
};

/// End of a message, which does not go over the wire (RFC 7692, section 7.2.1).
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

/// That, and a final block of no bytes.
const LAST: [u8; 6] = [0, 0, 0xff, 0xff, 3, 0];

/// Number of bytes by which an output grows.
const STEP: usize = 4 << 10;

/// Number of streams that a message may have, and bytes of each further one on average.
const STREAMS: (usize, usize) = (64, 64);

/// Reason for which a message is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is not compressed as it should be.
    Broken,
    TooBig,
    /// Both, at nearly the same place.
    BrokenAndTooBig,
}

/// Beginning of a message, decompressed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inflated {
    /// Bytes that it has, up to one more than it may have.
    pub bytes: Vec<u8>,
    pub refusal: Option<Refusal>,
}

/// Decompresses what has arrived of a message. It may refer to the `context` before it.
pub fn inflate(context: &[u8], message: &[u8], is_whole: bool, max: usize) -> Inflated {
    let (begin, most) = (context.len(), context.len() + max);
    let mut inflater =
        MessageInflater { state: DecompressorOxide::new(), output: context.to_vec(), has_ended: false };
    let (mut rest, mut streams, mut is_broken) = (message, 1, false);
    while !rest.is_empty() && !is_broken && inflater.output.len() <= most {
        if inflater.has_ended {
            streams += 1;
            is_broken = streams > STREAMS.0 + 1 + (message.len() - rest.len()) / STREAMS.1;
        }
        is_broken |= !inflater.step(&mut rest, most);
    }
    let is_open = !inflater.has_ended && !message.is_empty();
    if is_whole && is_open && !is_broken && inflater.output.len() <= most {
        let (mut last, before) = (&LAST[..], inflater.output.len());
        is_broken = !inflater.step(&mut last, most) || !inflater.has_ended;
        is_broken |= !last.is_empty() || inflater.output.len() > before;
        inflater.output.truncate(before);
    }
    let mut bytes = inflater.output.split_off(begin);
    let refusal = match (bytes.len() > max, is_broken) {
        (true, true) => Some(Refusal::BrokenAndTooBig),
        (true, false) => Some(Refusal::TooBig),
        (false, true) => Some(Refusal::Broken),
        (false, false) => None,
    };
    bytes.truncate(max + 1);
    Inflated { bytes, refusal }
}

/// Decompressor of one message.
struct MessageInflater {
    state: DecompressorOxide,
    /// Context, and what has been decompressed.
    output: Vec<u8>,
    /// True if the last stream is complete.
    has_ended: bool,
}

impl MessageInflater {
    /// Decompresses up to the end of a stream, or a little more than `most` bytes. Returns false if
    /// it is broken.
    fn step(&mut self, message: &mut &[u8], most: usize) -> bool {
        if std::mem::take(&mut self.has_ended) {
            self.state.init();
        }
        let flags = inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF
            | inflate_flags::TINFL_FLAG_HAS_MORE_INPUT;
        loop {
            let end = self.output.len();
            self.output.resize(end + STEP, 0);
            let (status, read, written) = decompress(&mut self.state, message, &mut self.output, end, flags);
            *message = &message[read..];
            self.output.truncate(end + written);
            self.has_ended = status == TINFLStatus::Done;
            match status {
                TINFLStatus::HasMoreOutput if self.output.len() <= most => {}
                TINFLStatus::HasMoreOutput | TINFLStatus::NeedsMoreInput | TINFLStatus::Done => return true,
                _ => return false,
            }
        }
    }
}

/// Decompressor of a server's messages, which has no larger window than was agreed on.
pub struct ServerInflater {
    window: Vec<u8>,
    end: usize,
    keeps_context: bool,
}

impl ServerInflater {
    pub fn new(bits: u8, keeps_context: bool) -> Self {
        Self { window: vec![UNUSED; 1 << bits], end: 0, keeps_context }
    }

    /// Decompresses a message.
    ///
    /// # Panics
    ///
    /// If it is not compressed as it should be, or refers to what is not in the window.
    pub fn inflate(&mut self, message: &[u8]) -> Vec<u8> {
        if !self.keeps_context {
            self.window.fill(UNUSED);
            self.end = 0;
        }
        let whole = [message, &TAIL].concat();
        let (mut rest, mut inflated) = (&whole[..], Vec::new());
        let mut state = DecompressorOxide::new();
        loop {
            let size = self.window.len();
            let flags = inflate_flags::TINFL_FLAG_HAS_MORE_INPUT;
            let (status, read, written) = decompress(&mut state, rest, &mut self.window, self.end, flags);
            rest = &rest[read..];
            inflated.extend_from_slice(&self.window[self.end..self.end + written]);
            self.end = (self.end + written) % size;
            match status {
                TINFLStatus::HasMoreOutput => {}
                TINFLStatus::NeedsMoreInput if rest.is_empty() => return inflated,
                status => panic!("{status:?} after {} bytes of a message", inflated.len()),
            }
        }
    }
}

/// Content of a window that is not in use.
const UNUSED: u8 = 0xa5;

/// Compressor of a client. Its window has 15 bits.
pub struct ClientDeflater(Box<CompressorOxide>);

impl Default for ClientDeflater {
    fn default() -> Self {
        let mut state = Box::<CompressorOxide>::default();
        state.set_format_and_level(DataFormat::Raw, 6);
        Self(state)
    }
}

impl ClientDeflater {
    /// Compresses a message, as it goes over the wire, or with a final block. It may refer to those
    /// before it, unless the last one was final.
    pub fn deflate(&mut self, mut message: &[u8], level: u8, is_final: bool) -> Vec<u8> {
        self.0.set_compression_level_raw(level);
        let flush = if is_final { MZFlush::Finish } else { MZFlush::Sync };
        let (mut output, mut deflated) = (vec![0; STEP], Vec::new());
        loop {
            let step = deflate(&mut self.0, message, &mut output, flush);
            message = &message[step.bytes_consumed..];
            deflated.extend_from_slice(&output[..step.bytes_written]);
            if step.status.is_err() || message.is_empty() && step.bytes_written < STEP {
                break;
            }
        }
        if is_final {
            self.0.reset();
        } else {
            deflated.truncate(deflated.len().saturating_sub(TAIL.len()));
        }
        deflated
    }
}

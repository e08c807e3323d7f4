//! DEFLATE by hand ([RFC 1951](https://www.rfc-editor.org/rfc/rfc1951)): streams that no compressor
//! makes, valid or not.

/// Blocks of a stream.
#[derive(Default, Clone)]
pub(super) struct Blocks {
    bytes: Vec<u8>,
    /// Bits that are not a whole byte, the first one lowest.
    rest: u64,
    bits: u32,
}

/// Symbol of a block of fixed codes.
#[derive(Clone, Copy)]
pub(super) enum Symbols<'a> {
    Literals(&'a [u8]),
    /// So many bytes, from 3 to 258, that are the same as those so far back.
    Copy {
        length: usize,
        distance: usize,
    },
}

impl Blocks {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Appends a block of fixed codes.
    pub(super) fn fixed(self, symbols: &[Symbols<'_>]) -> Self {
        self.open(0b010, symbols).end()
    }

    /// Appends a block of fixed codes that says that it is the last one.
    pub(super) fn last(self, symbols: &[Symbols<'_>]) -> Self {
        self.open(0b011, symbols).end()
    }

    /// Appends a block of fixed codes whose end is missing.
    pub(super) fn cut_off(self, symbols: &[Symbols<'_>]) -> Self {
        self.open(0b010, symbols)
    }

    /// Appends a block of bytes as they are, at most 65,535 of them.
    pub(super) fn stored(mut self, bytes: &[u8]) -> Self {
        self.push(0b000, 3);
        let length = u16::try_from(bytes.len()).unwrap();
        let mut whole = self.align();
        whole.bytes.extend_from_slice(&length.to_le_bytes());
        whole.bytes.extend_from_slice(&(!length).to_le_bytes());
        whole.bytes.extend_from_slice(bytes);
        whole
    }

    /// Fills up the last byte with zeros.
    pub(super) fn align(mut self) -> Self {
        let missing = self.bits.wrapping_neg() % 8;
        self.push(0, missing);
        self
    }

    /// Appends these bits, the lowest first.
    pub(super) fn push(&mut self, bits: u64, count: u32) {
        self.rest |= bits << self.bits;
        self.bits += count;
        while self.bits >= 8 {
            self.bytes.push(self.rest as u8);
            self.rest >>= 8;
            self.bits -= 8;
        }
    }

    /// Returns the stream, with zeros for the last bits.
    pub(super) fn bytes(self) -> Vec<u8> {
        self.align().bytes
    }

    /// Returns the stream as a message: with the header of an empty block of stored bytes behind it
    /// ([RFC 7692, section 7.2.1](https://www.rfc-editor.org/rfc/rfc7692#section-7.2.1)).
    pub(super) fn message(mut self) -> Vec<u8> {
        self.push(0b000, 3);
        self.bytes()
    }

    fn open(mut self, header: u64, symbols: &[Symbols<'_>]) -> Self {
        self.push(header, 3);
        for symbol in symbols {
            match *symbol {
                Symbols::Literals(bytes) => bytes.iter().for_each(|byte| self.symbol((*byte).into())),
                Symbols::Copy { length, distance } => self.copy(length, distance),
            }
        }
        self
    }

    fn end(mut self) -> Self {
        self.symbol(256);
        self
    }

    /// Appends a literal, the end or a length (section 3.2.6).
    fn symbol(&mut self, symbol: u32) {
        match symbol {
            0..144 => self.code(0x30 + symbol, 8),
            144..256 => self.code(0x190 + symbol - 144, 9),
            256..280 => self.code(symbol - 256, 7),
            _ => self.code(0xc0 + symbol - 280, 8),
        }
    }

    fn copy(&mut self, length: usize, distance: usize) {
        let (symbol, extra, bits) = match length {
            258 => (285, 0, 0),
            _ => {
                let place = LENGTHS.iter().rposition(|(first, _)| *first <= length).unwrap();
                let (first, bits) = LENGTHS[place];
                (257 + place as u32, length - first, bits)
            }
        };
        self.symbol(symbol);
        self.push(extra as u64, bits);
        let place = DISTANCES.iter().rposition(|(first, _)| *first <= distance).unwrap();
        let (first, bits) = DISTANCES[place];
        self.code(place as u32, 5);
        self.push((distance - first) as u64, bits);
    }

    /// Appends a Huffman code, whose first bit is the highest.
    fn code(&mut self, code: u32, count: u32) {
        self.push((code.reverse_bits() >> (32 - count)).into(), count);
    }
}

/// First length of each code, and the number of extra bits (section 3.2.5).
pub(super) const LENGTHS: [(usize, u32); 28] = [
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 0),
    (11, 1),
    (13, 1),
    (15, 1),
    (17, 1),
    (19, 2),
    (23, 2),
    (27, 2),
    (31, 2),
    (35, 3),
    (43, 3),
    (51, 3),
    (59, 3),
    (67, 4),
    (83, 4),
    (99, 4),
    (115, 4),
    (131, 5),
    (163, 5),
    (195, 5),
    (227, 5),
];

/// First distance of each code, and the number of extra bits.
pub(super) const DISTANCES: [(usize, u32); 30] = [
    (1, 0),
    (2, 0),
    (3, 0),
    (4, 0),
    (5, 1),
    (7, 1),
    (9, 2),
    (13, 2),
    (17, 3),
    (25, 3),
    (33, 4),
    (49, 4),
    (65, 5),
    (97, 5),
    (129, 6),
    (193, 6),
    (257, 7),
    (385, 7),
    (513, 8),
    (769, 8),
    (1_025, 9),
    (1_537, 9),
    (2_049, 10),
    (3_073, 10),
    (4_097, 11),
    (6_145, 11),
    (8_193, 12),
    (12_289, 12),
    (16_385, 13),
    (24_577, 13),
];

//! A decompressor that tells how far a message refers back, which no library does.

use super::blocks::{DISTANCES, LENGTHS};

/// Content of a message, and how it was compressed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Inspection {
    pub(super) text: Vec<u8>,
    /// Largest distance of a copy.
    pub(super) farthest: usize,
    /// Number of bytes before the message that it refers to.
    pub(super) context: usize,
}

/// Reads a message, which may refer to `context`.
///
/// # Panics
///
/// Panics if the message is not what RFC 7692, section 7.2.1, asks for.
pub(super) fn inspect(context: &[u8], message: &[u8]) -> Inspection {
    let whole = [message, &[0, 0, 0xff, 0xff]].concat();
    let mut bits = Bits { bytes: &whole, at: 0 };
    let mut found = Inspection { text: context.to_vec(), ..Inspection::default() };
    while bits.at < 8 * whole.len() {
        assert_eq!(bits.take(1), 0, "a block says that it is the last one");
        match bits.take(2) {
            0 => {
                bits.at = bits.at.next_multiple_of(8);
                let (length, inverse) = (bits.take(16), bits.take(16));
                assert_eq!(length ^ inverse, 0xffff, "a stored block has two lengths");
                found.text.extend((0..length).map(|_| bits.take(8) as u8));
            }
            1 => {
                let lengths = (0..288).map(|symbol| match symbol {
                    0..144 => 8,
                    144..256 => 9,
                    256..280 => 7,
                    _ => 8,
                });
                bits.symbols(
                    &Code::new(lengths.collect()),
                    &Code::new(vec![5; 30]),
                    &mut found,
                    context.len(),
                );
            }
            2 => {
                let (symbols, distances) = bits.codes();
                bits.symbols(&symbols, &distances, &mut found, context.len());
            }
            _ => panic!("there is no block of type 3"),
        }
    }
    found.text.drain(..context.len());
    found
}

/// Huffman code: the symbols of each length, and their number.
struct Code {
    counts: [u32; 16],
    symbols: Vec<u32>,
}

impl Code {
    fn new(lengths: Vec<u32>) -> Self {
        let mut counts = [0; 16];
        lengths.iter().filter(|length| **length > 0).for_each(|length| counts[*length as usize] += 1);
        let mut symbols: Vec<_> = (0..lengths.len() as u32).filter(|n| lengths[*n as usize] > 0).collect();
        symbols.sort_by_key(|symbol| (lengths[*symbol as usize], *symbol));
        Self { counts, symbols }
    }
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: u32) -> u32 {
        let bits = (0..count).map(|n| {
            let bit = self.bytes.get(self.at / 8).expect("the message goes on") >> (self.at % 8) & 1;
            self.at += 1;
            u32::from(bit) << n
        });
        bits.sum()
    }

    fn symbol(&mut self, code: &Code) -> u32 {
        let (mut bits, mut first, mut place) = (0, 0, 0);
        for count in &code.counts[1..] {
            bits = bits << 1 | self.take(1);
            if bits < first + count {
                return code.symbols[(place + bits - first) as usize];
            }
            place += count;
            first = (first + count) << 1;
        }
        panic!("there is no such code");
    }

    /// Reads the codes of a dynamic block (RFC 1951, section 3.2.7).
    fn codes(&mut self) -> (Code, Code) {
        const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
        let (literals, distances, lengths) = (self.take(5) + 257, self.take(5) + 1, self.take(4) + 4);
        let mut of_lengths = vec![0; 19];
        for place in &ORDER[..lengths as usize] {
            of_lengths[*place] = self.take(3);
        }
        let code = Code::new(of_lengths);
        let mut all = Vec::new();
        while all.len() < (literals + distances) as usize {
            let (length, times) = match self.symbol(&code) {
                16 => (*all.last().unwrap(), 3 + self.take(2)),
                17 => (0, 3 + self.take(3)),
                18 => (0, 11 + self.take(7)),
                length => (length, 1),
            };
            all.extend((0..times).map(|_| length));
        }
        let of_distances = all.split_off(literals as usize);
        (Code::new(all), Code::new(of_distances))
    }

    fn symbols(&mut self, symbols: &Code, distances: &Code, found: &mut Inspection, context: usize) {
        loop {
            let length = match self.symbol(symbols) {
                256 => return,
                285 => 258,
                literal @ 0..256 => {
                    found.text.push(literal as u8);
                    continue;
                }
                symbol => {
                    let (first, bits) = LENGTHS[symbol as usize - 257];
                    first + self.take(bits) as usize
                }
            };
            let (first, bits) = DISTANCES[self.symbol(distances) as usize];
            let distance = first + self.take(bits) as usize;
            let from = found.text.len().checked_sub(distance).expect("it refers to what was never sent");
            found.farthest = found.farthest.max(distance);
            found.context = found.context.max(context.saturating_sub(from));
            for place in from..from + length {
                found.text.push(found.text[place]);
            }
        }
    }
}

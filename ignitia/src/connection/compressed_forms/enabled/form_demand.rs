use crate::{
    compression::{CompressionRule, needed_bits},
    sync::{AtomicUsize, Ordering},
};

/// Bits of the smallest window.
const MIN_BITS: u8 = 9;

/// Number of sizes that a window may have.
const WINDOWS: usize = 7;

/// Demand of a room's members for compressed forms. It is read without the room's lock: a form that
/// is missing is replaced by the message as it is.
#[derive(Debug)]
pub(crate) struct FormDemand {
    text: [AtomicUsize; WINDOWS],
    binary: [AtomicUsize; WINDOWS],
    /// Length from which on any of the members since the room was empty wants its messages
    /// compressed.
    min_size: AtomicUsize,
}

/// Windows for which a message is to be compressed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WantedForms(u8);

impl FormDemand {
    pub(crate) fn new() -> Self {
        let none = || std::array::from_fn(|_| AtomicUsize::new(0));
        Self { text: none(), binary: none(), min_size: AtomicUsize::new(usize::MAX) }
    }

    /// Adds a member with this rule.
    pub(crate) fn add(&self, rule: Option<CompressionRule>) {
        let Some(rule) = rule else { return };
        for counts in self.counts_of(&rule) {
            counts.fetch_add(1, Ordering::Relaxed);
        }
        self.min_size.fetch_min(rule.min_size(), Ordering::Relaxed);
    }

    /// Removes a member with this rule.
    pub(crate) fn remove(&self, rule: Option<CompressionRule>) {
        let Some(rule) = rule else { return };
        for count in self.counts_of(&rule) {
            count.fetch_sub(1, Ordering::Relaxed);
        }
        let mut counts = self.text.iter().chain(&self.binary);
        if counts.all(|count| count.load(Ordering::Relaxed) == 0) {
            self.min_size.store(usize::MAX, Ordering::Relaxed);
        }
    }

    /// Returns the windows for which a message of this kind and length is to be compressed. Those
    /// that are larger than the message are one.
    pub(crate) fn wanted(&self, is_text: bool, length: usize) -> WantedForms {
        let mut wanted = WantedForms::default();
        if length < self.min_size.load(Ordering::Relaxed) {
            return wanted;
        }
        let counts = if is_text { &self.text } else { &self.binary };
        for (bits, count) in (MIN_BITS..).zip(counts) {
            if count.load(Ordering::Relaxed) > 0 {
                wanted.insert(needed_bits(bits, length));
            }
        }
        wanted
    }

    fn counts_of(&self, rule: &CompressionRule) -> impl Iterator<Item = &AtomicUsize> {
        let place = usize::from(rule.bits - MIN_BITS);
        let kinds = [(&self.text, rule.admits_kind(true)), (&self.binary, rule.admits_kind(false))];
        kinds.into_iter().filter(|(_, is_wanted)| *is_wanted).map(move |(counts, _)| &counts[place])
    }
}

impl WantedForms {
    fn insert(&mut self, bits: u8) {
        self.0 |= 1 << (bits - MIN_BITS);
    }

    /// Returns the windows of both.
    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns the bits of each window.
    pub(super) fn bits(self) -> impl Iterator<Item = u8> {
        (MIN_BITS..).take(WINDOWS).filter(move |bits| self.0 & 1 << (bits - MIN_BITS) != 0)
    }
}

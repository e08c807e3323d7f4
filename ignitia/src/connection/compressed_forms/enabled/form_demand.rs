use crate::{
    compression::{CompressionRule, needed_bits},
    sync::{AtomicUsize, Ordering},
};

/// Bits of the windows that a broadcast is compressed for: 512 bytes, the 4 KiB of Python's
/// websockets, and the 32 KiB of most clients. Members with another one are sent the form of the
/// next smaller one, so that a client cannot make a broadcast cost more by asking for all of them.
const WINDOWS: [u8; 3] = [9, 12, 15];

/// Demand of a room's members for compressed forms. It is read without the room's lock: a form that
/// is missing is replaced by the message as it is.
#[derive(Debug)]
pub(crate) struct FormDemand {
    text: [AtomicUsize; WINDOWS.len()],
    binary: [AtomicUsize; WINDOWS.len()],
    /// Length from which on any of the members since the room was empty wants its messages
    /// compressed.
    min_size: AtomicUsize,
}

/// Windows for which a message is to be compressed: a bit for the bits of each.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WantedForms(u16);

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
        for (bits, count) in WINDOWS.into_iter().zip(counts) {
            if count.load(Ordering::Relaxed) > 0 {
                wanted.insert(needed_bits(bits, length));
            }
        }
        wanted
    }

    fn counts_of(&self, rule: &CompressionRule) -> impl Iterator<Item = &AtomicUsize> {
        let place = window_of(rule);
        let kinds = [(&self.text, rule.admits_kind(true)), (&self.binary, rule.admits_kind(false))];
        kinds.into_iter().filter(|(_, is_wanted)| *is_wanted).map(move |(counts, _)| &counts[place])
    }
}

impl WantedForms {
    /// Returns the window for one connection with this rule.
    pub(crate) fn of(rule: Option<CompressionRule>, is_text: bool, length: usize) -> Self {
        let mut wanted = Self::default();
        if let Some(rule) = rule.filter(|rule| rule.admits(is_text, length)) {
            wanted.insert(needed_bits(rule.bits, length));
        }
        wanted
    }

    fn insert(&mut self, bits: u8) {
        self.0 |= 1 << bits;
    }

    /// Returns the windows of both.
    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns the bits of each window.
    pub(super) fn bits(self) -> impl Iterator<Item = u8> {
        (0..16).filter(move |bits| self.0 & 1 << bits != 0)
    }
}

/// Returns the place of the largest window that is no larger than that of a connection.
fn window_of(rule: &CompressionRule) -> usize {
    WINDOWS.iter().rposition(|bits| *bits <= rule.bits).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compression::{Compression, DeflateOffer, NegotiatedCompression};

    const NONE: [u8; 0] = [];

    fn rule(bits: u8, config: Compression) -> Option<CompressionRule> {
        let offer = DeflateOffer { server_max_window_bits: Some(bits), ..DeflateOffer::default() };
        let negotiated = NegotiatedCompression::accept(&offer, &config)?;
        Some(CompressionRule::new(&negotiated, &config))
    }

    fn wanted(demand: &FormDemand, is_text: bool, length: usize) -> Vec<u8> {
        demand.wanted(is_text, length).bits().collect()
    }

    #[test]
    fn a_broadcast_is_compressed_for_three_windows_at_most() {
        let demand = FormDemand::new();
        assert_eq!(wanted(&demand, true, 1 << 20), NONE);
        let rules: Vec<_> = (9..=15).map(|bits| rule(bits, Compression::shared())).collect();
        rules.iter().for_each(|rule| demand.add(*rule));
        demand.add(None);
        assert_eq!(wanted(&demand, true, 1 << 20), [9, 12, 15]);
        // A short message is as near as any window reaches.
        assert_eq!(wanted(&demand, true, 3_000), [9, 12]);
        assert_eq!(wanted(&demand, true, 500), [9]);
        assert_eq!(wanted(&demand, true, 255), NONE);
        assert_eq!(wanted(&demand, false, 1 << 20), NONE);
        rules[..6].iter().for_each(|rule| demand.remove(*rule));
        assert_eq!(wanted(&demand, true, 1 << 20), [15]);
        demand.remove(rules[6]);
        demand.remove(None);
        assert_eq!(wanted(&demand, true, 1 << 20), NONE);
        let binary = rule(12, Compression::shared().text(false).binary(true).min_size(0));
        demand.add(binary);
        assert_eq!((wanted(&demand, true, 9), wanted(&demand, false, 1)), (vec![], vec![9]));
    }

    #[test]
    fn a_message_to_one_member_is_compressed_for_its_window() {
        let of = |rule, length| WantedForms::of(rule, true, length).bits().collect::<Vec<_>>();
        let eleven = rule(11, Compression::shared());
        assert_eq!(of(eleven, 1 << 20), [11]);
        assert_eq!((of(eleven, 600), of(eleven, 255), of(None, 600)), (vec![10], vec![], vec![]));
    }
}

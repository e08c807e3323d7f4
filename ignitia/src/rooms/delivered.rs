use crate::connection::Delivery;

/// Outcome of a broadcast.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivered {
    /// Number of members for which it is queued.
    pub queued: usize,
    /// Number of slow members for which it waits, or was dropped.
    pub lagging: usize,
    /// Number of members that were closed for being too slow.
    pub closed: usize,
}

impl Delivered {
    pub(super) fn count(&mut self, delivery: Delivery) {
        match delivery {
            Delivery::Queued => self.queued += 1,
            Delivery::Lagging => self.lagging += 1,
            Delivery::Closed => self.closed += 1,
            Delivery::Gone => {}
        }
    }

    pub(super) fn add(&mut self, more: Self) {
        self.queued += more.queued;
        self.lagging += more.lagging;
        self.closed += more.closed;
    }
}

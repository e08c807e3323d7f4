use crate::connection::Delivery;

/// What came of a broadcast.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivered {
    /// Members for which it is queued.
    pub queued: usize,
    /// Members for which it waits, or was given up, because they are too slow.
    pub lagging: usize,
    /// Members that were closed for being too slow.
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

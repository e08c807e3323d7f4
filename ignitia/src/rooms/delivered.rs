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
    /// True if the rooms are on an engine, which has the message in its queue. The numbers are zero
    /// then: members, also those here, are sent it once the engine has it. In memory it is false.
    pub handed_on: bool,
}

impl Delivered {
    #[cfg(feature = "redis")]
    pub(super) fn by_engine() -> Self {
        Self { handed_on: true, ..Self::default() }
    }

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

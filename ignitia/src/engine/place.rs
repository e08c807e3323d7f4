/// Place of a message in a room's history, as the engine gives it.
///
/// The tag tells apart two messages that had the same offset: after a failover that lost the end of
/// a history, offsets are given a second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Number of one life of the room.
    pub(crate) epoch: u32,
    /// Number of the message; 0 before the first.
    pub(crate) offset: u64,
    /// Time at which the engine took the message, in microseconds; 0 before the first.
    pub(crate) tag: u64,
}

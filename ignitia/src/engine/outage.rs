use std::time::Duration;

/// Policy of a room on an engine for broadcasts while the engine is away. Members on no node are
/// sent such a broadcast before the engine has it: a room has one order, for all nodes.
///
/// A room in memory has no engine, and no outage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outage {
    /// Fails at once: the broadcast is an error that
    /// [`is_unavailable`](crate::Error::is_unavailable).
    Fail,
    /// Queues the broadcasts, and fails those beyond the limits as above. What is queued is sent
    /// when the engine is back. The default, with 1,000 messages and 5 seconds.
    Queue {
        /// Maximum number of messages of one room that wait.
        messages: usize,
        /// Time after the beginning of an outage in which messages are queued.
        time: Duration,
    },
}

impl Default for Outage {
    fn default() -> Self {
        Self::Queue { messages: 1_000, time: Duration::from_secs(5) }
    }
}

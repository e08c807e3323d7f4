use std::sync::Arc;

use redis::Value;

use crate::engine::fault::EngineFault;

/// Work that is done.
pub(super) enum Done {
    /// These rooms are subscribed, each for the feed of this number.
    Subscribed(Vec<(Arc<str>, u64)>, Result<(), EngineFault>),
    /// The node's own channel is.
    Listening(Result<(), EngineFault>),
    Unsubscribed(Result<(), EngineFault>),
    /// Rooms were looked up.
    Looked(Vec<SentLook>, Result<Vec<Value>, EngineFault>),
    Published(Result<String, EngineFault>),
    Loaded(Result<(), EngineFault>),
    /// The heartbeat was published.
    Beat(Result<(), EngineFault>),
    /// The lease was kept, or is over; and a lease of another node that is over.
    LeaseKept(Result<(bool, String), EngineFault>),
    Registered(Result<bool, EngineFault>),
    /// Members of a node are removed, as far as it went.
    Reaped(Result<(), EngineFault>),
    /// A question was answered.
    Answered(Option<EngineFault>),
}

/// Look-up that was sent.
pub(super) struct SentLook {
    pub(super) room: Arc<str>,
    /// Number of the room's feed.
    pub(super) feed: u64,
    /// Number of the look-up in the feed.
    pub(super) number: u64,
    /// Number of the room's packets that had come.
    pub(super) asked_after: u64,
}

use std::sync::Arc;

use redis::Value;

use crate::engine::fault::EngineFault;

/// Work that is done.
pub(super) enum Done {
    /// These rooms are subscribed.
    Subscribed(Vec<Arc<str>>, Result<(), EngineFault>),
    /// The node's own channel is.
    Listening(Result<(), EngineFault>),
    Unsubscribed(Result<(), EngineFault>),
    /// Rooms were looked up, each after so many packets of it.
    Looked(Vec<(Arc<str>, u64)>, Result<Vec<Value>, EngineFault>),
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

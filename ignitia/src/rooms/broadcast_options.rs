use super::member::MemberId;
use crate::connection::OverflowAction;

/// Options of a broadcast.
#[derive(Debug, Clone, Copy)]
pub(super) struct BroadcastOptions {
    pub(super) overflow: OverflowAction,
    pub(super) except: Option<MemberId>,
    /// True if a room with a history remembers it.
    pub(super) is_remembered: bool,
}

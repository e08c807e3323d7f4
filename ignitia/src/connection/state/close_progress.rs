//! Progress of a connection's end, from a close frame that waits for the handler to the cause.

use crate::{
    close::{CloseCause, CloseFrame, CloseKind},
    time::Instant,
};

/// Progress of an end. An open connection has none.
#[derive(Debug, Default)]
pub(super) struct CloseProgress {
    /// Close frame of ours that waits for the handler to finish its message.
    pub(super) pending: Option<PendingClose>,
    /// Close frame in the send queue.
    pub(super) queued: Option<QueuedClose>,
    pub(super) cause: Option<CloseCause>,
    /// Number of replies that came when nothing could be sent any more.
    pub(super) lost_replies: usize,
}

/// Close frame in the send queue.
#[derive(Debug, Clone)]
pub(crate) struct QueuedClose {
    pub(crate) kind: CloseKind,
    pub(crate) frame: Option<CloseFrame>,
    /// Number of room messages that were dropped because of it.
    pub(super) given_up: usize,
}

/// Close frame that waits until the handler is done with its message.
#[derive(Debug)]
pub(super) struct PendingClose {
    pub(super) kind: CloseKind,
    pub(super) frame: CloseFrame,
    pub(super) until: Instant,
}

/// Deadlines for the message that the handler is at when we close.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PendingCloseDeadlines {
    /// Deadline for a loop of the handler's own.
    pub(crate) in_loop: Instant,
    /// Deadline for a function that is called for each message.
    pub(crate) in_call: Instant,
}

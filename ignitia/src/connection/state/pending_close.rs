//! Close frame of ours that is queued, or that waits for the handler.

use crate::{
    close::{CloseFrame, CloseKind},
    time::Instant,
};

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
pub(crate) struct PendingClose {
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

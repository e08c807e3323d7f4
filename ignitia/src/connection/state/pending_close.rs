//! A close frame of ours that is queued, or that waits for the handler.

use std::time::Instant;

use crate::close::{CloseFrame, CloseKind};

/// What put the close frame into the outbox.
#[derive(Debug, Clone)]
pub(crate) struct QueuedClose {
    pub(crate) kind: CloseKind,
    pub(crate) frame: Option<CloseFrame>,
    /// Messages of rooms that waited and were given up with it.
    pub(super) given_up: usize,
}

/// An end that we have decided on, and that waits until the handler is done with its message.
#[derive(Debug)]
pub(crate) struct PendingClose {
    pub(super) kind: CloseKind,
    pub(super) frame: CloseFrame,
    pub(super) until: Instant,
}

/// How long an end of ours waits for the message that the handler is at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PendingCloseDeadlines {
    /// For a loop of the handler's own.
    pub(crate) in_loop: Instant,
    /// For a function that is called for each message.
    pub(crate) in_call: Instant,
}

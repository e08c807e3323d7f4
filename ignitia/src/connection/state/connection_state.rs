//! State of a connection that the lock guards.

use std::{collections::VecDeque, time::Instant};

use super::{
    after_unlock::AfterUnlock,
    backlog::Backlog,
    pending_close::{PendingClose, QueuedClose},
    recv_queue::RecvQueue,
    room_link::RoomLink,
    send_buffer::SendBuffer,
    send_queue::SendQueue,
    waiters::{WaitFor, Waiters},
    wakeups::Wakeups,
};
use crate::{
    close::{CloseCause, CloseKind},
    connection::config::WebSocketConfig,
};

/// In the order of use: what a broadcast touches lies together, since with many members none of it is in the cache.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct ConnectionState {
    pub(super) wakeups: Wakeups,
    pub(super) phase: ConnectionPhase,
    /// Broadcasts have waited for the peer for too long: see `lag_after`.
    pub(crate) is_slow: bool,
    pub(crate) send_queue: SendQueue,
    /// What the rooms that this connection is in still have for it.
    pub(crate) backlogs: VecDeque<Backlog>,
    pub(super) waiters: Waiters,
    pub(crate) recv_queue: RecvQueue,
    /// The rooms that must hear of its end.
    pub(crate) room_links: Vec<RoomLink>,
    /// Messages of rooms that were given up since somebody counted them.
    pub(crate) dropped: u64,
    /// Why the outbox was sealed.
    pub(crate) queued_close: Option<QueuedClose>,
    /// Our own end, while the handler is still at a message.
    pub(super) pending_close: Option<Box<PendingClose>>,
    /// When the connection may not go on any longer: its credentials have expired then.
    pub(crate) expires: Option<Instant>,
    pub(super) cause: Option<CloseCause>,
    /// Replies that came when nothing could be sent any more.
    pub(super) lost_replies: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ConnectionPhase {
    /// The handler has not said yet whether it wants the upgrade.
    Undecided,
    /// It does; what it sends is queued.
    Wanted,
    Open,
    Ended,
}

impl ConnectionState {
    pub(super) fn new(config: &WebSocketConfig) -> Self {
        Self {
            wakeups: Wakeups::new(),
            phase: ConnectionPhase::Undecided,
            is_slow: false,
            send_queue: SendQueue::new(config),
            backlogs: VecDeque::new(),
            waiters: Waiters::default(),
            recv_queue: RecvQueue::new(config),
            room_links: Vec::new(),
            dropped: 0,
            queued_close: None,
            pending_close: None,
            expires: None,
            cause: None,
            lost_replies: 0,
        }
    }

    /// Whether nothing more can be sent.
    pub(crate) fn is_over(&self) -> bool {
        self.phase == ConnectionPhase::Ended || self.send_queue.is_closing()
    }

    pub(crate) fn notify_output(&mut self, after_unlock: &mut AfterUnlock) {
        self.wakeups.notify_output(after_unlock);
    }

    /// Moves the queued frames into an empty buffer; `true` if there were any.
    pub(crate) fn fetch(&mut self, empty: &mut SendBuffer) -> bool {
        self.wakeups.clear_output();
        self.send_queue.fetch(empty)
    }

    pub(crate) fn request_upgrade(&mut self, after_unlock: &mut AfterUnlock) {
        if self.phase == ConnectionPhase::Undecided {
            self.phase = ConnectionPhase::Wanted;
            self.wakeups.notify_io(after_unlock);
        }
    }

    pub(super) fn unsent(&self) -> usize {
        self.send_queue.unsent()
            + self.waiting()
            + self.queued_close.as_ref().map_or(0, |close| close.given_up)
    }

    pub(super) fn waiting(&self) -> usize {
        self.backlogs.iter().map(Backlog::len).sum()
    }

    /// Nobody receives any more: the handler has returned.
    pub(crate) fn stop_receiving(&mut self, after_unlock: &mut AfterUnlock) {
        self.recv_queue.discard();
        self.waiters.release(WaitFor::MESSAGE, after_unlock);
    }

    /// Somebody may receive: the messages in the queue, or the end behind them.
    pub(crate) fn release_receivers(&mut self, after_unlock: &mut AfterUnlock) -> bool {
        self.waiters.release(WaitFor::MESSAGE, after_unlock)
    }

    /// The kernel took some: senders and flushers look again.
    pub(crate) fn release_senders(&mut self, after_unlock: &mut AfterUnlock) -> bool {
        self.waiters.release(WaitFor::ROOM | WaitFor::FLUSH, after_unlock)
    }

    pub(crate) fn open(&mut self, after_unlock: &mut AfterUnlock) {
        if self.phase != ConnectionPhase::Ended {
            self.phase = ConnectionPhase::Open;
        }
        if self.waiters.release(WaitFor::PHASE, after_unlock) {
            self.wakeups.mark_handler_ready(true);
        }
    }

    /// Why the connection has ended. What its handler still does, or fails to, counts too.
    pub(super) fn cause(&self) -> Option<CloseCause> {
        let cause = self.cause.clone()?;
        let unsent = cause.unsent + self.lost_replies;
        Some(CloseCause { unsent, unhandled: self.recv_queue.unhandled(), ..cause })
    }

    /// Whether the peer has ended the connection, or the loss of the transport: then nobody waits for what is lost.
    pub(super) fn is_ended_by_peer(&self) -> bool {
        let kind = self
            .queued_close
            .as_ref()
            .map(|close| close.kind)
            .or(self.cause.as_ref().map(|cause| cause.kind));
        matches!(kind, Some(CloseKind::Peer | CloseKind::Lost | CloseKind::Violation))
    }
}

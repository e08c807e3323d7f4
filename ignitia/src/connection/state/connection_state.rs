//! State of a connection that the lock guards.

use std::collections::VecDeque;

use super::{
    after_unlock::AfterUnlock,
    backlog::Backlog,
    close_progress::{CloseProgress, QueuedClose},
    direct_writer::DirectWriter,
    handler_progress::{HandlerProgress, ReceiveMode},
    probe::ProbeReader,
    recv_queue::RecvQueue,
    room_link::RoomLink,
    send_buffer::SendBuffer,
    send_queue::SendQueue,
    waiters::{WaitFor, Waiters},
    wakeups::Wakeups,
};
use crate::{
    close::{CloseCause, CloseKind},
    compression::CompressionRule,
    connection::config::WebSocketConfig,
    message::Message,
    time::Instant,
};

/// Queues, waits and phase of one connection.
///
/// The fields are in the order of use: those that a broadcast touches lie together, since with
/// thousands of members none of them is in the cache.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct ConnectionState {
    pub(super) wakeups: Wakeups,
    pub(super) phase: ConnectionPhase,
    /// True while the task is not being polled and nothing waits for the transport.
    pub(super) is_resting: bool,
    /// True once broadcasts have waited for the peer for longer than `lag_after`.
    pub(crate) is_slow: bool,
    pub(super) direct_writer: Option<DirectWriter>,
    pub(crate) send_queue: SendQueue,
    /// Messages of rooms that wait for room in the send queue.
    pub(crate) backlogs: VecDeque<Backlog>,
    pub(super) waiters: Waiters,
    pub(crate) recv_queue: RecvQueue,
    /// Reader of liveness probes, at typed endpoints.
    pub(super) probe_reader: Option<ProbeReader>,
    /// Time of the last direct write, if the task has not been told of it.
    pub(crate) last_direct_write: Option<Instant>,
    /// Rooms to leave when the connection ends.
    pub(crate) room_links: Vec<RoomLink>,
    /// Number of messages of rooms that were dropped since the metrics last took it.
    pub(crate) dropped: u64,
    /// Time at which the credentials of the connection expire.
    pub(crate) expires: Option<Instant>,
    pub(super) closing: Option<Box<CloseProgress>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ConnectionPhase {
    /// The handler has not asked for the upgrade yet.
    Undecided,
    /// The handler has asked for the upgrade. What it sends is queued.
    Wanted,
    Open,
    Ended,
}

impl ConnectionState {
    pub(super) fn new(config: &WebSocketConfig, compression: Option<CompressionRule>) -> Self {
        Self {
            wakeups: Wakeups::new(),
            phase: ConnectionPhase::Undecided,
            is_resting: false,
            is_slow: false,
            direct_writer: None,
            send_queue: SendQueue::new(config, compression),
            backlogs: VecDeque::new(),
            waiters: Waiters::default(),
            recv_queue: RecvQueue::new(config),
            probe_reader: None,
            last_direct_write: None,
            room_links: Vec::new(),
            dropped: 0,
            expires: None,
            closing: None,
        }
    }

    /// Returns `true` once nothing more can be sent.
    #[inline]
    pub(crate) fn is_over(&self) -> bool {
        self.phase == ConnectionPhase::Ended || self.send_queue.is_closing()
    }

    /// Returns `true` if receiving a message changes nothing but the queue and the handler's
    /// progress: no end waits for it, and reading has not stopped for it.
    #[inline]
    pub(crate) fn only_hands_out(&self, receiver: ReceiveMode) -> bool {
        self.phase == ConnectionPhase::Open
            && self.pending_close().is_none()
            && self.recv_queue.only_hands_out()
            && receiver != ReceiveMode::CallForMore
    }

    /// Takes the next message, and notes the handler's progress.
    #[inline]
    pub(crate) fn take_message(&mut self, receiver: ReceiveMode) -> Option<Message> {
        let received = self.recv_queue.pop()?;
        self.recv_queue.handler_progress =
            if received.is_data() { receiver.handler_progress() } else { HandlerProgress::Done };
        Some(received)
    }

    pub(crate) fn notify_output(&mut self, after_unlock: &mut AfterUnlock) {
        self.wakeups.notify_output(after_unlock);
    }

    /// Moves the queued frames into an empty buffer. Returns `true` if there were any.
    pub(crate) fn fetch(&mut self, empty: &mut SendBuffer) -> bool {
        self.wakeups.clear_output();
        self.send_queue.fetch(empty)
    }

    #[inline]
    pub(crate) fn request_upgrade(&mut self, after_unlock: &mut AfterUnlock) {
        if self.phase == ConnectionPhase::Undecided {
            self.phase = ConnectionPhase::Wanted;
            self.wakeups.notify_io(after_unlock);
        }
    }

    /// Returns the close frame in the send queue.
    pub(crate) fn queued_close(&self) -> Option<&QueuedClose> {
        self.closing.as_ref()?.queued.as_ref()
    }

    /// Returns the deadline of an end of ours that waits for the handler.
    #[inline]
    pub(crate) fn pending_close(&self) -> Option<Instant> {
        self.closing.as_ref()?.pending.as_ref().map(|pending| pending.until)
    }

    pub(super) fn unsent(&self) -> usize {
        self.send_queue.unsent() + self.waiting() + self.queued_close().map_or(0, |close| close.given_up)
    }

    pub(super) fn waiting(&self) -> usize {
        self.backlogs.iter().map(Backlog::len).sum()
    }

    /// Stops receiving: the handler has returned.
    pub(crate) fn stop_receiving(&mut self, after_unlock: &mut AfterUnlock) {
        self.recv_queue.discard();
        self.waiters.release(WaitFor::MESSAGE, after_unlock);
    }

    /// Wakes receivers: for messages in the queue, or the end behind them. Returns `true` if the
    /// handler waits for that.
    #[inline]
    pub(crate) fn release_receivers(&mut self, after_unlock: &mut AfterUnlock) -> bool {
        self.waiters.release(WaitFor::MESSAGE, after_unlock)
    }

    /// Wakes senders and flushes: the kernel took bytes. Returns `true` if the handler waits for
    /// that.
    #[inline]
    pub(crate) fn release_senders(&mut self, after_unlock: &mut AfterUnlock) -> bool {
        self.waiters.release(WaitFor::ROOM | WaitFor::FLUSH, after_unlock)
    }

    /// Opens the connection, whose transport can be written to by the writer, too.
    pub(crate) fn open(&mut self, direct_writer: Option<DirectWriter>, after_unlock: &mut AfterUnlock) {
        if self.phase != ConnectionPhase::Ended {
            self.phase = ConnectionPhase::Open;
            self.direct_writer = direct_writer;
        }
        if self.waiters.release(WaitFor::PHASE, after_unlock) {
            self.wakeups.mark_handler_ready(true);
        }
    }

    /// Returns the cause of the end. Messages that the handler has handled or failed to answer
    /// since are included.
    pub(super) fn cause(&self) -> Option<CloseCause> {
        let closing = self.closing.as_ref()?;
        let cause = closing.cause.clone()?;
        let unsent = cause.unsent + closing.lost_replies;
        Some(CloseCause { unsent, unhandled: self.recv_queue.unhandled(), ..cause })
    }

    /// Returns `true` if the peer, or the loss of the transport, has ended the connection: lost
    /// replies are no mistake of the handler's then.
    pub(super) fn is_ended_by_peer(&self) -> bool {
        let cause = self.closing.as_ref().and_then(|closing| closing.cause.as_ref());
        let kind = self.queued_close().map(|close| close.kind).or(cause.map(|cause| cause.kind));
        matches!(kind, Some(CloseKind::Peer | CloseKind::Lost | CloseKind::Violation))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_lie_in_the_order_of_use() {
        assert_field_order!(
            ConnectionState:
            wakeups, phase, is_resting, is_slow, direct_writer, send_queue, backlogs, waiters, recv_queue,
            probe_reader, last_direct_write, room_links, dropped, expires, closing
        );
    }
}

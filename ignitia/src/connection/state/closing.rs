//! Steps of a connection from open to its one cause of closing.

use super::{
    after_unlock::AfterUnlock,
    close_progress::{CloseProgress, PendingClose, PendingCloseDeadlines, QueuedClose},
    connection_state::{ConnectionPhase, ConnectionState},
    handler_progress::HandlerProgress,
    recv_queue::EndOfInput,
    waiters::WaitFor,
};
use crate::{
    close::{CloseCause, CloseCode, CloseFrame, CloseKind},
    connection::config::WebSocketConfig,
    time::{after, now},
};

impl ConnectionState {
    pub(super) fn close_progress_mut(&mut self) -> &mut CloseProgress {
        self.closing.get_or_insert_default()
    }

    /// Queues the close frame, once. Messages that are queued already go out before it.
    pub(crate) fn queue_close(
        &mut self,
        kind: CloseKind,
        frame: Option<CloseFrame>,
        after_unlock: &mut AfterUnlock,
    ) {
        if self.queued_close().is_some() || self.phase == ConnectionPhase::Ended {
            return;
        }
        // Everything that was promised goes out before the close frame. A peer that is closed for
        // lagging would not take it.
        if kind != CloseKind::Lagged {
            self.refill_all();
        }
        let given_up = self.waiting();
        after_unlock.drop_backlogs(std::mem::take(&mut self.backlogs));
        self.send_queue.queue_close(frame.as_ref());
        let closing = self.close_progress_mut();
        closing.queued = Some(QueuedClose { kind, frame, given_up });
        // An end of ours that waited for the handler is overtaken by this one.
        closing.pending = None;
        let owed = self.waiters.release(WaitFor::ROOM, after_unlock);
        self.wakeups.mark_handler_ready(owed);
        self.wakeups.notify_io(after_unlock);
    }

    /// Ends the connection for a reason of ours, behind the message that the handler is at and its
    /// replies. They have as long as an answer to the peer's close frame may take. Messages that
    /// were received but not begun are dropped, and counted as unhandled.
    pub(crate) fn close_after_handler(
        &mut self,
        kind: CloseKind,
        frame: CloseFrame,
        config: &WebSocketConfig,
        after_unlock: &mut AfterUnlock,
    ) {
        let until = after(now(), config.close_timeout);
        self.close_after_handler_until(
            PendingCloseDeadlines { in_loop: until, in_call: until },
            kind,
            frame,
            after_unlock,
        );
    }

    /// Ends the connection like [`close_after_handler`](Self::close_after_handler), with other
    /// deadlines for the message.
    pub(crate) fn close_after_handler_until(
        &mut self,
        deadlines: PendingCloseDeadlines,
        kind: CloseKind,
        frame: CloseFrame,
        after_unlock: &mut AfterUnlock,
    ) {
        if self.queued_close().is_some()
            || self.pending_close().is_some()
            || self.phase == ConnectionPhase::Ended
        {
            return;
        }
        // The message that the handler is at is still answered. Without one, there is nothing to
        // wait for.
        let until = match self.recv_queue.handler_progress {
            HandlerProgress::Done => return self.close_now(kind, frame, after_unlock),
            HandlerProgress::InLoop { .. } => deadlines.in_loop,
            HandlerProgress::InCall { .. } => deadlines.in_call,
        };
        self.close_progress_mut().pending = Some(PendingClose { kind, frame, until });
        // A batch that is being collected is complete now.
        let owed = self.release_receivers(after_unlock);
        self.wakeups.mark_handler_ready(owed);
        self.wakeups.notify_io(after_unlock);
    }

    /// Closes now, if an end of ours waits: the handler is done with its message, or its deadline
    /// has passed.
    pub(crate) fn finish_pending_close(&mut self, after_unlock: &mut AfterUnlock) {
        if let Some(pending) = self.closing.as_mut().and_then(|closing| closing.pending.take()) {
            self.close_now(pending.kind, pending.frame, after_unlock);
        }
    }

    fn close_now(&mut self, kind: CloseKind, frame: CloseFrame, after_unlock: &mut AfterUnlock) {
        // Messages that were not begun are dropped first: a reply to them could not be sent any
        // more.
        self.recv_queue.discard();
        let owed = self.release_receivers(after_unlock);
        self.wakeups.mark_handler_ready(owed);
        self.queue_close(kind, Some(frame), after_unlock);
    }

    /// Answers the end of the peer's input with our close frame.
    pub(crate) fn close_for_end_of_input(&mut self, after_unlock: &mut AfterUnlock) {
        match self.recv_queue.end.clone() {
            Some(EndOfInput::Close(frame)) => self.queue_close(CloseKind::Peer, frame, after_unlock),
            Some(EndOfInput::Eof) => {
                let reason = "the input ended without a close frame".into();
                let frame = CloseFrame { code: CloseCode::PROTOCOL, reason };
                self.queue_close(CloseKind::Lost, Some(frame), after_unlock);
            }
            Some(EndOfInput::Violation(violation)) => {
                self.queue_close(CloseKind::Violation, Some(violation.close_frame()), after_unlock);
            }
            Some(EndOfInput::Aborted) | None => {}
        }
    }

    /// Sets the one cause of the end, and wakes everything that waits.
    pub(crate) fn end(
        &mut self,
        kind: CloseKind,
        frame: Option<CloseFrame>,
        clean: bool,
        after_unlock: &mut AfterUnlock,
    ) {
        if self.phase == ConnectionPhase::Ended {
            return;
        }
        self.phase = ConnectionPhase::Ended;
        // `unsent` is counted before the queues are emptied. `unhandled` is added when the cause is
        // asked for: the handler may still take messages that came before the end.
        let unsent = self.unsent();
        let closing = self.close_progress_mut();
        closing.cause = Some(CloseCause { kind, frame, clean, unsent, unhandled: 0 });
        closing.pending = None;
        after_unlock.drop_backlogs(std::mem::take(&mut self.backlogs));
        // The rooms are left after the unlock: a room's lock is taken before that of a connection,
        // never after.
        after_unlock.leave(std::mem::take(&mut self.room_links));
        after_unlock.drop_frames(self.send_queue.discard());
        // Shuts down our side, which does not block.
        self.direct_writer = None;
        self.recv_queue.end.get_or_insert(EndOfInput::Aborted);
        let own = self.waiters.release(WaitFor::ALL, after_unlock);
        self.wakeups.mark_handler_ready(own);
        if own {
            self.wakeups.notify_io(after_unlock);
        }
    }
}

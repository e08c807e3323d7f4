//! Operations of a connection's handles on the shared state.

use std::{
    ptr,
    task::{Context, Poll, Waker},
};

use super::{
    connection_state::ConnectionPhase,
    handler_progress::{HandlerProgress, ReceiveMode},
    message_kind::MessageKind,
    send_buffer::UNCOPIED,
    shared::Shared,
    waiters::{WaitFor, WaitKey},
};
use crate::{
    close::{CloseCause, CloseFrame, CloseKind},
    connection::frame_checks::check_close,
    error::{Error, Result},
    message::{Message, Payload},
    sync::Ordering,
    time::Instant,
};

/// Reason for which a message was not queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotQueued {
    Full,
    Closed,
}

impl NotQueued {
    // No `From`: rustc would list it where an error of the user's cannot be converted.
    pub(crate) fn into_error(self) -> Error {
        match self {
            Self::Full => Error::full(),
            Self::Closed => Error::closed(),
        }
    }
}

impl Shared {
    pub(crate) fn add_handle(&self) {
        self.handles.fetch_add(1, Ordering::Relaxed);
    }

    /// With the last handle the last receiver is gone, so input is discarded. The close frame is
    /// left to the handler's outcome, which may be about to give a reason.
    pub(crate) fn drop_handle(&self) {
        if self.handles.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.with(|state, after_unlock| {
                state.recv_queue.discard();
                if state.phase == ConnectionPhase::Open {
                    state.wakeups.notify_io(after_unlock);
                }
            });
        }
    }

    pub(crate) fn poll_accept(&self, wait_key: &mut WaitKey, cx: &Context<'_>) -> Poll<Result<()>> {
        let mut waker = self.foreign_waker(cx);
        self.with(|state, after_unlock| match state.phase {
            ConnectionPhase::Open => Poll::Ready(Ok(())),
            ConnectionPhase::Ended => Poll::Ready(Err(Error::closed())),
            ConnectionPhase::Undecided | ConnectionPhase::Wanted => {
                // The first operation of a handler decides for the upgrade.
                state.request_upgrade(after_unlock);
                state.waiters.wait(WaitFor::PHASE, wait_key, &mut waker, after_unlock);
                Poll::Pending
            }
        })
    }

    /// Receives the next message. The handler is at it until the next call: see
    /// [`HandlerProgress`].
    #[inline]
    pub(crate) fn poll_recv(
        &self,
        receiver: ReceiveMode,
        wait_key: &mut WaitKey,
        cx: &Context<'_>,
    ) -> Poll<Option<Message>> {
        let mut state = self.lock();
        if state.only_hands_out(receiver) {
            if let Some(received) = state.take_message(receiver) {
                return Poll::Ready(Some(received));
            }
            if self.is_own_waker(cx.waker()) && state.recv_queue.end.is_none() {
                state.recv_queue.handler_progress = HandlerProgress::Done;
                state.waiters.wait_own(WaitFor::MESSAGE);
                return Poll::Pending;
            }
        }
        drop(state);
        self.poll_recv_anyhow(receiver, wait_key, cx)
    }

    /// Receives like [`poll_recv`](Self::poll_recv), with all that may have to be done.
    fn poll_recv_anyhow(
        &self,
        receiver: ReceiveMode,
        wait_key: &mut WaitKey,
        cx: &Context<'_>,
    ) -> Poll<Option<Message>> {
        let mut waker = self.foreign_waker(cx);
        self.with(|state, after_unlock| {
            state.request_upgrade(after_unlock);
            state.recv_queue.note_reader();
            // Asking for the next message says that the last one is handled: an end that waited for
            // it comes now, before another message is handed out.
            if receiver != ReceiveMode::CallForMore {
                state.recv_queue.handler_progress = HandlerProgress::Done;
                state.finish_pending_close(after_unlock);
            }
            if state.recv_queue.discards() || state.pending_close().is_some() {
                return Poll::Ready(None);
            }
            // Only a queue that was full has stopped the reading: otherwise the task need not be
            // woken.
            let was_full = state.recv_queue.is_full();
            if let Some(received) = state.recv_queue.pop() {
                if received.is_data() {
                    state.recv_queue.handler_progress = receiver.handler_progress();
                }
                if was_full {
                    state.wakeups.notify_io(after_unlock);
                }
                return Poll::Ready(Some(received));
            }
            if state.recv_queue.end.is_none() {
                state.waiters.wait(WaitFor::MESSAGE, wait_key, &mut waker, after_unlock);
                return Poll::Pending;
            }
            // The close frame is answered when everything before it was taken, and its replies are
            // queued: it must be the last frame.
            if !state.recv_queue.handler_progress.delays_close_reply() {
                state.close_for_end_of_input(after_unlock);
            }
            Poll::Ready(state.recv_queue.take_close())
        })
    }

    /// Sets the handler's progress, which ends have to wait for.
    pub(crate) fn set_handler_progress(&self, handler_progress: HandlerProgress) {
        self.with(|state, after_unlock| {
            state.recv_queue.handler_progress = handler_progress;
            if handler_progress == HandlerProgress::Done {
                state.finish_pending_close(after_unlock);
            }
            if !state.recv_queue.has_data() {
                state.close_for_end_of_input(after_unlock);
            }
        });
    }

    /// Drops messages from now on, and those that wait.
    pub(crate) fn ignore_messages(&self) {
        self.with(|state, after_unlock| {
            state.request_upgrade(after_unlock);
            state.recv_queue.ignore_messages();
            state.finish_pending_close(after_unlock);
            state.close_for_end_of_input(after_unlock);
            state.wakeups.notify_io(after_unlock);
        });
    }

    /// Sets the time at which the connection ends; `None` for never.
    pub(crate) fn expire(&self, at: Option<Instant>) {
        self.with(|state, after_unlock| {
            state.expires = at;
            state.wakeups.notify_io(after_unlock);
        });
    }

    /// Counts replies that could not be sent any more.
    pub(crate) fn count_lost_replies(&self, replies: usize) {
        let mut state = self.lock();
        state.close_progress_mut().lost_replies += replies;
        let is_ended_by_peer = state.is_ended_by_peer();
        drop(state);
        if is_ended_by_peer {
            tracing::debug!(connection = %self.id, replies, "replies came after the end of the connection");
        } else {
            tracing::warn!(connection = %self.id, replies, "replies came after the end of the connection");
        }
    }

    /// Queues a message, if there is room. A payload stays the caller's, unless it is memory to
    /// reuse: dropping it may run code of the user's, which must not happen under the lock.
    #[inline]
    pub(crate) fn try_send(&self, kind: MessageKind, payload: &mut Payload<'_>) -> Result<(), NotQueued> {
        payload.share_from(UNCOPIED);
        self.with(|state, after_unlock| {
            if state.is_over() {
                return Err(NotQueued::Closed);
            }
            state.request_upgrade(after_unlock);
            if !state.send_queue.has_room(payload.len()) {
                return Err(NotQueued::Full);
            }
            state.send_queue.push(kind, payload);
            if let Payload::Vec(bytes) = payload {
                state.recv_queue.recycle(bytes);
            }
            state.wakeups.notify_output(after_unlock);
            Ok(())
        })
    }

    /// Keeps the memory of a text that was handled for the next one.
    pub(crate) fn recycle(&self, text: String) {
        let mut memory = text.into_bytes();
        self.lock().recv_queue.recycle(&mut memory);
    }

    /// Waits until there may be room for a message of this length.
    pub(crate) fn poll_room(&self, length: usize, wait_key: &mut WaitKey, cx: &Context<'_>) -> Poll<()> {
        let mut waker = self.foreign_waker(cx);
        self.with(|state, after_unlock| {
            if state.phase == ConnectionPhase::Ended
                || state.send_queue.is_closing()
                || state.send_queue.has_room(length)
            {
                return Poll::Ready(());
            }
            state.waiters.wait(WaitFor::ROOM, wait_key, &mut waker, after_unlock);
            Poll::Pending
        })
    }

    /// Queues a close frame behind all messages that were accepted, if it may be sent.
    pub(crate) fn close(&self, frame: Option<CloseFrame>) -> Result<()> {
        frame.as_ref().map_or(Ok(()), check_close)?;
        self.with(|state, after_unlock| {
            state.request_upgrade(after_unlock);
            state.queue_close(CloseKind::Local, frame, after_unlock);
        });
        Ok(())
    }

    /// Ends the connection for a reason of ours: see [`ConnectionState::close_after_handler`].
    pub(crate) fn close_after_handler(&self, kind: CloseKind, frame: CloseFrame) {
        self.with(|state, after_unlock| state.close_after_handler(kind, frame, &self.config, after_unlock));
    }

    /// Waits until the messages up to `target` are written. The first call sets it.
    pub(crate) fn poll_flush(
        &self,
        target: &mut Option<u64>,
        wait_key: &mut WaitKey,
        cx: &Context<'_>,
    ) -> Poll<Result<()>> {
        let mut waker = self.foreign_waker(cx);
        self.with(|state, after_unlock| {
            let target = *target.get_or_insert(state.send_queue.accepted());
            if state.send_queue.written() >= target {
                return Poll::Ready(Ok(()));
            }
            if state.phase == ConnectionPhase::Ended {
                return Poll::Ready(Err(Error::closed()));
            }
            state.waiters.wait(WaitFor::FLUSH, wait_key, &mut waker, after_unlock);
            Poll::Pending
        })
    }

    pub(crate) fn poll_closed(&self, wait_key: &mut WaitKey, cx: &Context<'_>) -> Poll<CloseCause> {
        let mut waker = self.foreign_waker(cx);
        self.with(|state, after_unlock| match state.cause() {
            Some(cause) => Poll::Ready(cause),
            None => {
                state.waiters.wait(WaitFor::PHASE, wait_key, &mut waker, after_unlock);
                Poll::Pending
            }
        })
    }

    /// Returns a clone of the waker, unless it is the connection task's own for the handler: that
    /// wait is a flag and needs no waker. Cloned before the lock is taken, since a waker may be
    /// code of the user's.
    fn foreign_waker(&self, cx: &Context<'_>) -> Option<Waker> {
        (!self.is_own_waker(cx.waker())).then(|| cx.waker().clone())
    }

    fn is_own_waker(&self, waker: &Waker) -> bool {
        ptr::addr_eq(waker.data(), self)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.lock().is_over()
    }

    pub(crate) fn cause(&self) -> Option<CloseCause> {
        self.lock().cause()
    }

    pub(crate) fn end_wait(&self, wait_key: &WaitKey) {
        self.with(|state, after_unlock| state.waiters.end_wait(wait_key, after_unlock));
    }
}

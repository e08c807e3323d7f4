//! Direct writes of a broadcast to a connection whose task rests.
//!
//! A frame is queued in any case, before the direct write: so the order of frames is that of the
//! queue, whoever writes them.

use std::sync::Arc;

use super::{
    after_unlock::AfterUnlock, connection_state::ConnectionState, shared::Shared, write_task::WriteDirectly,
};
use crate::time::Instant;

impl ConnectionState {
    /// Has the queued frames of a broadcast written: directly, if the task rests, or by the task.
    ///
    /// Only if both are of one runtime: another one may have no turn for the write, and the wake is
    /// owed until then.
    #[inline]
    pub(super) fn notify_broadcast(&mut self, connection: &Arc<Shared>, after_unlock: &mut AfterUnlock) {
        if self.wakeups.expects_output() {
            return;
        }
        if self.is_resting
            && self.backlogs.is_empty()
            && let Some(writer) = &self.direct_writer
            && let Some(write_task) = after_unlock.write_task()
            && writer.is_of(write_task.runtime())
            && self.wakeups.defer_wake()
        {
            write_task.push(connection.clone());
        } else {
            self.notify_output(after_unlock);
        }
    }

    /// Writes the first piece of the queued frames, as far as the transport takes it. Returns the
    /// number of bytes, and of the messages that are written completely.
    fn write_first(&mut self, now: Instant, after_unlock: &mut AfterUnlock) -> Option<(usize, usize)> {
        // Messages of senders are left to the task, which compresses them.
        if self.is_over() || self.send_queue.awaits_compression() {
            return None;
        }
        let bytes = self.direct_writer.as_ref()?.try_write(self.send_queue.first()).ok()?;
        let written = self.send_queue.advance(bytes);
        self.last_direct_write = Some(now);
        // Backlogs that have come up meanwhile move up, and are left to the task.
        self.refill();
        let owed = self.release_senders(after_unlock);
        self.wakeups.mark_handler_ready(owed);
        Some((bytes, written.messages + written.broadcasts))
    }
}

impl WriteDirectly for Shared {
    fn write_directly(&self, now: Instant) -> usize {
        let written = self.with(|state, after_unlock| {
            // The task may have been polled meanwhile: then it writes by itself.
            if !state.wakeups.owes_wake() {
                return None;
            }
            let written = state.write_first(now, after_unlock);
            state.wakeups.settle_wake(state.send_queue.is_fetched(), after_unlock);
            written
        });
        // Not under the lock: a recorder of metrics may be of the user's.
        let Some((bytes, messages)) = written else { return 0 };
        self.recorder.metrics.count_direct_write(bytes, messages);
        bytes
    }

    fn wake_to_write(&self) {
        self.with(|state, after_unlock| {
            if state.wakeups.owes_wake() {
                state.wakeups.settle_wake(false, after_unlock);
            }
        });
    }
}

//! Direct writes of a broadcast to a connection whose task rests.
//!
//! A frame is queued in any case, before the direct write: so the order of frames is that of the
//! queue, whoever writes them.

use std::{sync::Arc, time::Instant};

use super::{
    after_unlock::AfterUnlock, connection_state::ConnectionState, shared::Shared, write_task::WriteDirectly,
};

impl ConnectionState {
    /// Has the queued frames of a broadcast written: directly, if the task rests, or by the task.
    ///
    /// A runtime of another thread may have no turn for the write, and the wake is owed until then.
    #[inline]
    pub(super) fn notify_broadcast(&mut self, connection: &Arc<Shared>, after_unlock: &mut AfterUnlock) {
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
}

impl WriteDirectly for Shared {
    fn write_directly(&self, now: Instant) {
        self.with(|state, after_unlock| {
            // The task may have been polled meanwhile: then it writes by itself.
            if !state.wakeups.owes_wake() {
                return;
            }
            if !state.is_over()
                && let Some(writer) = &state.direct_writer
                && let Ok(n) = writer.try_write(state.send_queue.first())
            {
                let written = state.send_queue.written_directly(n);
                state.written_directly = Some(now);
                self.recorder.metrics.written_directly(n, written.messages + written.broadcasts);
                // Backlogs that have come up meanwhile move up, and are left to the task.
                state.refill();
                let owed = state.release_senders(after_unlock);
                state.wakeups.mark_handler_ready(owed);
            }
            state.wakeups.settle_wake(state.send_queue.is_fetched(), after_unlock);
        });
    }

    fn wake_to_write(&self) {
        self.with(|state, after_unlock| {
            if state.wakeups.owes_wake() {
                state.wakeups.settle_wake(false, after_unlock);
            }
        });
    }
}

//! State that the handles of a connection share with its task, behind one lock.

use std::{
    sync::{Arc, PoisonError},
    task::Waker,
};

use super::{
    after_unlock::AfterUnlock,
    connection_state::{ConnectionPhase, ConnectionState},
    wakeups::Interest,
};
use crate::{
    close::CloseKind,
    compression::{CompressionRule, NegotiatedCompression},
    connection::{config::WebSocketConfig, id::ConnectionId, recorder::ConnectionRecorder},
    metrics::QueueDepths,
    sync::{AtomicUsize, Mutex, MutexGuard},
};

#[derive(Debug)]
#[repr(C)]
pub(crate) struct Shared {
    /// Guards the state for the time of a push, a pop or a direct write, which does not block:
    /// never across an await, never while a waker or other code of the user's runs. Poisoning is
    /// ignored: no code that can panic leaves the state half-changed.
    state: Mutex<ConnectionState>,
    pub(crate) id: ConnectionId,
    pub(crate) config: Arc<WebSocketConfig>,
    pub(crate) subprotocol: Option<String>,
    pub(crate) compression: Option<NegotiatedCompression>,
    pub(crate) recorder: ConnectionRecorder,
    /// Number of handles, to know when nothing can receive any more.
    pub(super) handles: AtomicUsize,
}

impl Shared {
    pub(crate) fn new(
        config: Arc<WebSocketConfig>,
        subprotocol: Option<String>,
        compression: Option<NegotiatedCompression>,
        recorder: ConnectionRecorder,
    ) -> Self {
        let rule = compression_rule(compression.as_ref(), &config);
        let state = Mutex::new(ConnectionState::new(&config, rule));
        let handles = AtomicUsize::new(0);
        Self { state, id: ConnectionId::next(), config, subprotocol, compression, recorder, handles }
    }

    /// Returns the rule for compression, if it was agreed on.
    #[inline]
    pub(crate) fn compression_rule(&self) -> Option<CompressionRule> {
        compression_rule(self.compression.as_ref(), &self.config)
    }

    #[inline]
    pub(crate) fn lock(&self) -> MutexGuard<'_, ConnectionState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `f` under the lock, and after it the work that `f` left for after the unlock.
    #[inline]
    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut ConnectionState, &mut AfterUnlock) -> R) -> R {
        let mut after_unlock = AfterUnlock::default();
        let result = f(&mut self.lock(), &mut after_unlock);
        after_unlock.run();
        result
    }

    /// Notes that a waker of the task was woken by code that is not ours.
    pub(crate) fn request_from_outside(&self, interest: Interest) {
        self.with(|state, after_unlock| state.wakeups.request_from_outside(interest, after_unlock));
    }

    /// Begins a poll of the task: until it ends, our own changes need not wake it. With `io`, the
    /// transport, a deadline or a shutdown has woken it.
    pub(crate) fn begin_poll(&self, waker: &Waker, io: bool) -> Interest {
        let mut state = self.lock();
        state.is_resting = false;
        state.wakeups.begin_poll(waker, io)
    }

    /// Ends a poll, unless something came up meanwhile: that is returned. Releases the memory that
    /// a burst took. With `is_resting`, nothing waits for the transport.
    pub(crate) fn begin_idle(&self, is_resting: bool) -> Option<Interest> {
        let mut state = self.lock();
        let interest = state.wakeups.begin_idle();
        if interest.is_none() {
            state.is_resting = is_resting;
            state.recv_queue.shrink();
            state.send_queue.shrink();
        }
        interest
    }

    /// Ends a poll of a task that has woken itself, to let others go first.
    pub(crate) fn yield_now(&self) {
        self.lock().wakeups.yield_now();
    }

    /// Takes the interest that has come up so far, but for the handler's.
    pub(crate) fn take_interest(&self) -> Interest {
        self.lock().wakeups.take_interest()
    }

    pub(crate) fn depths(&self) -> QueueDepths {
        let mut state = self.lock();
        let dropped = std::mem::take(&mut state.dropped);
        let spared = state.send_queue.take_spared();
        QueueDepths { inbound: state.recv_queue.len(), outbound: state.unsent(), dropped, spared }
    }

    /// Returns `true` once something has asked for the upgrade.
    pub(crate) fn is_wanted(&self) -> bool {
        self.lock().phase != ConnectionPhase::Undecided
    }

    /// Asks for the upgrade: the decision window has passed.
    pub(crate) fn decide(&self) {
        let mut state = self.lock();
        if state.phase == ConnectionPhase::Undecided {
            state.phase = ConnectionPhase::Wanted;
        }
    }

    /// Ends the connection without a transport, or with one that is dropped.
    pub(crate) fn end(&self, kind: CloseKind) {
        self.with(|state, after_unlock| {
            let frame = state.queued_close().and_then(|close| close.frame.clone());
            state.end(kind, frame, false, after_unlock);
        });
    }
}

#[inline]
fn compression_rule(
    negotiated: Option<&NegotiatedCompression>,
    config: &WebSocketConfig,
) -> Option<CompressionRule> {
    Some(CompressionRule::new(negotiated?, config.compression_config()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_lie_in_the_order_of_use() {
        assert_field_order!(Shared: state, id, config, subprotocol, compression, recorder, handles);
    }
}

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use super::{
    report::DrainOutcome,
    state::{ShutdownPhase, ShutdownState},
};
use crate::sync::OwnedNotified;

/// A connection's view of the shutdown: its phase, and a wake-up at each change.
#[derive(Debug)]
pub(crate) struct ShutdownWatch {
    state: Arc<ShutdownState>,
    /// Signal of the next phase.
    signal: Pin<Box<OwnedNotified>>,
    phase: ShutdownPhase,
    /// Waker of the task to wake at the next phase.
    waker: Option<Waker>,
}

impl ShutdownWatch {
    pub(super) fn new(state: Arc<ShutdownState>) -> Self {
        let signal = Box::pin(state.next_phase(ShutdownPhase::Open));
        Self { state, signal, phase: ShutdownPhase::Open, waker: None }
    }

    /// Returns the phase. The task is woken at the next one.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> ShutdownPhase {
        if self.state.is_phase(self.phase)
            && self.waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker()))
        {
            return self.phase;
        }
        self.waker = Some(cx.waker().clone());
        // The signal is awaited before the phase is read: no change between the two is missed.
        while self.signal.as_mut().poll(cx).is_ready() || !self.state.is_phase(self.phase) {
            self.phase = self.state.phase();
            self.signal.set(self.state.next_phase(self.phase));
        }
        self.phase
    }

    /// Completes as soon as a drain begins.
    pub(crate) fn poll_draining(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.poll(cx) == ShutdownPhase::Open { Poll::Pending } else { Poll::Ready(()) }
    }

    pub(crate) fn state(&self) -> &ShutdownState {
        &self.state
    }

    /// Counts the end of the connection, if a drain is under way. Returns true if one is.
    pub(crate) fn count(&self, outcome: DrainOutcome) -> bool {
        self.state.count(outcome)
    }
}

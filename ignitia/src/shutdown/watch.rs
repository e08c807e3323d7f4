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
use crate::sync::WaitForCancellationFutureOwned;

/// A connection's view of the shutdown: its phase, and a wake-up at each change.
#[derive(Debug)]
pub(crate) struct ShutdownWatch {
    state: Arc<ShutdownState>,
    /// Signal of the next phase.
    signal: Pin<Box<WaitForCancellationFutureOwned>>,
    phase: ShutdownPhase,
    /// Waker of the task to wake at the next phase.
    waker: Option<Waker>,
}

impl ShutdownWatch {
    pub(super) fn new(state: Arc<ShutdownState>) -> Self {
        let signal = Box::pin(state.draining.clone().cancelled_owned());
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
        while self.phase != ShutdownPhase::Aborting && self.signal.as_mut().poll(cx).is_ready() {
            if self.phase == ShutdownPhase::Open {
                self.phase = ShutdownPhase::Draining;
                self.signal.set(self.state.aborting.clone().cancelled_owned());
            } else {
                self.phase = ShutdownPhase::Aborting;
            }
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

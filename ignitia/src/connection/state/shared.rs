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
    connection::{config::WebSocketConfig, events::ConnectionEvents, id::ConnectionId},
    metrics::QueueDepths,
    sync::{AtomicUsize, Mutex, MutexGuard},
};

#[derive(Debug)]
#[repr(C)]
pub(crate) struct Shared {
    /// Guards everything below for the time of a push or a pop: never across an await, never while a waker or
    /// anything of the user's runs. Poisoning is ignored: no code that can panic runs under it half-way.
    state: Mutex<ConnectionState>,
    pub(crate) id: ConnectionId,
    pub(crate) config: Arc<WebSocketConfig>,
    pub(crate) subprotocol: Option<String>,
    pub(crate) events: ConnectionEvents,
    /// Counts the handles, to know when nobody can receive any more.
    pub(super) handles: AtomicUsize,
}

impl Shared {
    pub(crate) fn new(
        config: Arc<WebSocketConfig>,
        subprotocol: Option<String>,
        events: ConnectionEvents,
    ) -> Self {
        let state = ConnectionState::new(&config);
        let handles = AtomicUsize::new(0);
        Self { state: Mutex::new(state), id: ConnectionId::next(), config, subprotocol, events, handles }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, ConnectionState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `f` under the lock, and after it what it deferred.
    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut ConnectionState, &mut AfterUnlock) -> R) -> R {
        let mut after_unlock = AfterUnlock::default();
        let result = f(&mut self.lock(), &mut after_unlock);
        after_unlock.run();
        result
    }

    /// A waker of the task's was woken.
    pub(crate) fn request_from_outside(&self, interest: Interest) {
        self.with(|state, after_unlock| state.wakeups.request_from_outside(interest, after_unlock));
    }

    /// The task begins to poll: from now on nobody needs to wake it.
    pub(crate) fn begin_poll(&self, waker: &Waker) -> Interest {
        self.lock().wakeups.begin_poll(waker)
    }

    /// The task is about to rest, unless something came up since it last looked. What a burst took is given back.
    pub(crate) fn begin_idle(&self) -> Option<Interest> {
        let mut state = self.lock();
        let interest = state.wakeups.begin_idle();
        if interest.is_none() {
            state.recv_queue.shrink();
            state.send_queue.shrink();
        }
        interest
    }

    /// The task lets others go first and has woken itself.
    pub(crate) fn yield_now(&self) {
        self.lock().wakeups.yield_now();
    }

    /// What came up so far is about to be looked at.
    pub(crate) fn take_interest(&self) -> Interest {
        self.lock().wakeups.take_interest()
    }

    pub(crate) fn depths(&self) -> QueueDepths {
        let mut state = self.lock();
        let dropped = std::mem::take(&mut state.dropped);
        QueueDepths { inbound: state.recv_queue.len(), outbound: state.unsent(), dropped }
    }

    /// Whether anything has asked for the upgrade.
    pub(crate) fn is_wanted(&self) -> bool {
        self.lock().phase != ConnectionPhase::Undecided
    }

    /// The decision window has passed: upgrade whatever the handler thinks.
    pub(crate) fn decide(&self) {
        let mut state = self.lock();
        if state.phase == ConnectionPhase::Undecided {
            state.phase = ConnectionPhase::Wanted;
        }
    }

    /// The connection is over without a transport, or with one that is dropped.
    pub(crate) fn end(&self, kind: CloseKind) {
        self.with(|state, after_unlock| {
            let frame = state.queued_close.as_ref().and_then(|close| close.frame.clone());
            state.end(kind, frame, false, after_unlock);
        });
    }
}

//! Bounded queue of the events of one watch. If it is full, the oldest event makes room, and the
//! watcher is told how many it missed.

use std::{
    collections::VecDeque,
    future::poll_fn,
    sync::{Arc, PoisonError},
    task::{Context, Poll, Waker},
};

use crate::sync::{Mutex, MutexGuard};

pub(super) struct EventQueue<E> {
    /// Held for a push or a pop. It is the innermost lock.
    state: Mutex<QueueState<E>>,
    /// Maximum number of events.
    limit: usize,
}

struct QueueState<E> {
    events: VecDeque<E>,
    missed: u64,
    has_ended: bool,
    waker: Option<Waker>,
}

/// Item that a watcher receives.
pub(super) enum NextEvent<E> {
    Event(E),
    /// Number of events that were dropped because the watcher was too slow.
    Missed(u64),
}

impl<E> EventQueue<E> {
    pub(super) fn new(limit: usize) -> Arc<Self> {
        let state = QueueState { events: VecDeque::new(), missed: 0, has_ended: false, waker: None };
        Arc::new(Self { state: Mutex::new(state), limit })
    }

    fn lock(&self) -> MutexGuard<'_, QueueState<E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an event. Returns the event that it displaces, to be dropped, and a waker, to be woken,
    /// once the caller holds no lock.
    pub(super) fn push(&self, event: E) -> (Option<E>, Option<Waker>) {
        let mut state = self.lock();
        let oldest = if state.events.len() < self.limit { None } else { state.events.pop_front() };
        state.missed += u64::from(oldest.is_some());
        state.events.push_back(event);
        (oldest, state.waker.take())
    }

    /// Removes the wanted events. The caller drops them once it holds no lock.
    pub(super) fn extract(&self, wanted: impl Fn(&E) -> bool) -> VecDeque<E> {
        let mut state = self.lock();
        let (out, kept) = std::mem::take(&mut state.events).into_iter().partition(wanted);
        state.events = kept;
        out
    }

    /// Ends the queue. Returns the waker, to be woken once the caller holds no lock.
    pub(super) fn end(&self) -> Option<Waker> {
        let mut state = self.lock();
        state.has_ended = true;
        state.waker.take()
    }

    /// Waits for the next item; `None` at the end.
    pub(super) async fn next(&self) -> Option<NextEvent<E>> {
        poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<Option<NextEvent<E>>> {
        // A waker may run code of the user's: it is cloned and dropped outside of the lock.
        let waker = cx.waker().clone();
        let mut state = self.lock();
        if state.missed > 0 {
            return Poll::Ready(Some(NextEvent::Missed(std::mem::take(&mut state.missed))));
        }
        if let Some(event) = state.events.pop_front() {
            return Poll::Ready(Some(NextEvent::Event(event)));
        }
        if state.has_ended {
            return Poll::Ready(None);
        }
        let before = state.waker.replace(waker);
        drop(state);
        drop(before);
        Poll::Pending
    }
}

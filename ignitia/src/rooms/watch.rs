use std::{
    collections::VecDeque,
    fmt,
    future::poll_fn,
    sync::{Arc, PoisonError},
    task::{Context, Poll, Waker},
};

use super::events::{Member, RoomEvent};
use crate::sync::{Mutex, MutexGuard};

/// Events that a watcher may be behind.
const EVENTS: usize = 256;

/// Who is in a room, and who comes and goes from then on.
pub struct Watch<P> {
    members: Vec<Member<P>>,
    queue: Arc<Queue<P>>,
}

impl<P> Watch<P> {
    pub(super) fn new(members: Vec<Member<P>>, queue: Arc<Queue<P>>) -> Self {
        Self { members, queue }
    }

    /// Of a room that is not there.
    pub(super) fn of_nobody() -> Self {
        let queue = Queue::new();
        queue.end();
        Self { members: Vec::new(), queue }
    }

    /// Who was there when the watch began.
    pub fn members(&self) -> &[Member<P>] {
        &self.members
    }

    /// The next event; `None` when the room is empty and gone.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: no event is lost.
    pub async fn recv(&mut self) -> Option<RoomEvent<P>> {
        poll_fn(|cx| self.queue.poll(cx)).await
    }
}

impl<P> fmt::Debug for Watch<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}

/// The events of one watch, bounded.
pub(super) struct Queue<P> {
    /// Held for a push or a pop; the innermost lock of all.
    state: Mutex<State<P>>,
}

struct State<P> {
    events: VecDeque<RoomEvent<P>>,
    missed: u64,
    has_ended: bool,
    waker: Option<Waker>,
}

impl<P> Queue<P> {
    pub(super) fn new() -> Arc<Self> {
        let state = State { events: VecDeque::new(), missed: 0, has_ended: false, waker: None };
        Arc::new(Self { state: Mutex::new(state) })
    }

    fn lock(&self) -> MutexGuard<'_, State<P>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an event; the one that it takes the place of, and whom to wake, are for the caller, when it holds no lock.
    pub(super) fn push(&self, event: RoomEvent<P>) -> (Option<RoomEvent<P>>, Option<Waker>) {
        let mut state = self.lock();
        let oldest = if state.events.len() < EVENTS { None } else { state.events.pop_front() };
        state.missed += u64::from(oldest.is_some());
        state.events.push_back(event);
        (oldest, state.waker.take())
    }

    /// There will be no more; whom to wake is for the caller.
    pub(super) fn end(&self) -> Option<Waker> {
        let mut state = self.lock();
        state.has_ended = true;
        state.waker.take()
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<Option<RoomEvent<P>>> {
        // It may be code of the user's, as every waker: it is cloned and dropped outside of the lock.
        let waker = cx.waker().clone();
        let mut state = self.lock();
        if state.missed > 0 {
            return Poll::Ready(Some(RoomEvent::Missed(std::mem::take(&mut state.missed))));
        }
        if let Some(event) = state.events.pop_front() {
            return Poll::Ready(Some(event));
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

//! Who waits for what, and what is left to do when the lock is released.

use std::{
    collections::VecDeque,
    ops::BitOr,
    panic::{AssertUnwindSafe, catch_unwind},
    task::Waker,
};

use super::{
    backlog::{Backlog, SharedFrame},
    delivery::Farewell,
    send_buffer::FrameBuffer,
};

/// Kinds of change that are waited for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Waits(u8);

impl Waits {
    /// A message, or the end behind the last one.
    pub(crate) const MESSAGE: Self = Self(1);
    /// Room in the outbox.
    pub(crate) const ROOM: Self = Self(1 << 1);
    /// Messages that the kernel has taken.
    pub(crate) const FLUSH: Self = Self(1 << 2);
    /// Another phase.
    pub(crate) const PHASE: Self = Self(1 << 3);
    pub(crate) const ALL: Self = Self(0b1111);

    fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl BitOr for Waits {
    type Output = Self;

    fn bitor(self, more: Self) -> Self {
        Self(self.0 | more.0)
    }
}

/// Who waits: the connection task itself, for its handler, and tasks elsewhere.
///
/// The handler is polled by the connection task, so its waits need no waker: a flag tells the task to poll it again.
#[derive(Debug, Default)]
pub(crate) struct Waiters {
    own: Waits,
    elsewhere: Vec<Waiter>,
    last_key: u64,
}

#[derive(Debug)]
struct Waiter {
    key: u64,
    wants: Waits,
    waker: Waker,
}

/// Where one waiting future stands; it takes the place with [`Waiters::wait`] and must give it back with
/// [`Waiters::leave`] when it is dropped before its turn, so that abandoned waits do not pile up.
#[derive(Debug, Default)]
pub(crate) struct Place(Option<u64>);

impl Place {
    pub(crate) fn is_taken(&self) -> bool {
        self.0.is_some()
    }
}

impl Waiters {
    /// Notes a wait of a task elsewhere, or of the handler, which needs no waker. Wakers may be the user's code: they are
    /// cloned before the lock is taken, and dropped after.
    pub(crate) fn wait(
        &mut self,
        wants: Waits,
        place: &mut Place,
        waker: &mut Option<Waker>,
        deferred: &mut Deferred,
    ) {
        let Some(waker) = waker.take() else {
            self.own = self.own | wants;
            return;
        };
        if let Some(waiter) = self.elsewhere.iter_mut().find(|waiter| Some(waiter.key) == place.0) {
            deferred.drop_waker(std::mem::replace(&mut waiter.waker, waker));
            return;
        }
        self.last_key += 1;
        place.0 = Some(self.last_key);
        self.elsewhere.push(Waiter { key: self.last_key, wants, waker });
    }

    /// Ends one wait.
    pub(crate) fn leave(&mut self, place: &Place, deferred: &mut Deferred) {
        if let Some(at) = self.elsewhere.iter().position(|waiter| Some(waiter.key) == place.0) {
            deferred.drop_waker(self.elsewhere.swap_remove(at).waker);
        }
    }

    /// Ends all waits for any of these: `true` if the handler's was among them, and the others' wakers are deferred.
    pub(crate) fn release(&mut self, wants: Waits, deferred: &mut Deferred) -> bool {
        if !self.elsewhere.is_empty() {
            let met = self.elsewhere.extract_if(.., |waiter| waiter.wants.meets(wants));
            let mut met = met.map(|waiter| waiter.waker).peekable();
            if met.peek().is_some() {
                deferred.more().wakers.extend(met);
            }
        }
        let own = self.own.meets(wants);
        self.own = Waits(self.own.0 & !wants.0);
        own
    }
}

/// What is done once the lock is released, because it runs code that is not ours.
#[derive(Debug, Default)]
#[must_use]
pub(crate) struct Deferred {
    /// The connection task's: nearly always there is nothing else.
    task: Option<Waker>,
    more: Option<Box<More>>,
}

#[derive(Debug, Default)]
struct More {
    wakers: Vec<Waker>,
    /// A waker that is only dropped.
    stale: Option<Waker>,
    frames: FrameBuffer,
    farewells: Vec<Farewell>,
    backlogs: VecDeque<Backlog>,
    given_up: Vec<SharedFrame>,
}

impl Deferred {
    pub(crate) fn wake(&mut self, waker: Option<Waker>) {
        match self.task {
            None => self.task = waker,
            Some(_) => self.more().wakers.extend(waker),
        }
    }

    fn more(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    fn drop_waker(&mut self, waker: Waker) {
        debug_assert!(self.more().stale.is_none(), "one poll replaces one waker");
        self.more().stale = Some(waker);
    }

    /// The payloads in it may be the user's own type.
    pub(crate) fn drop_frames(&mut self, frames: FrameBuffer) {
        if !frames.is_empty() {
            self.more().frames = frames;
        }
    }

    /// What waits for nobody any more: it may be much.
    pub(crate) fn drop_backlogs(&mut self, backlogs: VecDeque<Backlog>) {
        if !backlogs.is_empty() {
            self.more().backlogs = backlogs;
        }
    }

    pub(crate) fn drop_given_up(&mut self, frames: Vec<SharedFrame>) {
        if !frames.is_empty() {
            self.more().given_up.extend(frames);
        }
    }

    /// The rooms that a connection was in.
    pub(crate) fn leave(&mut self, farewells: Vec<Farewell>) {
        if !farewells.is_empty() {
            self.more().farewells.extend(farewells);
        }
    }

    #[inline]
    pub(crate) fn run(self) {
        if self.task.is_some() || self.more.is_some() {
            self.run_all();
        }
    }

    fn run_all(self) {
        if let Some(more) = &self.more {
            more.farewells.iter().for_each(Farewell::say);
        }
        if let Some(task) = self.task {
            wake(task);
        }
        if let Some(more) = self.more {
            more.wakers.into_iter().for_each(wake);
        }
    }
}

/// A waker may be code of the user's: should one panic, the others are woken all the same.
pub(crate) fn wake(waker: Waker) {
    if catch_unwind(AssertUnwindSafe(|| waker.wake())).is_err() {
        tracing::error!("a waker panicked");
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        task::Wake,
    };

    use super::*;

    #[derive(Default)]
    struct Woken {
        times: AtomicUsize,
        panics: bool,
    }

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.times.fetch_add(1, Ordering::Relaxed);
            assert!(!self.panics, "on purpose");
        }
    }

    #[test]
    fn a_waker_that_panics_does_not_keep_the_others_from_being_woken() {
        let woken =
            [false, true, false, true, false].map(|panics| Arc::new(Woken { panics, ..Woken::default() }));
        let mut deferred = Deferred::default();
        deferred.wake(Some(woken[1].clone().into()));
        let mut waiters = Waiters::default();
        for woken in &woken {
            let mut waker = Some(woken.clone().into());
            waiters.wait(Waits::ROOM, &mut Place::default(), &mut waker, &mut deferred);
        }
        assert!(!waiters.release(Waits::ROOM | Waits::FLUSH, &mut deferred), "the handler did not wait");
        deferred.run();
        assert_eq!(woken.map(|woken| woken.times.load(Ordering::Relaxed)), [1, 2, 1, 1, 1]);
    }

    #[test]
    fn only_those_who_wait_for_it_are_released() {
        let woken = [(); 3].map(|()| Arc::new(Woken::default()));
        let mut deferred = Deferred::default();
        let mut waiters = Waiters::default();
        let mut places = [(); 3].map(|()| Place::default());
        for ((woken, wants), place) in
            woken.iter().zip([Waits::MESSAGE, Waits::ROOM, Waits::ROOM]).zip(&mut places)
        {
            waiters.wait(wants, place, &mut Some(woken.clone().into()), &mut deferred);
        }
        waiters.wait(Waits::MESSAGE, &mut Place::default(), &mut None, &mut deferred);
        waiters.leave(&places[2], &mut deferred);
        assert!(!waiters.release(Waits::ROOM, &mut deferred));
        assert!(waiters.release(Waits::MESSAGE | Waits::PHASE, &mut deferred), "the handler waited");
        assert!(!waiters.release(Waits::ALL, &mut deferred), "it was released");
        deferred.run();
        assert_eq!(woken.map(|woken| woken.times.load(Ordering::Relaxed)), [1, 1, 0]);
    }
}

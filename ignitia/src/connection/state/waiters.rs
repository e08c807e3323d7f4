//! Waits of handles for changes of the state.

use std::{ops::BitOr, task::Waker};

use super::after_unlock::AfterUnlock;

/// Kinds of changes to wait for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct WaitFor(u8);

impl WaitFor {
    /// A message, or the end behind the last one.
    pub(crate) const MESSAGE: Self = Self(1);
    /// Room in the send queue.
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

impl BitOr for WaitFor {
    type Output = Self;

    fn bitor(self, more: Self) -> Self {
        Self(self.0 | more.0)
    }
}

/// Waits of the handler, and of other tasks.
///
/// The handler is polled by the connection task, so its waits need no waker: a flag tells the task
/// to poll it again.
#[derive(Debug, Default)]
pub(crate) struct Waiters {
    own: WaitFor,
    elsewhere: Vec<Waiter>,
    last_key: u64,
}

#[derive(Debug)]
struct Waiter {
    key: u64,
    wants: WaitFor,
    waker: Waker,
}

/// Key of one waiting future. [`Waiters::wait`] sets it. A future that is dropped before it is
/// woken must give it back with [`Waiters::end_wait`]: otherwise abandoned waits would pile up.
#[derive(Debug, Default)]
pub(crate) struct WaitKey(Option<u64>);

impl WaitKey {
    pub(crate) fn is_taken(&self) -> bool {
        self.0.is_some()
    }
}

impl Waiters {
    /// Registers a wait of another task, or of the handler, which needs no waker. Wakers may be
    /// code of the user's: they are cloned before the lock is taken, and dropped after it is
    /// released.
    pub(crate) fn wait(
        &mut self,
        wants: WaitFor,
        wait_key: &mut WaitKey,
        waker: &mut Option<Waker>,
        after_unlock: &mut AfterUnlock,
    ) {
        let Some(waker) = waker.take() else { return self.wait_own(wants) };
        if let Some(waiter) = self.elsewhere.iter_mut().find(|waiter| Some(waiter.key) == wait_key.0) {
            after_unlock.drop_waker(std::mem::replace(&mut waiter.waker, waker));
            return;
        }
        self.last_key += 1;
        wait_key.0 = Some(self.last_key);
        self.elsewhere.push(Waiter { key: self.last_key, wants, waker });
    }

    /// Registers a wait of the handler.
    pub(crate) fn wait_own(&mut self, wants: WaitFor) {
        self.own = self.own | wants;
    }

    /// Ends one wait.
    pub(crate) fn end_wait(&mut self, wait_key: &WaitKey, after_unlock: &mut AfterUnlock) {
        if let Some(at) = self.elsewhere.iter().position(|waiter| Some(waiter.key) == wait_key.0) {
            after_unlock.drop_waker(self.elsewhere.swap_remove(at).waker);
        }
    }

    /// Ends all waits for any of these changes. Returns `true` if the handler's was among them.
    /// Other tasks are woken after the unlock.
    #[inline]
    pub(crate) fn release(&mut self, wants: WaitFor, after_unlock: &mut AfterUnlock) -> bool {
        if !self.elsewhere.is_empty() {
            self.release_elsewhere(wants, after_unlock);
        }
        let own = self.own.meets(wants);
        self.own = WaitFor(self.own.0 & !wants.0);
        own
    }

    #[inline(never)]
    fn release_elsewhere(&mut self, wants: WaitFor, after_unlock: &mut AfterUnlock) {
        let met = self.elsewhere.extract_if(.., |waiter| waiter.wants.meets(wants));
        let mut met = met.map(|waiter| waiter.waker).peekable();
        if met.peek().is_some() {
            after_unlock.wake_all(met);
        }
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
        let mut after_unlock = AfterUnlock::default();
        after_unlock.wake(Some(woken[1].clone().into()));
        let mut waiters = Waiters::default();
        for woken in &woken {
            let mut waker = Some(woken.clone().into());
            waiters.wait(WaitFor::ROOM, &mut WaitKey::default(), &mut waker, &mut after_unlock);
        }
        assert!(
            !waiters.release(WaitFor::ROOM | WaitFor::FLUSH, &mut after_unlock),
            "the handler did not wait"
        );
        after_unlock.run();
        assert_eq!(woken.map(|woken| woken.times.load(Ordering::Relaxed)), [1, 2, 1, 1, 1]);
    }

    #[test]
    fn only_those_who_wait_for_it_are_released() {
        let woken = [(); 3].map(|()| Arc::new(Woken::default()));
        let mut after_unlock = AfterUnlock::default();
        let mut waiters = Waiters::default();
        let mut places = [(); 3].map(|()| WaitKey::default());
        for ((woken, wants), wait_key) in
            woken.iter().zip([WaitFor::MESSAGE, WaitFor::ROOM, WaitFor::ROOM]).zip(&mut places)
        {
            waiters.wait(wants, wait_key, &mut Some(woken.clone().into()), &mut after_unlock);
        }
        waiters.wait(WaitFor::MESSAGE, &mut WaitKey::default(), &mut None, &mut after_unlock);
        waiters.end_wait(&places[2], &mut after_unlock);
        assert!(!waiters.release(WaitFor::ROOM, &mut after_unlock));
        assert!(waiters.release(WaitFor::MESSAGE | WaitFor::PHASE, &mut after_unlock), "the handler waited");
        assert!(!waiters.release(WaitFor::ALL, &mut after_unlock), "it was released");
        after_unlock.run();
        assert_eq!(woken.map(|woken| woken.times.load(Ordering::Relaxed)), [1, 1, 0]);
    }
}

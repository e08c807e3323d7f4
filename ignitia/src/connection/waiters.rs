use std::task::{Context, Waker};

use super::{delivery::Farewell, frames::FrameBuffer};

/// Who waits for one kind of change: the connection task itself (for its handler), and tasks elsewhere.
///
/// The handler is polled by the connection task, so its waits need no waker: a flag tells the task to poll it again.
#[derive(Debug, Default)]
pub(super) struct Waiters {
    pub(super) own: bool,
    elsewhere: Vec<(u64, Waker)>,
    last_key: u64,
}

/// Where one waiting future stands; it takes the place with [`Waiters::wait`] and must give it back with
/// [`Waiters::leave`] when it is dropped before its turn, so that abandoned waits do not pile up.
#[derive(Debug, Default)]
pub(super) struct Place(Option<u64>);

impl Place {
    pub(super) fn is_taken(&self) -> bool {
        self.0.is_some()
    }
}

impl Waiters {
    /// Notes that the task of `cx` waits, or the handler, if it `is_own`.
    pub(super) fn wait(&mut self, place: &mut Place, cx: &Context<'_>, is_own: bool) {
        if is_own {
            self.own = true;
            return;
        }
        if let Some((_, waker)) = self.elsewhere.iter_mut().find(|(key, _)| Some(*key) == place.0) {
            waker.clone_from(cx.waker());
            return;
        }
        self.last_key += 1;
        place.0 = Some(self.last_key);
        self.elsewhere.push((self.last_key, cx.waker().clone()));
    }

    pub(super) fn leave(&mut self, place: &Place) {
        if place.0.is_some() {
            self.elsewhere.retain(|(key, _)| Some(*key) != place.0);
        }
    }

    /// Ends all waits: `true` if the handler was among them, and the others' wakers are deferred.
    pub(super) fn release(&mut self, deferred: &mut Deferred) -> bool {
        deferred.wakers.extend(self.elsewhere.drain(..).map(|(_, waker)| waker));
        std::mem::take(&mut self.own)
    }
}

/// What is done once the lock is released, because it runs code that is not ours.
#[derive(Debug, Default)]
#[must_use]
pub(crate) struct Deferred {
    /// The connection task's: nearly always there is no other.
    task: Option<Waker>,
    wakers: Vec<Waker>,
    frames: Option<Box<FrameBuffer>>,
    farewells: Vec<Farewell>,
}

impl Deferred {
    pub(super) fn wake(&mut self, waker: Waker) {
        match self.task {
            None => self.task = Some(waker),
            Some(_) => self.wakers.push(waker),
        }
    }

    /// The payloads in it may be the user's own type.
    pub(super) fn drop_frames(&mut self, frames: FrameBuffer) {
        self.frames = Some(frames.into());
    }

    /// The rooms that a connection was in.
    pub(super) fn leave(&mut self, farewells: Vec<Farewell>) {
        self.farewells.extend(farewells);
    }

    pub(crate) fn run(self) {
        self.farewells.iter().for_each(Farewell::say);
        if let Some(task) = self.task {
            task.wake();
        }
        self.wakers.into_iter().for_each(Waker::wake);
    }
}

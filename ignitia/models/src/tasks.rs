//! What a drain waits with. Tasks are the scheduler's. The rest is tokio-util's own; it has locks of its own, which the
//! scheduler cannot see, so somebody else may get a turn before each of its steps.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use shuttle::{future, thread};
use tokio::runtime::Handle;
pub(crate) use tokio_util::sync::WaitForCancellationFutureOwned;
use tokio_util::{
    sync,
    task::task_tracker::{self, TaskTrackerWaitFuture},
};

pub(crate) use shuttle::future::JoinHandle;

/// Somebody else's turn, perhaps; not where a panic is on its way out.
fn step() {
    if !std::thread::panicking() {
        thread::yield_now();
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct CancellationToken(sync::CancellationToken);

impl CancellationToken {
    pub(crate) fn cancel(&self) {
        step();
        self.0.cancel();
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        step();
        self.0.is_cancelled()
    }

    pub(crate) fn cancelled(&self) -> sync::WaitForCancellationFuture<'_> {
        step();
        self.0.cancelled()
    }

    pub(crate) fn cancelled_owned(self) -> WaitForCancellationFutureOwned {
        step();
        self.0.cancelled_owned()
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct TaskTracker(task_tracker::TaskTracker);

impl TaskTracker {
    pub(crate) fn token(&self) -> TaskTrackerToken {
        step();
        TaskTrackerToken(Some(self.0.token()))
    }

    pub(crate) fn spawn<F>(&self, task: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        step();
        future::spawn(self.0.track_future(task))
    }

    pub(crate) fn spawn_on<F>(&self, task: F, _: &Handle) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.spawn(task)
    }

    pub(crate) fn close(&self) -> bool {
        step();
        self.0.close()
    }

    pub(crate) fn wait(&self) -> TaskTrackerWaitFuture<'_> {
        step();
        self.0.wait()
    }
}

#[derive(Debug)]
pub(crate) struct TaskTrackerToken(Option<task_tracker::TaskTrackerToken>);

impl Drop for TaskTrackerToken {
    fn drop(&mut self) {
        step();
        self.0 = None;
    }
}

/// A task that is cut off with its handle.
#[derive(Debug)]
pub(crate) struct AbortOnDropHandle<T>(JoinHandle<T>);

impl<T> AbortOnDropHandle<T> {
    pub(crate) fn new(task: JoinHandle<T>) -> Self {
        Self(task)
    }
}

impl<T> Future for AbortOnDropHandle<T> {
    type Output = Result<T, future::JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx)
    }
}

impl<T> Drop for AbortOnDropHandle<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

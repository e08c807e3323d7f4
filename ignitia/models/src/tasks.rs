//! Stand-ins for tokio-util's types that a drain uses. Tasks are the scheduler's. The other types
//! wrap tokio-util's, whose locks the scheduler cannot see, so each step yields to it first.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use shuttle::{future, thread};
use tokio::runtime::Handle;
pub(crate) use tokio::sync::futures::OwnedNotified;
use tokio_util::{
    sync,
    task::task_tracker::{self, TaskTrackerWaitFuture},
};

pub(crate) use shuttle::future::JoinHandle;

/// Lets the scheduler switch threads, except during a panic.
fn yield_to_scheduler() {
    if !std::thread::panicking() {
        thread::yield_now();
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct CancellationToken(sync::CancellationToken);

impl CancellationToken {
    pub(crate) fn cancel(&self) {
        yield_to_scheduler();
        self.0.cancel();
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        yield_to_scheduler();
        self.0.is_cancelled()
    }

    pub(crate) fn cancelled(&self) -> sync::WaitForCancellationFuture<'_> {
        yield_to_scheduler();
        self.0.cancelled()
    }
}

#[derive(Debug, Default)]
pub(crate) struct Notify(Arc<tokio::sync::Notify>);

impl Notify {
    pub(crate) fn notify_waiters(&self) {
        yield_to_scheduler();
        self.0.notify_waiters();
    }

    pub(crate) fn notified_owned(self: Arc<Self>) -> OwnedNotified {
        yield_to_scheduler();
        self.0.clone().notified_owned()
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct TaskTracker(task_tracker::TaskTracker);

impl TaskTracker {
    pub(crate) fn token(&self) -> TaskTrackerToken {
        yield_to_scheduler();
        TaskTrackerToken(Some(self.0.token()))
    }

    pub(crate) fn spawn<F>(&self, task: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        yield_to_scheduler();
        future::spawn(self.0.track_future(task))
    }

    pub(crate) fn spawn_on<F>(&self, task: F, _: &Handle) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.spawn(task)
    }

    pub(crate) fn close(&self) -> bool {
        yield_to_scheduler();
        self.0.close()
    }

    pub(crate) fn wait(&self) -> TaskTrackerWaitFuture<'_> {
        yield_to_scheduler();
        self.0.wait()
    }
}

#[derive(Debug)]
pub(crate) struct TaskTrackerToken(Option<task_tracker::TaskTrackerToken>);

impl Drop for TaskTrackerToken {
    fn drop(&mut self) {
        yield_to_scheduler();
        self.0 = None;
    }
}

/// Handle of a task. Dropping it aborts the task.
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

/// The one runtime of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RuntimeId;

/// Returns the runtime that tasks are spawned in.
pub(crate) fn current_runtime() -> Option<RuntimeId> {
    Some(RuntimeId)
}

/// Spawns a task.
pub(crate) fn try_spawn(future: impl Future<Output = ()> + Send + 'static) {
    future::spawn(future);
}

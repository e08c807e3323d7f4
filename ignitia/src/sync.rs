//! Locks, atomics and task trackers of state that threads share.
//!
//! They are std's and tokio's, or in `ignitia/models` those of shuttle, a scheduler that explores
//! the interleavings of threads.

#[cfg(shuttle)]
#[path = "../models/src/tasks.rs"]
mod tasks;

#[cfg(not(shuttle))]
pub(crate) use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering},
};
#[cfg(not(shuttle))]
pub(crate) use tokio::{
    runtime::Id as RuntimeId,
    sync::{Notify, futures::OwnedNotified},
    task::JoinHandle,
};
#[cfg(not(shuttle))]
pub(crate) use tokio_util::{
    sync::CancellationToken,
    task::{AbortOnDropHandle, TaskTracker, task_tracker::TaskTrackerToken},
};

/// Returns the runtime that tasks are spawned in, if one is there.
#[cfg(not(shuttle))]
pub(crate) fn current_runtime() -> Option<RuntimeId> {
    tokio::runtime::Handle::try_current().ok().map(|runtime| runtime.id())
}

/// Spawns a task, if a runtime is there: otherwise the future is dropped.
#[cfg(not(shuttle))]
pub(crate) fn try_spawn(future: impl Future<Output = ()> + Send + 'static) {
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn(future);
    }
}

#[cfg(shuttle)]
pub(crate) use shuttle::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering},
};
#[cfg(shuttle)]
pub(crate) use tasks::{
    AbortOnDropHandle, CancellationToken, JoinHandle, Notify, OwnedNotified, RuntimeId, TaskTracker,
    TaskTrackerToken, current_runtime, try_spawn,
};

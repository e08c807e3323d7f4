//! Number of handlers that run.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

/// Number of handlers that run, or of other futures that are alive. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct RunningCount(Arc<AtomicUsize>);

impl RunningCount {
    /// Counts one more until the guard is dropped.
    pub(crate) fn guard(&self) -> RunningGuard {
        self.0.fetch_add(1, SeqCst);
        RunningGuard(self.clone())
    }

    pub(crate) fn get(&self) -> usize {
        self.0.load(SeqCst)
    }
}

/// Counts one handler while it exists.
pub(crate) struct RunningGuard(RunningCount);

impl Drop for RunningGuard {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, SeqCst);
    }
}

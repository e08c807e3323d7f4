use std::{fmt, time::Duration};

use crate::HEAP;

/// What the process has: at the end, as much as at the beginning.
#[derive(Debug, Clone, Copy)]
pub(super) struct Vitals {
    pub(super) tasks: i64,
    pub(super) descriptors: i64,
    /// Live bytes.
    pub(super) heap: i64,
    /// Resident bytes: for those who watch, since the allocator gives back what it likes.
    resident: u64,
}

/// Live heap that is no leak: buffers of the threads, tables that have grown.
pub(crate) const HEAP_THAT_STAYS: i64 = 256 << 10;

/// How long what is asynchronous may take to be gone.
const PATIENCE: Duration = Duration::from_secs(10);

impl Vitals {
    pub(super) fn now() -> Self {
        let heap = HEAP.stats();
        let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
        let pages: u64 = pages.split(' ').nth(1).unwrap().parse().unwrap();
        Self {
            tasks: tokio::runtime::Handle::current().metrics().num_alive_tasks() as i64,
            descriptors: std::fs::read_dir("/proc/self/fd").unwrap().count() as i64,
            heap: heap.bytes_allocated as i64 - heap.bytes_deallocated as i64,
            resident: pages * 4096,
        }
    }

    /// What there is more of than there was, once that has stopped shrinking.
    pub(super) async fn left(self) -> Self {
        let begun = tokio::time::Instant::now();
        loop {
            let now = Self::now();
            let left = Self {
                tasks: now.tasks - self.tasks,
                descriptors: now.descriptors - self.descriptors,
                heap: now.heap - self.heap,
                ..now
            };
            if left.tasks <= 0 && left.descriptors <= 0 && left.heap <= HEAP_THAT_STAYS
                || begun.elapsed() > PATIENCE
            {
                return left;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl fmt::Display for Vitals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tasks, descriptors, heap, resident } = *self;
        let mega = |bytes: f64| bytes / f64::from(1 << 20);
        let (heap, resident) = (mega(heap as f64), mega(resident as f64));
        write!(f, "{tasks:6} tasks {descriptors:6} fds {heap:6.1} MiB heap {resident:6.1} MiB resident")
    }
}

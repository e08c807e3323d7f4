//! Resources of the process.

use std::{fmt, time::Duration};

use crate::heap::{RETAINED_HEAP, live_bytes};

/// Resources that the process uses. At its end it must use no more than at the beginning.
#[derive(Debug, Clone, Copy)]
pub(super) struct ResourceUsage {
    pub(super) tasks: i64,
    pub(super) descriptors: i64,
    /// Bytes that are allocated and not freed.
    pub(super) heap: i64,
    /// Resident bytes. They are printed only: the allocator returns pages to the kernel at will.
    resident: u64,
}

/// Time within which tasks and sockets that are about to end must be gone.
const CLEANUP_TIMEOUT: Duration = Duration::from_secs(10);

impl ResourceUsage {
    pub(super) fn now() -> Self {
        let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
        let pages: u64 = pages.split(' ').nth(1).unwrap().parse().unwrap();
        Self {
            tasks: tokio::runtime::Handle::current().metrics().num_alive_tasks() as i64,
            descriptors: std::fs::read_dir("/proc/self/fd").unwrap().count() as i64,
            heap: live_bytes(),
            resident: pages * 4096,
        }
    }

    /// Waits for resources to be released, and returns the growth since `self`.
    pub(super) async fn growth(self) -> Self {
        let begun = tokio::time::Instant::now();
        loop {
            let now = Self::now();
            let left = Self {
                tasks: now.tasks - self.tasks,
                descriptors: now.descriptors - self.descriptors,
                heap: now.heap - self.heap,
                ..now
            };
            if left.tasks <= 0 && left.descriptors <= 0 && left.heap <= RETAINED_HEAP
                || begun.elapsed() > CLEANUP_TIMEOUT
            {
                return left;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl fmt::Display for ResourceUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tasks, descriptors, heap, resident } = *self;
        let mega = |bytes: f64| bytes / f64::from(1 << 20);
        let (heap, resident) = (mega(heap as f64), mega(resident as f64));
        write!(f, "{tasks:6} tasks {descriptors:6} fds {heap:6.1} MiB heap {resident:6.1} MiB resident")
    }
}

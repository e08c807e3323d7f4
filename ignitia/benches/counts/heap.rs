//! The allocator, which counts what it hands out.

use std::{alloc::System, time::Duration};

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Returns the number of allocations so far.
pub(super) fn allocations() -> usize {
    HEAP.stats().allocations
}

/// Returns the number of bytes that are allocated and not freed.
fn live_bytes() -> isize {
    let stats = HEAP.stats();
    stats.bytes_allocated as isize - stats.bytes_deallocated as isize
}

/// Returns the live bytes once they are stable: the server works asynchronously.
pub(super) fn settled_heap() -> isize {
    let mut last = live_bytes();
    let mut steady = 0;
    while steady < 5 {
        std::thread::sleep(Duration::from_millis(20));
        let now = live_bytes();
        steady = if now == last { steady + 1 } else { 0 };
        last = now;
    }
    last
}

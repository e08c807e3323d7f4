//! The allocator, which counts the bytes it hands out.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

/// Live bytes that may remain at the end and are no leak: buffers of the runtime's threads and
/// tables that have grown.
pub(crate) const RETAINED_HEAP: i64 = 256 << 10;

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Returns the number of bytes that are allocated and not freed.
pub(crate) fn live_bytes() -> i64 {
    let heap = HEAP.stats();
    heap.bytes_allocated as i64 - heap.bytes_deallocated as i64
}

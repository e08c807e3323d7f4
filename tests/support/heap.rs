//! The heap of the test process, counted.

use std::{alloc::System, env, process::Command};

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

/// Allocator that counts the allocations of this process.
#[global_allocator]
pub(crate) static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Returns true in a process that runs only this test. In any other, starts such a process and
/// asserts that the test passes there.
///
/// All tests of a process share its heap. A test that measures the heap has to be alone.
pub(crate) fn is_alone(test: &str) -> bool {
    const ALONE: &str = "IGNITIA_TEST_ALONE";
    if env::var_os(ALONE).is_some() {
        return true;
    }
    let program = env::current_exe().unwrap();
    let run = Command::new(program).args([test, "--exact"]).env(ALONE, "1").output().unwrap();
    let output = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{output}{}", String::from_utf8_lossy(&run.stderr));
    assert!(output.contains("1 passed"), "there is no test `{test}`: {output}");
    false
}

/// Number of bytes on the heap.
pub(crate) fn heap() -> usize {
    let stats = HEAP.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

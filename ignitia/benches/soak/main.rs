//! Soak: thousands of connections are held while others come and go, are reset, stall, flood and break the rules; in the
//! middle of it the server's process is frozen, and at the end SIGTERM drains it. Nothing may be left then, no message
//! lost, doubled or reordered, and every connection has ended for the reason that its client gave it.
//!
//! ```text
//! cargo bench -p ignitia --features metrics --bench soak -- --seconds 300 --connections 10000
//! ```
//!
//! There are two processes, since each end of a connection needs a descriptor: the clients are in this one, and it starts
//! itself once more for the server.

#![allow(clippy::unwrap_used, reason = "a bench that meets the unexpected shall fail")]

mod load;
mod plan;
mod process;
mod report;
mod server;
mod verdict;

use std::{alloc::System, process::ExitCode};

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

use self::plan::{Plan, Role};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> ExitCode {
    // Test runners ask for the tests first: there are none to choose from.
    if std::env::args().any(|argument| argument == "--list") {
        return ExitCode::SUCCESS;
    }
    let (role, plan) = Plan::of_arguments();
    let descriptors = rlimit::increase_nofile_limit(u64::MAX).unwrap();
    let needed = 2_000 + 3 * plan.connections as u64 / 2;
    assert!(descriptors >= needed, "{needed} descriptors are needed, and {descriptors} are to be had");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    match role {
        Role::Server => {
            runtime.block_on(server::run(plan));
            ExitCode::SUCCESS
        }
        Role::Load => runtime.block_on(load::run(plan)),
    }
}

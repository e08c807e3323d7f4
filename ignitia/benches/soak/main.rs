//! Soak test: thousands of connections stay open while other clients connect and disconnect, reset,
//! stall, flood and violate the protocol. Halfway through, the server's process is frozen; at the
//! end, SIGTERM starts a graceful shutdown. Afterwards no task, descriptor or memory may be leaked,
//! no message lost, duplicated or reordered, and every connection must have ended for the reason
//! that its client caused.
//!
//! ```text
//! cargo bench -p ignitia --features metrics --bench soak -- --seconds 300 --connections 10000
//! ```
//!
//! Each end of a connection needs a descriptor, so there are two processes: this one runs the
//! clients and starts itself again as the server.

#![allow(clippy::unwrap_used, reason = "an unexpected error must fail the bench")]

mod comparison;
mod heap;
mod load;
mod report;
mod server;
mod server_process;
mod settings;

use std::process::ExitCode;

use self::settings::{Role, SoakSettings};

fn main() -> ExitCode {
    // Test runners list the tests first; a bench without a harness has none.
    if std::env::args().any(|argument| argument == "--list") {
        return ExitCode::SUCCESS;
    }
    let (role, settings) = SoakSettings::from_arguments();
    let descriptors = rlimit::increase_nofile_limit(u64::MAX).unwrap();
    let needed = 2_000 + 3 * settings.connections as u64 / 2;
    assert!(descriptors >= needed, "{needed} descriptors are needed, the limit is {descriptors}");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    match role {
        Role::Server => {
            runtime.block_on(server::run(settings));
            ExitCode::SUCCESS
        }
        Role::Load => runtime.block_on(load::run(settings)),
    }
}

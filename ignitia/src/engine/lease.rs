//! Leases: the right of a node to have members, which others end if the node does not renew it.

use std::time::Duration;

use redis::Cmd;

use super::{
    item::Item,
    keys::NodeKeys,
    scripts::{Scripts, run},
    wire::encode_item,
};

/// Most rooms of one step of the removal of a node's members.
const REAP_STEP: usize = 100;

/// Lease of a node. One that is over is never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lease {
    pub(super) node: u32,
    number: u64,
}

impl Lease {
    /// Creates one that no process before this one with the same node's number can have had.
    pub(super) fn new(node: u32) -> Self {
        Self { node, number: uuid::Uuid::new_v4().as_u64_pair().0 >> 16 }
    }

    /// Returns the one after it.
    pub(super) fn next(self) -> Self {
        Self { number: self.number + 1, ..self }
    }

    /// Returns its name on the server.
    pub(super) fn name(self) -> String {
        format!("{}.{}", self.node, self.number)
    }
}

/// Returns the command that gives a node a lease. `before` is the name of the one that it had,
/// empty if it had none.
pub(super) fn register_command(
    scripts: &Scripts,
    keys: &NodeKeys,
    lease: Lease,
    seed: u64,
    before: &str,
) -> Cmd {
    let mut command = run(&scripts.register);
    command.arg(2).arg(&keys.leases).arg(&keys.seed);
    command.arg(lease.name()).arg(lease.node).arg(seed).arg(before);
    command
}

/// Returns the command that renews a lease, and finds one that is over.
pub(super) fn renew_command(scripts: &Scripts, keys: &NodeKeys, lease: Lease, time: Duration) -> Cmd {
    let mut command = run(&scripts.heartbeat);
    command.arg(1).arg(&keys.leases).arg(lease.name()).arg(millis(time));
    command
}

/// Returns the command that removes members whose lease is over, or is given back. It is to be
/// repeated as long as the answer is 1.
pub(super) fn reap_command(
    scripts: &Scripts,
    keys: &NodeKeys,
    lease: &str,
    time: Duration,
    is_given_back: bool,
) -> Cmd {
    let node = lease.split('.').next().and_then(|node| node.parse().ok()).unwrap_or(0);
    let mut gone = Vec::new();
    encode_item(&Item::NodeMembers { node, members: Vec::new() }, &mut gone);
    let mut command = run(&scripts.reap);
    command.arg(2).arg(&keys.leases).arg(format!("{}{lease}", keys.rooms_of_lease));
    command.arg(lease).arg(millis(time)).arg(gone).arg(REAP_STEP).arg(u8::from(is_given_back));
    command
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

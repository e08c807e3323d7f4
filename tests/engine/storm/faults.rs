//! Faults of the storm.

use std::time::Duration;

use tokio::time::sleep;

use super::cluster::{Cluster, NODES};
use crate::support::{ConnectionKind, until};

/// Fault of a server, of a node, or between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    KillListening,
    KillAll,
    Cut,
    SwallowListening,
    SwallowAll,
    Stall,
    Refuse,
    FlushScripts,
    FreezeServer,
    RestartServer,
    FillMemory,
    PromoteReplica,
    KillNode,
    FreezeNode,
    DrainNode,
    /// The server loses everything.
    RestartEmpty,
    /// The replica does not have the newest messages.
    PromoteLateReplica,
}

impl Fault {
    /// Faults after which the server still has what it has confirmed. Those that differ most come
    /// first.
    pub(super) const HARMLESS: [Self; 15] = [
        Self::SwallowListening,
        Self::KillNode,
        Self::RestartServer,
        Self::FreezeNode,
        Self::PromoteReplica,
        Self::DrainNode,
        Self::FreezeServer,
        Self::KillListening,
        Self::Cut,
        Self::FillMemory,
        Self::Stall,
        Self::SwallowAll,
        Self::Refuse,
        Self::FlushScripts,
        Self::KillAll,
    ];
    pub(super) const LOSSY: [Self; 2] = [Self::PromoteLateReplica, Self::RestartEmpty];
}

/// Sequence of faults, the same for each seed.
pub(super) struct FaultDice {
    state: u64,
    faults: Vec<Fault>,
    next: usize,
}

impl FaultDice {
    pub(super) fn new(seed: u64, faults: &[Fault]) -> Self {
        Self { state: seed.max(1), faults: faults.to_vec(), next: 0 }
    }

    /// Returns a number below a bound (xorshift).
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state % bound
    }

    /// Returns the next fault: all of them once, then all of them in another order.
    pub(super) fn next(&mut self) -> Fault {
        if self.next == self.faults.len() {
            self.next = 0;
            for n in (1..self.faults.len()).rev() {
                let other = self.below(n as u64 + 1);
                self.faults.swap(n, other as usize);
            }
        }
        self.next += 1;
        self.faults[self.next - 1]
    }
}

impl Cluster {
    /// Lets a fault happen, and ends it.
    pub(super) async fn suffer(&mut self, fault: Fault, dice: &mut FaultDice) {
        let n = dice.below(NODES as u64) as usize;
        let time = Duration::from_millis(300 + dice.below(3_700));
        let primary = self.primary;
        match fault {
            Fault::KillListening => self.kill_clients("pubsub").await,
            Fault::KillAll => {
                self.kill_clients("pubsub").await;
                self.kill_clients("normal").await;
            }
            Fault::Cut => self.proxies[n].iter().for_each(|proxy| proxy.cut()),
            Fault::SwallowListening => {
                self.proxies[n].iter().for_each(|proxy| proxy.swallow_kind(ConnectionKind::Listening));
            }
            Fault::SwallowAll => self.proxies[n].iter().for_each(|proxy| proxy.swallow()),
            Fault::Stall => {
                self.proxies[n].iter().for_each(|proxy| proxy.stall(true));
                sleep(time).await;
                self.proxies[n].iter().for_each(|proxy| proxy.stall(false));
            }
            Fault::Refuse => {
                self.proxies[n].iter().for_each(|proxy| proxy.refuse(true));
                sleep(time).await;
                self.proxies[n].iter().for_each(|proxy| proxy.refuse(false));
            }
            Fault::FlushScripts => self.servers[primary].command(&["SCRIPT", "FLUSH"]).await,
            Fault::FreezeServer => {
                self.servers[primary].freeze();
                sleep(time).await;
                self.servers[primary].thaw();
            }
            Fault::RestartServer => {
                self.servers[primary].kill();
                sleep(time / 4).await;
                self.servers[primary].run().await;
            }
            Fault::FillMemory => {
                self.servers[primary].command::<()>(&["CONFIG", "SET", "maxmemory", "1"]).await;
                sleep(time / 2).await;
                self.servers[primary].command::<()>(&["CONFIG", "SET", "maxmemory", "0"]).await;
            }
            Fault::PromoteReplica => {
                self.replicated().await;
                // No write is confirmed that the replica does not get.
                self.servers[primary].command::<()>(&["CLIENT", "PAUSE", "30000", "WRITE"]).await;
                self.replicated().await;
                self.promote().await;
            }
            Fault::KillNode => {
                let started = self.new_node(n).await;
                std::mem::replace(&mut self.nodes[n], started).kill();
            }
            Fault::FreezeNode => {
                self.nodes[n].freeze();
                sleep(time).await;
                self.nodes[n].thaw();
            }
            Fault::DrainNode => {
                let started = self.new_node(n).await;
                let drained = std::mem::replace(&mut self.nodes[n], started);
                drained.terminate();
                assert!(drained.wait().await.success(), "a drain has failed");
            }
            Fault::RestartEmpty => {
                // Otherwise it would get its data back.
                self.servers[1 - primary].command::<()>(&["REPLICAOF", "NO", "ONE"]).await;
                self.servers[primary].restart_empty().await;
                self.follow(1 - primary).await;
            }
            Fault::PromoteLateReplica => {
                self.replicated().await;
                self.replication[primary].stall(true);
                sleep(time / 4).await;
                self.promote().await;
            }
        }
    }

    async fn kill_clients(&self, kind: &str) {
        self.servers[self.primary].command::<()>(&["CLIENT", "KILL", "TYPE", kind]).await;
    }

    /// Ends the primary, and makes the replica one. The old one comes back as its replica.
    async fn promote(&mut self) {
        let old = self.primary;
        self.servers[old].kill();
        self.servers[1 - old].command::<()>(&["REPLICAOF", "NO", "ONE"]).await;
        self.primary = 1 - old;
        self.replication[old].cut();
        self.replication[old].stall(false);
        // Nodes must not find it as a primary.
        self.proxies.iter().for_each(|proxies| proxies[old].refuse(true));
        self.servers[old].restart_empty().await;
        self.follow(old).await;
        self.proxies.iter().for_each(|proxies| proxies[old].refuse(false));
        until("the old primary is a replica", async || {
            let info = self.servers[old].try_command::<String>(&["INFO", "replication"]).await;
            info.is_ok_and(|info| info.contains("role:slave"))
        })
        .await;
    }
}

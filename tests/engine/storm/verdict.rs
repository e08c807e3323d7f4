//! End of the storm: members, counters and totals.

use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
    time::Duration,
};

use super::{client::ClientProgress, cluster::Cluster, findings::Findings, publisher::PublisherTotals};
use crate::support::{holds_within, http_get};

/// Totals of the storm.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    accepted: u64,
    refused: u64,
    unknown: u64,
    /// Messages that were accepted at a place, and found there.
    pub(super) checked: usize,
    received: u64,
    recoveries: u64,
    told_losses: u64,
}

impl Verdict {
    pub(super) fn add_publisher(&mut self, totals: &PublisherTotals) {
        self.accepted += totals.accepted;
        self.refused += totals.refused;
        self.unknown += totals.unknown;
    }

    pub(super) fn add_client(&mut self, progress: ClientProgress) {
        self.received += progress.received;
        self.recoveries += progress.recoveries;
        self.told_losses += progress.told_losses;
    }

    /// Fails the test if too little has happened to prove anything.
    pub(super) fn assert_plausible(&self) {
        assert!(self.checked > 500 && self.received > 5_000 && self.recoveries > 0, "{self:?}");
    }
}

/// Checks that the members are the connected clients, in the store and on every node.
pub(super) async fn check_members(
    cluster: &Cluster,
    expected: &HashMap<String, Vec<String>>,
    findings: &Findings,
) {
    for (room, names) in expected {
        let mut names = names.clone();
        names.sort();
        for node in &cluster.nodes {
            let are_right = async || {
                let stored = node.stored_names(room).await;
                let known = node.names(room).await;
                // A node without members of its own does not know those of the others.
                stored.as_ref() == Some(&names)
                    && known.is_some_and(|known| known == names || known.is_empty())
            };
            // A lease may have to end first.
            if !holds_within(Duration::from_secs(20), are_right).await {
                let (stored, known) = (node.stored_names(room).await, node.names(room).await);
                findings.add(|| format!("members of {room}: {names:?}, stored {stored:?}, known {known:?}"));
            }
        }
    }
}

/// Checks that the counters of each node fit to what clients have seen.
pub(super) async fn check_counters(
    cluster: &Cluster,
    accepted_by: &HashMap<SocketAddr, u64>,
    keeps_data: bool,
    findings: &Findings,
) {
    for addr in cluster.addresses.all() {
        let counters = http_get(addr, "/counters").await.unwrap();
        let counters: BTreeMap<String, f64> = serde_json::from_str(&counters).unwrap();
        let counter = |name: &str| counters.get(&format!("ignitia_engine_{name}")).copied().unwrap_or(0.0);
        let accepted = accepted_by.get(&addr).copied().unwrap_or(0) as f64;
        // The publishers of a node are members there.
        let heard = counter("received_total") + counter("healed_total") + counter("missed_total");
        findings.check(counter("up") == 1.0, || format!("{addr} is not up: {counters:?}"));
        findings.check(counter("published_total") >= accepted, || {
            format!("{addr} has accepted {accepted}: {counters:?}")
        });
        findings.check(heard >= counter("published_total"), || {
            format!("{addr} has heard less than it has published: {counters:?}")
        });
        findings.check(!keeps_data || counter("lost_histories_total") == 0.0, || {
            format!("{addr} has lost a history: {counters:?}")
        });
    }
}

//! Counts of both sides, and the server's report of them.

use std::collections::BTreeMap;

use ignitia::websocket::CloseCause;
use serde::{Deserialize, Serialize};

/// Results of the server, which it prints at its end as one line of JSON.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ServerReport {
    pub(crate) routes: BTreeMap<String, RouteCounts>,
    /// Descriptions of failed checks.
    pub(crate) faults: Vec<String>,
    /// Connections by outcome, as the graceful shutdown reports them.
    pub(crate) clean: usize,
    pub(crate) unclean: usize,
    pub(crate) aborted: usize,
    /// Resources still in use, compared to the time before the server started.
    pub(crate) tasks: i64,
    pub(crate) descriptors: i64,
    pub(crate) heap: i64,
    pub(crate) rooms: usize,
    /// Handlers still running.
    pub(crate) open: u64,
    /// Metrics, by name and labels.
    pub(crate) counters: BTreeMap<String, u64>,
    pub(crate) gauges: BTreeMap<String, f64>,
}

impl ServerReport {
    /// Sums a counter of one route over all label sets that contain `label`.
    pub(crate) fn counted(&self, counter: &str, route: &str, label: &str) -> u64 {
        let prefix = format!("{counter} route=/{route}");
        let of_route = |key: &str| key.strip_prefix(&prefix).is_some_and(|rest| rest.starts_with([' ', '/']));
        let counts = self.counters.iter().filter(|(key, _)| of_route(key) && key.contains(label));
        counts.map(|(_, count)| count).sum()
    }
}

/// Counts of one route's connections, as one of the two sides saw them.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RouteCounts {
    pub(crate) opened: u64,
    /// Messages from the clients.
    pub(crate) from_clients: u64,
    /// Messages to the clients, without broadcasts.
    pub(crate) to_clients: u64,
    pub(crate) causes: BTreeMap<String, u64>,
}

impl RouteCounts {
    /// Counts one connection that ended for this cause.
    pub(crate) fn of_one(cause: &str) -> Self {
        Self { opened: 1, causes: BTreeMap::from([(cause.to_owned(), 1)]), ..Default::default() }
    }

    /// Adds the counts of other connections.
    pub(crate) fn add(&mut self, other: &Self) {
        self.opened += other.opened;
        self.from_clients += other.from_clients;
        self.to_clients += other.to_clients;
        for (cause, count) in &other.causes {
            *self.causes.entry(cause.clone()).or_default() += count;
        }
    }
}

/// Names a cause by its kind and whether the closing handshake was complete.
pub(crate) fn cause_name(cause: &CloseCause) -> String {
    let kind = cause.kind;
    if cause.clean { format!("{kind:?}, clean") } else { format!("{kind:?}") }
}

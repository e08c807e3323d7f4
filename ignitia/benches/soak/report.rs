use std::collections::BTreeMap;

use ignitia::websocket::CloseCause;
use serde::{Deserialize, Serialize};

/// What the server has to say at its end, in one line of JSON.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) routes: BTreeMap<String, Counts>,
    /// What must not have happened, in words.
    pub(crate) faults: Vec<String>,
    /// What the drain's report says.
    pub(crate) clean: usize,
    pub(crate) unclean: usize,
    pub(crate) aborted: usize,
    /// What is left, beyond what was there before the server was.
    pub(crate) tasks: i64,
    pub(crate) descriptors: i64,
    pub(crate) heap: i64,
    pub(crate) rooms: usize,
    pub(crate) open: u64,
    /// What the metrics say, by name and labels.
    pub(crate) counters: BTreeMap<String, u64>,
    pub(crate) gauges: BTreeMap<String, f64>,
}

impl Report {
    /// The sum of a counter of one route, over its other labels, as far as they are of interest.
    pub(crate) fn counted(&self, counter: &str, route: &str, label: &str) -> u64 {
        let prefix = format!("{counter} route=/{route}");
        let of_route = |key: &str| key.strip_prefix(&prefix).is_some_and(|rest| rest.starts_with([' ', '/']));
        let counts = self.counters.iter().filter(|(key, _)| of_route(key) && key.contains(label));
        counts.map(|(_, count)| count).sum()
    }
}

/// One route's connections, as one of the two sides saw them.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counts {
    pub(crate) opened: u64,
    /// Messages from the clients.
    pub(crate) up: u64,
    /// Messages to the clients, broadcasts aside.
    pub(crate) down: u64,
    pub(crate) causes: BTreeMap<String, u64>,
}

impl Counts {
    /// Adds what one client saw.
    pub(crate) fn add(&mut self, other: &Self) {
        self.opened += other.opened;
        self.up += other.up;
        self.down += other.down;
        for (cause, count) in &other.causes {
            *self.causes.entry(cause.clone()).or_default() += count;
        }
    }
}

/// The name of a cause, with what counts about it.
pub(crate) fn name(cause: &CloseCause) -> String {
    let kind = cause.kind;
    if cause.clean { format!("{kind:?}, clean") } else { format!("{kind:?}") }
}

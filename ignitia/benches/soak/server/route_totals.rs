//! Counts of the server's side, by route.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use ignitia::websocket::CloseCause;

use crate::report::{RouteCounts, cause_name};

/// Number of descriptions of failed checks that are kept. The first ones suffice to find a bug.
const MAX_FAULTS: usize = 20;

/// Counts of all handlers.
#[derive(Debug, Clone)]
pub(super) struct RouteTotals(Arc<TotalsState>);

#[derive(Debug, Default)]
struct TotalsState {
    /// Number of running handlers.
    open: AtomicU64,
    from_clients: AtomicU64,
    to_clients: AtomicU64,
    routes: Mutex<BTreeMap<String, RouteCounts>>,
    faults: Mutex<Vec<String>>,
}

/// Counts of one connection, which its handler adds to the totals when it is dropped: a handler
/// that is aborted is counted, too.
#[derive(Debug)]
pub(super) struct ConnectionCounts {
    totals: RouteTotals,
    route: &'static str,
    counts: RouteCounts,
}

impl RouteTotals {
    pub(super) fn new() -> Self {
        Self(Arc::default())
    }

    pub(super) fn open_connection(&self, route: &'static str) -> ConnectionCounts {
        self.0.open.fetch_add(1, Ordering::Relaxed);
        let counts = RouteCounts { opened: 1, ..Default::default() };
        ConnectionCounts { totals: self.clone(), route, counts }
    }

    pub(super) fn fault(&self, fault: String) {
        let mut faults = self.0.faults.lock().unwrap();
        if faults.len() < MAX_FAULTS {
            faults.push(fault);
        }
    }

    pub(super) fn open(&self) -> u64 {
        self.0.open.load(Ordering::Relaxed)
    }

    pub(super) fn counts(&self) -> (BTreeMap<String, RouteCounts>, Vec<String>) {
        (self.0.routes.lock().unwrap().clone(), self.0.faults.lock().unwrap().clone())
    }
}

impl ConnectionCounts {
    /// Counts a message from the client.
    pub(super) fn count_received(&mut self) {
        self.counts.from_clients += 1;
        self.totals.0.from_clients.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a message that `send` has accepted.
    pub(super) fn count_sent(&mut self) {
        self.counts.to_clients += 1;
        self.totals.0.to_clients.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn received(&self) -> u64 {
        self.counts.from_clients
    }

    /// Counts the cause of the end. After a complete closing handshake nothing may be unsent.
    pub(super) fn count_end(&mut self, cause: &CloseCause) {
        *self.counts.causes.entry(cause_name(cause)).or_default() += 1;
        if cause.clean && cause.unsent > 0 {
            self.fault(&format!("{cause}"));
        }
    }

    pub(super) fn fault(&self, fault: &str) {
        self.totals.fault(format!("{}: {fault}", self.route));
    }
}

impl Drop for ConnectionCounts {
    fn drop(&mut self) {
        let mut routes = self.totals.0.routes.lock().unwrap();
        routes.entry(self.route.to_owned()).or_default().add(&self.counts);
        self.totals.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

impl fmt::Display for RouteTotals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = RouteCounts::default();
        self.0.routes.lock().unwrap().values().for_each(|counts| all.add(counts));
        let [received, sent] =
            [&self.0.from_clients, &self.0.to_clients].map(|counter| counter.load(Ordering::Relaxed));
        write!(f, "{:6} open, {received:8} received {sent:8} sent, ended {:7}", self.open(), all.opened)?;
        all.causes.iter().try_for_each(|(cause, count)| write!(f, ", {count} {cause}"))
    }
}

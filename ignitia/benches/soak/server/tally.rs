use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use ignitia::websocket::CloseCause;

use crate::report::{Counts, name};

/// Faults that are kept in words: the first ones say what is wrong.
const FAULTS: usize = 20;

/// What the handlers count.
#[derive(Debug, Clone)]
pub(super) struct Tallies(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// Handlers that are running.
    open: AtomicU64,
    up: AtomicU64,
    down: AtomicU64,
    routes: Mutex<BTreeMap<String, Counts>>,
    faults: Mutex<Vec<String>>,
}

/// One connection's share.
#[derive(Debug)]
pub(super) struct Tally {
    tallies: Tallies,
    route: &'static str,
    counts: Counts,
}

impl Tallies {
    pub(super) fn new() -> Self {
        Self(Arc::default())
    }

    pub(super) fn open_one(&self, route: &'static str) -> Tally {
        self.0.open.fetch_add(1, Ordering::Relaxed);
        let counts = Counts { opened: 1, ..Default::default() };
        Tally { tallies: self.clone(), route, counts }
    }

    pub(super) fn fault(&self, fault: String) {
        let mut faults = self.0.faults.lock().unwrap();
        if faults.len() < FAULTS {
            faults.push(fault);
        }
    }

    pub(super) fn open(&self) -> u64 {
        self.0.open.load(Ordering::Relaxed)
    }

    pub(super) fn counts(&self) -> (BTreeMap<String, Counts>, Vec<String>) {
        (self.0.routes.lock().unwrap().clone(), self.0.faults.lock().unwrap().clone())
    }
}

impl Tally {
    /// A message from the client.
    pub(super) fn up(&mut self) {
        self.counts.up += 1;
        self.tallies.0.up.fetch_add(1, Ordering::Relaxed);
    }

    /// A message that `send` has accepted.
    pub(super) fn down(&mut self) {
        self.counts.down += 1;
        self.tallies.0.down.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn ups(&self) -> u64 {
        self.counts.up
    }

    /// How the connection has ended. That of one with nothing unsent, if it ended well.
    pub(super) fn ended(&mut self, cause: &CloseCause) {
        *self.counts.causes.entry(name(cause)).or_default() += 1;
        if cause.clean && cause.unsent > 0 {
            self.fault(&format!("{cause}"));
        }
    }

    pub(super) fn fault(&self, fault: &str) {
        self.tallies.fault(format!("{}: {fault}", self.route));
    }
}

/// However the handler ends: one that is cut off is counted too.
impl Drop for Tally {
    fn drop(&mut self) {
        let mut routes = self.tallies.0.routes.lock().unwrap();
        routes.entry(self.route.to_owned()).or_default().add(&self.counts);
        self.tallies.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

impl fmt::Display for Tallies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = Counts::default();
        self.0.routes.lock().unwrap().values().for_each(|counts| all.add(counts));
        let [up, down] = [&self.0.up, &self.0.down].map(|counter| counter.load(Ordering::Relaxed));
        write!(f, "{:6} open, {up:8} up {down:8} down, ended {:7}", self.open(), all.opened)?;
        all.causes.iter().try_for_each(|(cause, count)| write!(f, ", {count} {cause}"))
    }
}

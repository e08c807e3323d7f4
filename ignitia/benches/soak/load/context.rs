//! State that all clients share.

use std::{
    collections::BTreeMap,
    future::Future,
    net::SocketAddr,
    ops::Deref,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::mpsc,
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::{deadline::ClientResult, random::Xorshift, tcp};
use crate::{report::RouteCounts, settings::SoakSettings};

/// Number of descriptions of failed checks that are kept. The first ones suffice to find a bug.
const MAX_FAULTS: usize = 20;

/// Checks without a change after which the server's number of tasks counts as stable.
const STABLE_CHECKS: usize = 30;

/// A handle to the state that all clients share.
#[derive(Clone)]
pub(super) struct LoadContext(Arc<LoadState>);

/// State behind a [`LoadContext`].
pub(super) struct LoadState {
    pub(super) addr: SocketAddr,
    pub(super) settings: SoakSettings,
    /// Cancelled when clients must stop sending. Long-lived connections stay open and idle.
    pub(super) stop: CancellationToken,
    /// Cancelled when half of the long-lived connections must close, before the server does.
    pub(super) leave: CancellationToken,
    routes: Mutex<BTreeMap<String, RouteCounts>>,
    faults: Mutex<Vec<String>>,
    numbers: AtomicU64,
}

/// Dropped by every long-lived client once it is idle.
pub(super) type BusyGuard = mpsc::Sender<()>;

impl Deref for LoadContext {
    type Target = LoadState;

    fn deref(&self) -> &LoadState {
        &self.0
    }
}

impl LoadContext {
    pub(super) fn new(addr: SocketAddr, settings: SoakSettings) -> Self {
        Self(Arc::new(LoadState {
            addr,
            settings,
            stop: CancellationToken::new(),
            leave: CancellationToken::new(),
            routes: Mutex::default(),
            faults: Mutex::default(),
            numbers: AtomicU64::new(0),
        }))
    }

    /// Spawns a client whose error is recorded as a failed check.
    pub(super) fn spawn(
        self,
        tasks: &mut JoinSet<()>,
        client: impl Future<Output = ClientResult<()>> + Send + 'static,
    ) {
        tasks.spawn(async move {
            if let Err(fault) = client.await {
                self.fault(fault);
            }
        });
    }

    /// Spawns `count` clients of one kind.
    pub(super) fn run<F>(&self, tasks: &mut JoinSet<()>, count: usize, client: impl Fn(Self, Xorshift) -> F)
    where
        F: Future<Output = ClientResult<()>> + Send + 'static,
    {
        for _ in 0..count {
            let client = client(self.clone(), Xorshift::new(self.unique_number()));
            self.clone().spawn(tasks, client);
        }
    }
}

impl LoadState {
    pub(super) fn count(&self, route: &str, counts: &RouteCounts) {
        self.routes.lock().unwrap().entry(route.to_owned()).or_default().add(counts);
    }

    pub(super) fn fault(&self, fault: String) {
        let mut faults = self.faults.lock().unwrap();
        if faults.len() < MAX_FAULTS {
            println!("!! {fault}");
            faults.push(fault);
        }
    }

    /// Returns a number that no other client has.
    pub(super) fn unique_number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// Waits for at most `max_millis` milliseconds, and returns false if the client must stop.
    pub(super) async fn pause(&self, random: &mut Xorshift, max_millis: u64) -> bool {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(random.below(max_millis))) => true,
            () = self.stop.cancelled() => false,
        }
    }

    /// Waits until the server's number of tasks no longer changes: closed connections linger.
    pub(super) async fn wait_for_stable_tasks(&self) {
        let (mut last, mut stable) = (String::new(), 0);
        while stable < STABLE_CHECKS {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let mut stream = tcp::connect(self.addr, None).await.unwrap();
            let mut answer = String::new();
            let request = b"GET /tasks HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            stream.write_all(request).await.unwrap();
            stream.read_to_string(&mut answer).await.unwrap();
            let tasks = answer.rsplit("\r\n").next().unwrap_or_default().to_owned();
            stable = if tasks == last { stable + 1 } else { 0 };
            last = tasks;
        }
    }

    /// Returns the counts by route, and the descriptions of failed checks.
    pub(super) fn results(&self) -> (BTreeMap<String, RouteCounts>, Vec<String>) {
        (self.routes.lock().unwrap().clone(), self.faults.lock().unwrap().clone())
    }
}

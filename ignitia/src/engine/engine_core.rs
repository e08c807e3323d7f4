//! State that an engine's handles share with its task.

use std::{
    collections::HashSet,
    sync::{Arc, PoisonError},
};

use tokio::sync::watch;

use super::{config::EngineConfig, metrics::EngineMetrics, op_queue::OpQueue};
use crate::sync::{AtomicBool, AtomicU64, Mutex, Ordering};

/// State of an engine's connection to its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EngineStatus {
    /// Connected, and every room is heard.
    Up,
    /// Connected, but the server refuses to write, for instance because its memory is full.
    Refusing,
    /// Not connected, or not every room is heard yet.
    Down,
    /// Closed: the engine has ended.
    Closed,
}

/// State that an engine's handles share with its task.
pub(super) struct EngineCore {
    pub(super) config: EngineConfig,
    /// Key in which the application has all of its own.
    pub(super) app: Arc<str>,
    /// Number of this node, of at most 20 bits.
    pub(super) node: u32,
    /// Secret number that all nodes share.
    pub(super) hash_seed: u64,
    pub(super) queue: OpQueue,
    pub(super) metrics: EngineMetrics,
    pub(super) status: watch::Sender<EngineStatus>,
    /// True once the members of this node are removed, and its lease with them.
    pub(super) has_left: AtomicBool,
    last_feed: AtomicU64,
    /// Keys of the `Rooms` on this engine. No other lock is taken under it.
    keys: Mutex<HashSet<Arc<str>>>,
}

impl EngineCore {
    pub(super) fn new(config: EngineConfig, app: Arc<str>, node: u32, hash_seed: u64) -> Self {
        let queue = OpQueue::new(config.queue_messages, config.queue_bytes);
        Self {
            config,
            app,
            node,
            hash_seed,
            queue,
            metrics: EngineMetrics,
            status: watch::Sender::new(EngineStatus::Down),
            has_left: AtomicBool::new(false),
            last_feed: AtomicU64::new(0),
            keys: Mutex::default(),
        }
    }

    /// Returns a number for a feed.
    pub(super) fn next_feed(&self) -> u64 {
        self.last_feed.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Takes a key for rooms. Returns false if other rooms have it.
    pub(super) fn take_key(&self, key: &Arc<str>) -> bool {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone())
    }

    pub(super) fn release_key(&self, key: &Arc<str>) {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }

    /// Changes the status.
    pub(super) fn set_status(&self, status: EngineStatus) {
        self.status.send_replace(status);
        self.metrics.up(status == EngineStatus::Up);
    }
}

/// Handle of an engine. With the last one, its task ends.
pub(super) struct EngineHandle {
    pub(super) core: Arc<EngineCore>,
}

impl Drop for EngineHandle {
    fn drop(&mut self) {
        self.core.queue.close();
    }
}

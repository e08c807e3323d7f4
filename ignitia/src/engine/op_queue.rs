//! Queue of the work for the engine's task: bounded in messages and bytes, and never waited for.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, PoisonError},
    time::Duration,
};

use super::{
    op::{Op, Publication, QueueShare},
    outage::Outage,
};
use crate::{
    error::{Error, Result},
    sync::{Mutex, MutexGuard, Notify},
    time::{Instant, now},
};

/// Queue of the work for the engine's task.
pub(super) struct OpQueue {
    /// Held for a push or a pop. No other lock is taken under it.
    state: Mutex<OpQueueState>,
    work: Notify,
    max_messages: usize,
    max_bytes: usize,
}

struct OpQueueState {
    ops: VecDeque<Op>,
    /// Share of the publications that were accepted and have no outcome yet.
    fill: QueueShare,
    outage: Option<OngoingOutage>,
    closed_at: Option<Instant>,
}

/// Outage that has not ended.
struct OngoingOutage {
    since: Instant,
    /// Publications to each room since it began.
    queued: HashMap<Arc<str>, usize>,
}

impl OpQueue {
    /// Creates a queue, which begins in an outage.
    pub(super) fn new(max_messages: usize, max_bytes: usize) -> Self {
        let state = OpQueueState {
            ops: VecDeque::new(),
            fill: QueueShare::default(),
            outage: Some(OngoingOutage { since: now(), queued: HashMap::new() }),
            closed_at: None,
        };
        Self { state: Mutex::new(state), work: Notify::new(), max_messages, max_bytes }
    }

    fn lock(&self) -> MutexGuard<'_, OpQueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds work that cannot be refused.
    pub(super) fn push(&self, op: Op) {
        self.lock().ops.push_back(op);
        self.work.notify_one();
    }

    /// Adds a publication, or refuses it.
    pub(super) fn publish(&self, publication: Publication, policy: Outage) -> Result<()> {
        let mut state = self.lock();
        let OpQueueState { outage, .. } = &mut *state;
        if let Some(OngoingOutage { since, queued }) = outage {
            let Outage::Queue { messages, time } = policy else {
                return Err(Error::unavailable("the engine is away"));
            };
            if now() - *since >= time {
                return Err(Error::unavailable("the engine is away for too long"));
            }
            let rooms = publication.targets.iter().map(|target| &target.room);
            if rooms.clone().any(|room| queued.get(room).is_some_and(|queued| *queued >= messages)) {
                return Err(Error::unavailable("the engine is away, and too many messages wait for it"));
            }
            for room in rooms {
                *queued.entry(room.clone()).or_default() += 1;
            }
        }
        if state.closed_at.is_some() {
            return Err(Error::unavailable("the engine is closed"));
        }
        let fill: QueueShare = [state.fill, publication.share()].into_iter().sum();
        // A single message larger than the limit is admitted, as elsewhere.
        if fill.messages > self.max_messages || (fill.bytes > self.max_bytes && fill.messages > 1) {
            return Err(Error::unavailable("too many messages wait for the engine"));
        }
        state.fill = fill;
        state.ops.push_back(Op::Publish(publication));
        drop(state);
        self.work.notify_one();
        Ok(())
    }

    /// Takes all work.
    pub(super) fn take(&self) -> VecDeque<Op> {
        std::mem::take(&mut self.lock().ops)
    }

    /// Records that publications have an outcome.
    pub(super) fn release(&self, share: QueueShare) {
        let mut state = self.lock();
        state.fill.messages -= share.messages;
        state.fill.bytes -= share.bytes;
    }

    pub(super) fn fill(&self) -> QueueShare {
        self.lock().fill
    }

    /// Records that the engine is away. It may be so already.
    pub(super) fn begin_outage(&self) {
        let mut state = self.lock();
        state.outage.get_or_insert_with(|| OngoingOutage { since: now(), queued: HashMap::new() });
    }

    /// Records that the engine is there.
    pub(super) fn end_outage(&self) {
        let ended = self.lock().outage.take();
        drop(ended);
    }

    /// Refuses publications from now on.
    pub(super) fn close(&self) {
        self.lock().closed_at.get_or_insert_with(now);
        self.work.notify_one();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.lock().closed_at.is_some()
    }

    /// Returns true if it has been closed for this time.
    pub(super) fn is_closed_for(&self, time: Duration) -> bool {
        self.lock().closed_at.is_some_and(|since| now() - since >= time)
    }

    /// Waits for work, or for the end. It may return without either.
    pub(super) async fn wait(&self) {
        self.work.notified().await;
    }
}

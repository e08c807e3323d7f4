//! Tasks that write the frames of a broadcast.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use crate::{
    sync::{RuntimeId, current_runtime, try_spawn},
    time::{Instant, now},
};

/// Most connections that one task writes to. Other tasks get their turn behind it, and other
/// threads take their share of a large room.
const MAX_CONNECTIONS: usize = 64;

/// Bytes after which other tasks get their turn: large frames are copied for each connection.
const MAX_BYTES: usize = 1 << 20;

/// Fewest connections for which a task is spawned: it costs as much as waking two of them. Models
/// have few connections.
const MIN_CONNECTIONS: usize = if cfg!(shuttle) { 1 } else { 4 };

/// Number of connections whose own tasks are woken, behind all others. tokio's worker keeps the
/// task that was scheduled last to itself, however long the broadcaster goes on without a wait:
/// that is one of these, and the other workers can take the rest.
const WOKEN: usize = if cfg!(shuttle) { 0 } else { 1 };

/// A connection that others than its task may write to.
pub(super) trait WriteDirectly: fmt::Debug + Send + Sync {
    /// Writes the frames that were queued while the task rested. What the transport does not take
    /// at once is left to the task. Returns the number of bytes written.
    fn write_directly(&self, now: Instant) -> usize;

    /// Wakes the task for these frames.
    fn wake_to_write(&self);
}

/// Task that writes to connections whose own tasks rest: to poll each of these costs more than to
/// write. Frames that are queued before it runs are written with the others.
#[derive(Debug)]
pub(super) struct WriteTask {
    connections: Vec<Arc<dyn WriteDirectly>>,
    /// Runtime that the task is to run in. Its connections are of the same.
    runtime: RuntimeId,
}

impl WriteTask {
    /// Returns a task for at most this number of connections; `None` without a runtime, or for few
    /// of them: then the connections' own tasks are to be woken.
    pub(super) fn for_connections(connections: usize) -> Option<Self> {
        if connections < MIN_CONNECTIONS {
            return None;
        }
        let runtime = current_runtime()?;
        Some(Self { connections: Vec::with_capacity(connections.min(MAX_CONNECTIONS)), runtime })
    }

    pub(super) fn runtime(&self) -> RuntimeId {
        self.runtime
    }

    pub(super) fn push(&mut self, connection: Arc<dyn WriteDirectly>) {
        self.connections.push(connection);
    }

    /// Spawns the task, or several for many connections. For few of them, and for the last one, the
    /// connections' own tasks are woken.
    pub(super) fn start(mut self) {
        if self.connections.len() < MIN_CONNECTIONS {
            return;
        }
        let woken = self.connections.split_off(self.connections.len() - WOKEN);
        // From the end: so each connection is moved once.
        while self.connections.len() > MAX_CONNECTIONS {
            let last = self.connections.split_off(self.connections.len() - MAX_CONNECTIONS);
            try_spawn(Self { connections: last, runtime: self.runtime });
        }
        try_spawn(self);
        woken.iter().for_each(|connection| connection.wake_to_write());
    }
}

impl Future for WriteTask {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let (now, mut written) = (now(), 0);
        while let Some(connection) = self.connections.pop() {
            written += connection.write_directly(now);
            if written >= MAX_BYTES && !self.connections.is_empty() {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
        Poll::Ready(())
    }
}

/// Leaves the frames to the connections' tasks if this one does not run.
impl Drop for WriteTask {
    fn drop(&mut self) {
        self.connections.drain(..).for_each(|connection| connection.wake_to_write());
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        task::Waker,
    };

    use super::*;

    /// Connection that takes this number of bytes, and counts the writes.
    #[derive(Debug)]
    struct Taking(usize, AtomicUsize);

    impl WriteDirectly for Taking {
        fn write_directly(&self, _: Instant) -> usize {
            self.1.fetch_add(1, Ordering::Relaxed);
            self.0
        }

        fn wake_to_write(&self) {}
    }

    #[tokio::test]
    async fn other_tasks_get_their_turn_between_large_writes() {
        for (bytes, turns) in
            [(0, 1), (100, 1), (MAX_BYTES / 2, MAX_CONNECTIONS / 2), (MAX_BYTES, MAX_CONNECTIONS)]
        {
            let connection = Arc::new(Taking(bytes, AtomicUsize::new(0)));
            let mut task = WriteTask::for_connections(MAX_CONNECTIONS).expect("there is a runtime");
            for _ in 0..MAX_CONNECTIONS {
                task.push(connection.clone());
            }
            let mut polls = 1;
            while Pin::new(&mut task).poll(&mut Context::from_waker(Waker::noop())).is_pending() {
                polls += 1;
            }
            assert_eq!((polls, connection.1.load(Ordering::Relaxed)), (turns, MAX_CONNECTIONS));
        }
    }
}

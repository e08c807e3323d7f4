use std::sync::{Arc, PoisonError};

use hyper::upgrade::OnUpgrade;
use tracing::instrument::Instrumented;

use crate::{
    connection::ConnectionTask,
    handshake::Accepted,
    sync::{Mutex, MutexGuard},
};

/// Connection task that waits for the transport of its server.
#[derive(Debug)]
pub(crate) struct WaitingTask {
    pub(crate) task: Box<Instrumented<ConnectionTask>>,
    /// Handshake that the server has to answer.
    pub(crate) accepted: Accepted,
}

/// Upgrade of a connection whose server has read the request itself, without hyper.
///
/// A handler that decides at once gives its connection task to the server, which writes the 101 and
/// hands over the stream. For every other answer hyper serves the request.
#[derive(Debug, Clone, Default)]
pub(crate) struct DirectUpgrade(Arc<Mutex<DirectState>>);

#[derive(Debug, Default)]
enum DirectState {
    /// The server waits for the task.
    #[default]
    Awaited,
    Decided(WaitingTask),
    /// hyper serves the request.
    Deferred(OnUpgrade),
    Over,
}

impl DirectUpgrade {
    /// Returns the task, if the handler has decided.
    pub(crate) fn take_task(&self) -> Option<WaitingTask> {
        let mut state = self.lock();
        match std::mem::take(&mut *state) {
            DirectState::Decided(task) => {
                *state = DirectState::Over;
                Some(task)
            }
            other => {
                *state = other;
                None
            }
        }
    }

    /// Gives a task to the server, if it waits for one. Otherwise returns both, the task with
    /// hyper's upgrade to wait for.
    pub(super) fn start(
        &self,
        mut task: Box<Instrumented<ConnectionTask>>,
        accepted: Accepted,
    ) -> Option<(Box<Instrumented<ConnectionTask>>, Accepted)> {
        let mut state = self.lock();
        match std::mem::replace(&mut *state, DirectState::Over) {
            DirectState::Awaited => {
                *state = DirectState::Decided(WaitingTask { task, accepted });
                return None;
            }
            DirectState::Deferred(upgrade) => task.inner_mut().await_upgrade(upgrade),
            DirectState::Decided(_) | DirectState::Over => {}
        }
        Some((task, accepted))
    }

    fn lock(&self) -> MutexGuard<'_, DirectState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves the upgrade to hyper.
    pub(crate) fn defer(&self, upgrade: OnUpgrade) {
        *self.lock() = DirectState::Deferred(upgrade);
    }
}

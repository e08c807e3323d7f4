//! Work that waits for the lock to be released, because it runs code that is not ours.

use std::{collections::VecDeque, task::Waker};

use super::{
    backlog::Backlog, room_link::RoomLink, send_buffer::SendBuffer, shared_frame::SharedFrame,
    write_task::WriteTask,
};
use crate::panics::wake;

/// Work to do once the lock is released. Wakers and payloads may be types of the user's: to wake or
/// drop one under the lock could take the lock again, or hold it for long.
#[derive(Debug, Default)]
#[must_use]
pub(crate) struct AfterUnlock {
    /// Waker of the connection task. Nearly always there is nothing else.
    task: Option<Waker>,
    more: Option<Box<More>>,
}

#[derive(Debug, Default)]
struct More {
    wakers: Vec<Waker>,
    /// Waker that is only dropped.
    stale: Option<Waker>,
    frames: SendBuffer,
    room_links: Vec<RoomLink>,
    backlogs: VecDeque<Backlog>,
    given_up: Vec<SharedFrame>,
    write_task: Option<WriteTask>,
}

impl AfterUnlock {
    /// Returns the work that a broadcast leaves, for this number of connections.
    pub(crate) fn of_broadcast(connections: usize) -> Self {
        let Some(write_task) = WriteTask::for_connections(connections) else { return Self::default() };
        Self { task: None, more: Some(Box::new(More { write_task: Some(write_task), ..More::default() })) }
    }

    /// Returns the task that writes a broadcast to connections whose own tasks rest.
    pub(super) fn write_task(&mut self) -> Option<&mut WriteTask> {
        self.more.as_mut()?.write_task.as_mut()
    }

    pub(crate) fn wake(&mut self, waker: Option<Waker>) {
        match self.task {
            None => self.task = waker,
            Some(_) => self.more().wakers.extend(waker),
        }
    }

    pub(super) fn wake_all(&mut self, wakers: impl Iterator<Item = Waker>) {
        self.more().wakers.extend(wakers);
    }

    fn more(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    pub(super) fn drop_waker(&mut self, waker: Waker) {
        debug_assert!(self.more().stale.is_none(), "one poll replaces one waker");
        self.more().stale = Some(waker);
    }

    /// Drops frames, whose payloads may be of a type of the user's.
    pub(crate) fn drop_frames(&mut self, frames: SendBuffer) {
        if !frames.is_empty() {
            self.more().frames = frames;
        }
    }

    /// Drops the backlogs of a connection that has ended. They may be large.
    pub(crate) fn drop_backlogs(&mut self, backlogs: VecDeque<Backlog>) {
        if !backlogs.is_empty() {
            self.more().backlogs = backlogs;
        }
    }

    pub(crate) fn drop_given_up(&mut self, frames: Vec<SharedFrame>) {
        if !frames.is_empty() {
            self.more().given_up.extend(frames);
        }
    }

    /// Takes the connection out of its rooms.
    pub(crate) fn leave(&mut self, room_links: Vec<RoomLink>) {
        if !room_links.is_empty() {
            self.more().room_links.extend(room_links);
        }
    }

    #[inline]
    pub(crate) fn run(self) {
        if self.task.is_some() || self.more.is_some() {
            self.run_all();
        }
    }

    fn run_all(self) {
        if let Some(more) = &self.more {
            more.room_links.iter().for_each(RoomLink::leave);
        }
        if let Some(task) = self.task {
            wake(task);
        }
        if let Some(more) = self.more {
            more.wakers.into_iter().for_each(wake);
            if let Some(write_task) = more.write_task {
                write_task.start();
            }
        }
    }
}

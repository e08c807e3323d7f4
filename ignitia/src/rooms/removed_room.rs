use std::sync::Arc;

use super::{live_room::LiveRoom, notifications::Notifications};

/// Room that the registry has removed. It is dropped after the unlock: it wakes watchers then, and
/// may have the last reference to a presence.
pub(super) struct RemovedRoom<P> {
    _live_room: Arc<LiveRoom<P>>,
    notifications: Notifications<P>,
}

impl<P> RemovedRoom<P> {
    pub(super) fn new(live_room: Arc<LiveRoom<P>>, notifications: Notifications<P>) -> Self {
        Self { _live_room: live_room, notifications }
    }
}

impl<P> Drop for RemovedRoom<P> {
    fn drop(&mut self) {
        std::mem::take(&mut self.notifications).run();
    }
}

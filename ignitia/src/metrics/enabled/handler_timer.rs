use std::sync::Arc;

use super::route_handles::{RouteHandles, seconds};
use crate::time::{Instant, now};

/// Timer of one handler call. Records the duration on drop.
#[derive(Debug)]
pub(crate) struct HandlerTimer {
    handles: Option<Arc<RouteHandles>>,
    start: Instant,
}

impl HandlerTimer {
    pub(super) fn new(handles: Option<Arc<RouteHandles>>) -> Self {
        Self { handles, start: now() }
    }
}

impl Drop for HandlerTimer {
    fn drop(&mut self) {
        if let Some(handles) = &self.handles {
            handles.handler_durations.record(seconds(self.start, now()));
        }
    }
}

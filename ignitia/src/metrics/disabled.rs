//! Metrics with the feature off: the same names, types without content, and no code.

use std::{sync::Arc, time::Duration};

use super::queue_depths::QueueDepths;
use crate::{close::CloseCause, time::Instant};

#[derive(Debug, Clone, Default)]
pub(crate) struct Metrics;

impl Metrics {
    pub(crate) fn of(_route: &Arc<str>) -> Self {
        Self
    }

    pub(crate) fn refused(&self, _reason: &'static str) {}

    pub(crate) fn upgraded(&self) {}

    pub(crate) fn opened(&self) {}

    pub(crate) fn closed(&self, _cause: &CloseCause, _open_for: Duration, _rest: QueueDepths) {}

    pub(crate) fn count_direct_write(&self, _bytes: usize, _messages: usize) {}

    pub(crate) fn start_handler_timer(&self) -> HandlerTimer {
        HandlerTimer
    }
}

#[derive(Debug)]
pub(crate) struct HandlerTimer;

#[derive(Debug)]
pub(crate) struct ConnectionMetrics;

impl ConnectionMetrics {
    pub(crate) fn new(_metrics: &Metrics) -> Self {
        Self
    }

    pub(crate) fn read(&mut self, _bytes: usize) {}

    pub(crate) fn wrote(&mut self, _bytes: usize) {}

    pub(crate) fn expanded(&mut self, _bytes: usize) {}

    pub(crate) fn spared(&mut self, _bytes: usize) {}

    pub(crate) fn received(&mut self, _messages: usize) {}

    pub(crate) fn sent(&mut self, _messages: usize) {}

    pub(crate) fn pinged(&mut self, _now: Instant) {}

    pub(crate) fn ponged(&mut self, _now: Instant) {}

    pub(crate) fn report(&mut self, _depths: impl FnOnce() -> QueueDepths) {}
}

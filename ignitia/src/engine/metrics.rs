//! Metrics of an engine: with the feature `metrics`, as [`crate::metrics`] lists them.

use std::time::Duration;

use super::fault::OutageCause;

/// Metrics of an engine.
#[derive(Debug, Default)]
pub(super) struct EngineMetrics;

#[cfg(feature = "metrics")]
impl EngineMetrics {
    pub(super) fn up(&self, is_up: bool) {
        metrics::gauge!("ignitia_engine_up").set(if is_up { 1.0 } else { 0.0 });
    }

    pub(super) fn outage(&self, cause: OutageCause) {
        metrics::counter!("ignitia_engine_outages_total", "cause" => cause.label()).increment(1);
    }

    pub(super) fn queued(&self, messages: usize) {
        metrics::gauge!("ignitia_engine_queued_messages").set(messages as f64);
    }

    pub(super) fn published(&self, messages: usize, time: Duration) {
        metrics::counter!("ignitia_engine_published_total").increment(messages as u64);
        metrics::histogram!("ignitia_engine_publish_seconds").record(time);
    }

    pub(super) fn refused(&self) {
        metrics::counter!("ignitia_engine_refused_total").increment(1);
    }

    pub(super) fn received(&self, items: usize) {
        metrics::counter!("ignitia_engine_received_total").increment(items as u64);
    }

    pub(super) fn healed(&self, messages: usize) {
        metrics::counter!("ignitia_engine_healed_total").increment(messages as u64);
    }

    pub(super) fn missed(&self, messages: u64) {
        metrics::counter!("ignitia_engine_missed_total").increment(messages);
    }

    pub(super) fn lost_history(&self) {
        metrics::counter!("ignitia_engine_lost_histories_total").increment(1);
    }

    pub(super) fn resubscribed(&self, time: Duration) {
        metrics::histogram!("ignitia_engine_resubscribe_seconds").record(time);
    }
}

#[cfg(not(feature = "metrics"))]
impl EngineMetrics {
    pub(super) fn up(&self, _: bool) {}
    pub(super) fn outage(&self, _: OutageCause) {}
    pub(super) fn queued(&self, _: usize) {}
    pub(super) fn published(&self, _: usize, _: Duration) {}
    pub(super) fn refused(&self) {}
    pub(super) fn received(&self, _: usize) {}
    pub(super) fn healed(&self, _: usize) {}
    pub(super) fn missed(&self, _: u64) {}
    pub(super) fn lost_history(&self) {}
    pub(super) fn resubscribed(&self, _: Duration) {}
}

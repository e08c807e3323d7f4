use metrics::Gauge;

use super::{route_handles::seconds, route_metrics::Metrics};
use crate::{metrics::queue_depths::QueueDepths, time::Instant};

/// Counts of one connection since its last report to the recorder.
#[derive(Debug)]
pub(crate) struct ConnectionMetrics {
    metrics: Metrics,
    messages_in: u64,
    messages_out: u64,
    bytes_in: u64,
    bytes_out: u64,
    /// Bytes that compression has spared the transport.
    spared_in: u64,
    spared_out: u64,
    /// Queue depths of the last report.
    depths: QueueDepths,
    /// Time of the last ping, until it is answered.
    pinged: Option<Instant>,
}

impl ConnectionMetrics {
    pub(crate) fn new(metrics: &Metrics) -> Self {
        Self {
            metrics: metrics.clone(),
            messages_in: 0,
            messages_out: 0,
            bytes_in: 0,
            bytes_out: 0,
            spared_in: 0,
            spared_out: 0,
            depths: QueueDepths::default(),
            pinged: None,
        }
    }

    pub(crate) fn read(&mut self, bytes: usize) {
        self.bytes_in += bytes as u64;
    }

    pub(crate) fn wrote(&mut self, bytes: usize) {
        self.bytes_out += bytes as u64;
    }

    /// Notes how many bytes decompression has added to what was read.
    pub(crate) fn expanded(&mut self, bytes: usize) {
        self.spared_in += bytes as u64;
    }

    /// Notes how many bytes compression has spared.
    pub(crate) fn spared(&mut self, bytes: usize) {
        self.spared_out += bytes as u64;
    }

    pub(crate) fn received(&mut self, messages: usize) {
        self.messages_in += messages as u64;
    }

    pub(crate) fn sent(&mut self, messages: usize) {
        self.messages_out += messages as u64;
    }

    pub(crate) fn pinged(&mut self, now: Instant) {
        self.pinged = Some(now);
    }

    /// Notes the pong for the last ping.
    pub(crate) fn ponged(&mut self, now: Instant) {
        if let (Some(handles), Some(since)) = (&self.metrics.0, self.pinged.take()) {
            handles.pings.record(seconds(since, now));
        }
    }

    /// Reports to the recorder.
    pub(crate) fn report(&mut self, depths: impl FnOnce() -> QueueDepths) {
        let Some(handles) = &self.metrics.0 else { return };
        let (before, depths) = (self.depths, depths());
        let mut uncompressed_in = self.bytes_in + std::mem::take(&mut self.spared_in);
        let mut uncompressed_out =
            self.bytes_out + std::mem::take(&mut self.spared_out) + depths.spared as u64;
        for (counter, count) in [
            (&handles.messages_in, &mut self.messages_in),
            (&handles.messages_out, &mut self.messages_out),
            (&handles.bytes_in, &mut self.bytes_in),
            (&handles.bytes_out, &mut self.bytes_out),
            (&handles.uncompressed_bytes_in, &mut uncompressed_in),
            (&handles.uncompressed_bytes_out, &mut uncompressed_out),
        ] {
            if *count > 0 {
                counter.increment(std::mem::take(count));
            }
        }
        self.depths = depths;
        if depths.dropped > 0 {
            handles.lagged.increment(depths.dropped);
        }
        shift(&handles.queued_in, before.inbound, depths.inbound);
        shift(&handles.queued_out, before.outbound, depths.outbound);
    }
}

/// Takes the messages that were queued off the gauges.
impl Drop for ConnectionMetrics {
    fn drop(&mut self) {
        self.report(QueueDepths::default);
    }
}

/// Moves a gauge by the change of one connection's part in it.
fn shift(gauge: &Gauge, from: usize, to: usize) {
    if from != to {
        gauge.increment(to as f64 - from as f64);
    }
}

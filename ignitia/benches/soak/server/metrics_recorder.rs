//! A recorder for the `metrics` facade that keeps sums.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, SharedString, Unit};

/// Keeps the value of each counter and gauge, and ignores histograms.
#[derive(Debug, Clone, Default)]
pub(super) struct SumRecorder(Arc<Mutex<Sums>>);

#[derive(Debug, Default)]
struct Sums {
    counters: BTreeMap<String, Arc<AtomicU64>>,
    /// Bits of floating-point numbers.
    gauges: BTreeMap<String, Arc<AtomicU64>>,
}

impl SumRecorder {
    pub(super) fn install() -> Self {
        let recorder = Self::default();
        metrics::set_global_recorder(recorder.clone()).unwrap();
        recorder
    }

    pub(super) fn counters(&self) -> BTreeMap<String, u64> {
        let sums = self.0.lock().unwrap();
        sums.counters.iter().map(|(key, sum)| (key.clone(), sum.load(Ordering::Relaxed))).collect()
    }

    pub(super) fn gauges(&self) -> BTreeMap<String, f64> {
        let sums = self.0.lock().unwrap();
        sums.gauges
            .iter()
            .map(|(key, sum)| (key.clone(), f64::from_bits(sum.load(Ordering::Relaxed))))
            .collect()
    }
}

impl metrics::Recorder for SumRecorder {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let mut sums = self.0.lock().unwrap();
        Counter::from_arc(sums.counters.entry(name(key)).or_default().clone())
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        let mut sums = self.0.lock().unwrap();
        Gauge::from_arc(sums.gauges.entry(name(key)).or_default().clone())
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

/// Writes a key with its labels, as in `ignitia_messages_total route=/long-lived direction=in`.
fn name(key: &Key) -> String {
    let labels = key.labels().map(|label| format!(" {}={}", label.key(), label.value()));
    key.name().to_owned() + &labels.collect::<String>()
}

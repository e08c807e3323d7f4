//! Counters and gauges of this process.

use std::{collections::BTreeMap, sync::Arc};

use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};

/// Counters and gauges of this process.
#[derive(Clone)]
pub(crate) struct Counters(Arc<Snapshotter>);

impl Counters {
    /// Begins to count.
    pub(crate) fn install() -> Self {
        let recorder = DebuggingRecorder::new();
        let snapshotter = recorder.snapshotter();
        recorder.install().unwrap_or_else(|error| panic!("there is another recorder: {error}"));
        Self(Arc::new(snapshotter))
    }

    /// Returns the values since the last call by their names; those with different labels are added
    /// up.
    pub(crate) fn values(&self) -> BTreeMap<String, f64> {
        let mut values = BTreeMap::new();
        for (key, _, _, value) in self.0.snapshot().into_vec() {
            let value = match value {
                DebugValue::Counter(value) => value as f64,
                DebugValue::Gauge(value) => value.into_inner(),
                DebugValue::Histogram(_) => continue,
            };
            *values.entry(key.key().name().to_owned()).or_default() += value;
        }
        values
    }
}

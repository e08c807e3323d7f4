//! A metrics recorder for one test: it counts everything on its thread.

use std::collections::BTreeMap;

use metrics::{Key, LocalRecorderGuard};
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};

pub(crate) struct Recorder {
    snapshotter: Snapshotter,
    sums: BTreeMap<String, f64>,
    samples: BTreeMap<String, Vec<f64>>,
    _guard: LocalRecorderGuard<'static>,
}

impl Recorder {
    pub(crate) fn install() -> Self {
        let recorder = Box::leak(Box::new(DebuggingRecorder::new()));
        Self {
            snapshotter: recorder.snapshotter(),
            sums: BTreeMap::new(),
            samples: BTreeMap::new(),
            _guard: metrics::set_default_local_recorder(recorder),
        }
    }

    /// Returns every counter and gauge of this name that is not zero, by its labels: `"route=/ws
    /// outcome=upgraded"`.
    pub(crate) fn sums(&mut self, name: &str) -> BTreeMap<String, f64> {
        self.look();
        let of_name =
            |(key, sum): (&String, &f64)| Some((key.strip_prefix(&format!("{name} "))?.to_owned(), *sum));
        self.sums.iter().filter(|(_, sum)| **sum != 0.0).filter_map(of_name).collect()
    }

    /// Returns the sum for one set of labels.
    pub(crate) fn sum(&mut self, name: &str, labels: &str) -> f64 {
        self.sums(name).get(labels).copied().unwrap_or(0.0)
    }

    pub(crate) fn samples(&mut self, name: &str, labels: &str) -> Vec<f64> {
        self.look();
        self.samples.get(&format!("{name} {labels}")).cloned().unwrap_or_default()
    }

    /// Returns all names.
    pub(crate) fn names(&mut self) -> Vec<String> {
        self.look();
        let keys = self.sums.keys().chain(self.samples.keys());
        let mut names: Vec<String> = keys.map(|key| key.split(' ').next().unwrap().to_owned()).collect();
        names.sort();
        names.dedup();
        names
    }

    /// Adds the values since the last call: a snapshot resets everything to zero.
    fn look(&mut self) {
        for (key, _, _, value) in self.snapshotter.snapshot().into_vec() {
            let name = text(key.key());
            match value {
                DebugValue::Counter(count) => *self.sums.entry(name).or_default() += count as f64,
                DebugValue::Gauge(change) => *self.sums.entry(name).or_default() += *change,
                DebugValue::Histogram(values) => {
                    self.samples.entry(name).or_default().extend(values.into_iter().map(f64::from));
                }
            }
        }
    }
}

fn text(key: &Key) -> String {
    let labels = key.labels().map(|label| format!(" {}={}", label.key(), label.value()));
    key.name().to_owned() + &labels.collect::<String>()
}

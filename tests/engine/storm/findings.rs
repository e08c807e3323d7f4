//! List of all that is wrong in a storm.

use std::sync::{Arc, Mutex};

/// List of all that is wrong in a storm: it goes on, to show more of it.
#[derive(Clone, Default)]
pub(super) struct Findings(Arc<Mutex<Vec<String>>>);

/// Most findings that are kept.
const MAX: usize = 50;

impl Findings {
    pub(super) fn add(&self, finding: impl FnOnce() -> String) {
        let mut findings = self.0.lock().unwrap();
        if findings.len() < MAX {
            findings.push(finding());
        }
    }

    pub(super) fn check(&self, holds: bool, finding: impl FnOnce() -> String) {
        if !holds {
            self.add(finding);
        }
    }

    /// Fails the test if there are any.
    pub(super) fn assert_none(&self) {
        let findings = self.0.lock().unwrap();
        assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
    }
}

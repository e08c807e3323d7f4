use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// Bytes that all connections hold of messages which have not arrived as a whole.
#[derive(Debug, Clone)]
pub(crate) struct ReassemblyBudget(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    held: AtomicUsize,
    max: usize,
}

/// What one connection holds of them.
#[derive(Debug)]
pub(crate) struct ReassemblyLease {
    of: ReassemblyBudget,
    held: usize,
}

impl ReassemblyBudget {
    pub(super) fn new(max: usize) -> Self {
        Self(Arc::new(Inner { held: AtomicUsize::new(0), max }))
    }

    pub(super) fn share(&self) -> ReassemblyLease {
        ReassemblyLease { of: self.clone(), held: 0 }
    }
}

impl ReassemblyLease {
    /// Adds bytes that have arrived; `false` if they are too many.
    #[must_use]
    pub(crate) fn add(&mut self, bytes: usize) -> bool {
        self.held += bytes;
        let Inner { held, max } = &*self.of.0;
        held.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes) <= *max
    }

    /// The message is complete, or given up.
    pub(crate) fn release(&mut self) {
        self.of.0.held.fetch_sub(std::mem::take(&mut self.held), Ordering::Relaxed);
    }
}

impl Drop for ReassemblyLease {
    fn drop(&mut self) {
        self.release();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_are_given_back() {
        let incomplete = ReassemblyBudget::new(100);
        let (mut one, mut other) = (incomplete.share(), incomplete.share());
        assert!(one.add(60) && other.add(40));
        assert!(!one.add(1));
        one.release();
        assert!(other.add(60));
        assert!(!other.add(1));
        drop(other);
        assert_eq!(incomplete.0.held.load(Ordering::Relaxed), 0);
    }
}

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// Budget for reassembly: the bytes of incomplete messages that all connections together may hold.
#[derive(Debug, Clone)]
pub(crate) struct ReassemblyBudget(Arc<BudgetState>);

#[derive(Debug)]
struct BudgetState {
    held: AtomicUsize,
    max: usize,
}

/// Share of the budget that one connection holds at the moment.
#[derive(Debug)]
pub(crate) struct ReassemblyLease {
    budget: ReassemblyBudget,
    held: usize,
}

impl ReassemblyBudget {
    pub(super) fn new(max: usize) -> Self {
        Self(Arc::new(BudgetState { held: AtomicUsize::new(0), max }))
    }

    /// Returns an empty lease for a connection.
    pub(super) fn lease(&self) -> ReassemblyLease {
        ReassemblyLease { budget: self.clone(), held: 0 }
    }
}

impl ReassemblyLease {
    /// Counts bytes that have arrived; `false` if the budget is exceeded.
    #[must_use]
    pub(crate) fn add(&mut self, bytes: usize) -> bool {
        self.held += bytes;
        let BudgetState { held, max } = &*self.budget.0;
        held.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes) <= *max
    }

    /// Gives the bytes back once the message is complete or discarded.
    pub(crate) fn release(&mut self) {
        self.budget.0.held.fetch_sub(std::mem::take(&mut self.held), Ordering::Relaxed);
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
        let budget = ReassemblyBudget::new(100);
        let (mut one, mut other) = (budget.lease(), budget.lease());
        assert!(one.add(60) && other.add(40));
        assert!(!one.add(1));
        one.release();
        assert!(other.add(60));
        assert!(!other.add(1));
        drop(other);
        assert_eq!(budget.0.held.load(Ordering::Relaxed), 0);
    }
}

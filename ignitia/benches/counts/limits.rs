//! The table of measured values and their limits.

/// Prints values, and remembers those beyond their limit.
#[derive(Default)]
pub(super) struct LimitTable {
    exceeded: Vec<String>,
}

impl LimitTable {
    pub(super) fn check(&mut self, what: &str, value: f64, limit: f64) {
        println!("{what:<60} {value:>10.1}   (at most {limit:.1})");
        if value > limit {
            self.exceeded.push(format!("{what}: {value:.1}, at most {limit:.1}"));
        }
    }

    /// Fails if a value is beyond its limit.
    pub(super) fn finish(self) {
        assert!(self.exceeded.is_empty(), "exceeded limits: {:#?}", self.exceeded);
    }
}

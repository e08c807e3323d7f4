//! Figures, and what they are held to.

/// Rounds of each comparison: both sides take turns, so that both run under the same load.
pub(super) const ROUNDS: usize = 5;

/// Figure that was measured, with its bounds.
pub(super) struct Promise {
    pub(super) what: &'static str,
    pub(super) value: f64,
    pub(super) least: f64,
    pub(super) most: f64,
}

/// Returns the median.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

use std::time::Duration;

use super::instant::Instant;

/// Longest delay in the check of a deadline that still is an ordinary one.
const OWN_STALL: Duration = Duration::from_secs(1);

/// Returns the delay with which a deadline is checked, if it is so long that our own process has
/// stood still. No peer is to blame for that time.
#[inline]
pub(crate) fn own_stall(deadline: Instant, now: Instant) -> Option<Duration> {
    // Most deadlines have not passed: a comparison is all that they cost.
    if now <= deadline {
        return None;
    }
    let late = now.saturating_duration_since(deadline);
    (late > OWN_STALL).then_some(late)
}

#[cfg(test)]
pub(super) const STALL: Duration = OWN_STALL.saturating_add(Duration::from_millis(1));

use std::time::Duration;

use super::instant::Instant;

/// Returns the end of a span, at most a year away: a span may be configured absurdly long.
pub(crate) fn after(now: Instant, span: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    now + span.min(YEAR)
}

/// Returns the time on tokio's clock, which tests can pause.
pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std().into()
}

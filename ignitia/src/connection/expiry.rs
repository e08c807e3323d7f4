use std::time::{Duration, SystemTime};

use crate::time::{Instant, after, now};

/// Time at which a connection ends, for [`expires_at`](super::WebSocketConnection::expires_at): a
/// [`SystemTime`], an [`Instant`](std::time::Instant) of the standard library or of tokio, a [`Duration`] from now on,
/// or [`NEVER`](Self::NEVER). A time more than a year away is cut to a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiry(pub(super) Option<Instant>);

impl Expiry {
    /// No end.
    pub const NEVER: Self = Self(None);
}

impl From<Duration> for Expiry {
    fn from(span: Duration) -> Self {
        Self(Some(after(now(), span)))
    }
}

impl From<SystemTime> for Expiry {
    fn from(time: SystemTime) -> Self {
        time.duration_since(SystemTime::now()).unwrap_or_default().into()
    }
}

impl From<std::time::Instant> for Expiry {
    fn from(time: std::time::Instant) -> Self {
        Instant::from(time).saturating_duration_since(now()).into()
    }
}

impl From<tokio::time::Instant> for Expiry {
    fn from(time: tokio::time::Instant) -> Self {
        time.into_std().into()
    }
}

impl<T: Into<Expiry>> From<Option<T>> for Expiry {
    fn from(time: Option<T>) -> Self {
        time.map_or(Self::NEVER, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_time() {
        const MINUTE: Duration = Duration::from_secs(60);
        let from_now = |expiry: Expiry| expiry.0.map(|at| at.saturating_duration_since(now()));
        let about_a_minute =
            |expiry| from_now(expiry).is_some_and(|span| span <= MINUTE && span > MINUTE / 2);
        assert!(about_a_minute(MINUTE.into()));
        assert!(about_a_minute((SystemTime::now() + MINUTE).into()));
        assert!(about_a_minute((std::time::Instant::now() + MINUTE).into()));
        assert!(about_a_minute((tokio::time::Instant::now() + MINUTE).into()));
        assert!(about_a_minute(Some(MINUTE).into()));
        assert_eq!(Expiry::from(None::<Duration>), Expiry::NEVER);
        assert_eq!(from_now(SystemTime::UNIX_EPOCH.into()), Some(Duration::ZERO));
        assert!(from_now(Duration::MAX.into()).is_some_and(|span| span > MINUTE * 60 * 24 * 300));
    }

    /// Only in a process of its own is a time of the test's the first that is converted.
    #[test]
    fn a_far_time_that_is_the_first_of_the_process_does_not_stop_the_clock() {
        const NAME: &str =
            "connection::expiry::tests::a_far_time_that_is_the_first_of_the_process_does_not_stop_the_clock";
        const CHILD: &str = "IGNITIA_FIRST_TIME_IS_FAR";
        if std::env::var_os(CHILD).is_none() {
            let this = std::env::current_exe().expect("the path of this test");
            let child = std::process::Command::new(this).args(["--exact", NAME]).env(CHILD, "").output();
            let output = child.expect("the child runs");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
            return;
        }
        let start = std::time::Instant::now();
        let _ = Expiry::from(start + Duration::from_secs(u32::MAX.into()));
        assert_eq!(
            Instant::from(start + Duration::from_secs(1)) - Instant::from(start),
            Duration::from_secs(1)
        );
    }
}

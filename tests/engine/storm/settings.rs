//! Size of the storm.

use std::{env, str::FromStr, time::Duration};

/// Size of the storm. By default it is a short one.
#[derive(Debug, Clone)]
pub(super) struct StormSettings {
    /// Time in which faults happen.
    pub(super) time: Duration,
    /// Number of clients that listen.
    pub(super) clients: usize,
    /// Messages in a second, in all rooms together.
    pub(super) rate: u64,
    pub(super) seed: u64,
}

impl StormSettings {
    pub(super) fn from_environment() -> Self {
        Self {
            time: Duration::from_secs(variable("ENGINE_STORM_SECONDS", 8)),
            clients: variable("ENGINE_STORM_CLIENTS", 300),
            rate: variable("ENGINE_STORM_RATE", 600),
            seed: variable("ENGINE_STORM_SEED", 1),
        }
    }
}

fn variable<T: FromStr>(name: &str, default: T) -> T {
    let value = env::var(name).ok();
    value.map_or(default, |value| value.parse().unwrap_or_else(|_| panic!("{name}={value} is no number")))
}

//! Configuration of rooms by their names.

use std::time::Duration;

use ignitia::{
    CloseFrame,
    rooms::{History, Outage, Overflow, RoomConfig, Seats},
};

use super::messages::Tell;

/// Returns the configuration of a room: its name begins with words, separated by `+`, up to a `-`.
///
/// # Panics
///
/// Panics if it does not know a word.
pub fn room_config(name: &str) -> RoomConfig<Tell> {
    let words = name.split('-').next().unwrap_or_default();
    // A slow machine is no reason to lose a member.
    let config = RoomConfig::default().backlog(100_000);
    words.split('+').fold(config, |config, word| match word {
        "plain" => config,
        "history" => config.history(Some(History::default().messages(100_000).bytes(64 << 20))),
        "short" => config.history(Some(History::default().messages(10))),
        "brief" => config.history(Some(History::default().age(Duration::from_secs(1)))),
        "daily" => config.history(Some(History::default().age(Duration::from_secs(86_400)))),
        "small" => config.history(Some(History::default().bytes(1_000))),
        // Members are told of what they miss, and stay.
        "told" => config.overflow(Overflow::DropOldest),
        "replace" => {
            config.seats(Seats::Replace(CloseFrame { code: 4001, reason: "you are elsewhere".into() }))
        }
        "refuse" => config.seats(Seats::Refuse),
        "fail" => config.outage(Outage::Fail),
        "patient" => config.outage(Outage::Queue { messages: 1_000_000, time: Duration::from_secs(3_600) }),
        word => panic!("rooms know no `{word}`"),
    })
}

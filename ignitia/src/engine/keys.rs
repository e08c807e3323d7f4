//! Names of keys and channels. All begin with a version and the name of the application, so that
//! applications, and versions that do not understand each other, may share a server.

use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Version of the keys, the scripts and the wire format.
const VERSION: &str = "ig1";

/// All but letters, digits and `-_.`: what is left cannot be taken for a part of a key.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

fn escape(name: &str) -> impl std::fmt::Display {
    utf8_percent_encode(name, ESCAPED)
}

/// Returns the key in which an application has all of its own.
pub(super) fn app_key(app: &str) -> Arc<str> {
    format!("{VERSION}:{}", escape(app)).into()
}

/// Returns the key of the rooms of this name.
pub(super) fn rooms_key(app: &str, name: &str) -> Arc<str> {
    format!("{app}:{}", escape(name)).into()
}

/// Returns the key of a room.
pub(super) fn room_key(rooms: &str, name: &str) -> Arc<str> {
    format!("{rooms}:{}", escape(name)).into()
}

/// Returns the channel of a room.
pub(super) fn channel(room: &str) -> String {
    format!("{room}:c")
}

/// Returns the room of a channel.
pub(super) fn room_of_channel(channel: &str) -> Option<&str> {
    channel.strip_suffix(":c")
}

/// Names of what is no room's. `!` is escaped in the names of rooms.
#[derive(Debug)]
pub(super) struct NodeKeys {
    /// Leases of all nodes, by the time of their last heartbeat.
    pub(super) leases: String,
    /// Prefix of the sets of rooms in which a node has members, by lease.
    pub(super) rooms_of_lease: String,
    /// Secret number that all nodes share.
    pub(super) seed: String,
    /// Last batch of this node, and its outcome.
    pub(super) last_batch: String,
    /// Channel on which this node hears itself.
    pub(super) heartbeat: String,
}

impl NodeKeys {
    pub(super) fn new(app: &str, node: u32) -> Self {
        Self {
            leases: format!("{app}:!leases"),
            rooms_of_lease: format!("{app}:!rooms:"),
            seed: format!("{app}:!seed"),
            last_batch: format!("{app}:!batch:{node}"),
            heartbeat: format!("{app}:!heartbeat:{node}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_can_be_taken_for_another() {
        let rooms = rooms_key(&app_key("my app"), "chat");
        assert_eq!(&*rooms, "ig1:my%20app:chat");
        let names = ["a", "a:c", "a:", ":a", "a%3Ac", "{a}", "!leases", "", "ä\n", "A"];
        let mut keys: Vec<_> = names.iter().map(|name| room_key(&rooms, name)).collect();
        for key in &keys {
            assert!(!key[rooms.len() + 1..].contains([':', '!', '{', '}', '*', '\n', ' ']), "{key}");
            assert_eq!(room_of_channel(&channel(key)), Some(&**key));
        }
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), names.len());
    }
}

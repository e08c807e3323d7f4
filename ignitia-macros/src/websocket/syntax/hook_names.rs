//! Names of a session's hooks.

/// Methods of a session that are called for their names.
pub(in crate::websocket) const HOOK_NAMES: &[&str] =
    &["accept", "on_open", "on_raw", "on_binary", "on_event", "on_close"];

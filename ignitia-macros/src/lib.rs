//! The procedural macros of Ignitia: use them through the `ignitia` crate, never from here.
//!
//! This release exports none yet: endpoints are registered by hand with `Router::websocket`. The crate is a
//! member of the workspace already so that the attribute can be added without moving anything.

//! Liveness probes above the ping: messages by which each side asks whether the other's program
//! runs.
//!
//! A browser answers the protocol's pings by itself, also for a page that is frozen.
//! `{"type":"$ping"}` must be answered by the program at the other end, with `{"type":"$pong"}`, in
//! every representation of messages.

mod monitor;
mod probe;
mod receiver;

pub(super) use self::receiver::LivenessReceiver;

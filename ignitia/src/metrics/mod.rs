//! What is counted, with the feature `metrics`: through the [`metrics`](https://docs.rs/metrics/0.24) facade, to whichever
//! recorder the program installs. Install it before connections are served; [`describe`] tells it what each metric is.
//!
//! | metric | kind | labels beside `route` | |
//! |---|---|---|---|
//! | `ignitia_connections` | gauge | | connections that are open |
//! | `ignitia_handshakes_total` | counter | `outcome` | handshakes by what came of them: `upgraded`, or an [`UpgradeFailure`] |
//! | `ignitia_connections_closed_total` | counter | `cause`, `code` | connections that ended, by [`CloseKind`] and the close frame's code |
//! | `ignitia_messages_total` | counter | `direction` | text and binary messages, received (`in`) or handed to the kernel as a whole (`out`) |
//! | `ignitia_bytes_total` | counter | `direction` | bytes of frames, of control frames too, without what TLS and HTTP/2 add |
//! | `ignitia_queued_messages` | gauge | `direction` | messages that wait for `recv` (`in`) or for the kernel (`out`) |
//! | `ignitia_dropped_messages_total` | counter | `reason` | `lagged`: given up for members that were too slow, or replaced by a newer one; `unsent`: accepted, and not handed to the kernel before the end; `unhandled`: received, and taken by no handler |
//! | `ignitia_ping_seconds` | histogram | | from a ping of the keepalive to its pong |
//! | `ignitia_handler_seconds` | histogram | | one call of a handler that is called for each message (or batch), its reply included |
//! | `ignitia_connection_seconds` | histogram | | from the upgrade to the end |
//!
//! Whoever is too slow shows as the causes `write_stall` and `lagged`. What opened and what closed add up: every handshake with the outcome `upgraded` is one
//! connection in `ignitia_connections` first, and one in `ignitia_connections_closed_total` in the end.
//!
//! The cause `violation` is not only hostile peers: picows 2.3.1 and niquests 3.21.2 write the code 0 into the close frame of an
//! ordinary goodbye, and AnyEvent::WebSocket::Client 0.54 writes 1005. RFC 6455, section 7.4.1, forbids both on the wire, so these
//! ends count as violations, with the code 1002. Watch how the number changes, per `route`, rather than whether it is zero.
//!
//! Labels are bounded. `route` is the path that the route was registered with, its parameters not filled in. `code` is a
//! code of RFC 6455 or the IANA registry; other codes are `3xxx` and `4xxx`, since a peer may choose them, and `none` is an
//! end without one. Counts are handed to the recorder whenever a connection has nothing to do for the moment.
//!
//! `examples/src/bin/metrics.rs` serves them to Prometheus.
//!
//! [`CloseKind`]: crate::websocket::CloseKind
//! [`UpgradeFailure`]: crate::websocket::UpgradeFailure

#[cfg(feature = "metrics")]
mod recorded;
#[cfg(not(feature = "metrics"))]
mod unrecorded;

#[cfg(feature = "metrics")]
pub use self::recorded::describe;
#[cfg(feature = "metrics")]
pub(crate) use self::recorded::{ConnectionMetrics, HandlerTimer, Metrics};
#[cfg(not(feature = "metrics"))]
pub(crate) use self::unrecorded::{ConnectionMetrics, HandlerTimer, Metrics};

/// How much waits for a connection's handler and for its transport.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "metrics"), allow(dead_code, reason = "nobody looks"))]
pub(crate) struct QueueDepths {
    pub(crate) inbound: usize,
    pub(crate) outbound: usize,
    /// What was given up since the last look.
    pub(crate) dropped: u64,
}

//! Metrics, with the feature `metrics`.
//!
//! They go through the [`metrics`](https://docs.rs/metrics/0.24) facade to the recorder that the
//! program installs. Install it before connections are served; [`describe`] describes each metric
//! to it.
//!
//! | metric | kind | labels beside `route` | |
//! |---|---|---|---|
//! | `ignitia_connections` | gauge | | open connections |
//! | `ignitia_handshakes_total` | counter | `outcome` | handshakes by outcome: `upgraded`, or a [`HandshakeFailure`] |
//! | `ignitia_connections_closed_total` | counter | `cause`, `code` | closed connections, by [`CloseKind`] and the code of the close frame |
//! | `ignitia_messages_total` | counter | `direction` | text and binary messages, received (`in`) or handed to the kernel as a whole (`out`) |
//! | `ignitia_bytes_total` | counter | `direction` | bytes of frames, control frames included, without the overhead of TLS and HTTP/2 |
//! | `ignitia_uncompressed_bytes_total` | counter | `direction` | the same bytes as they would be without compression: the quotient of both is the ratio of compression |
//! | `ignitia_queued_messages` | gauge | `direction` | messages that wait for `recv` (`in`) or for the kernel (`out`) |
//! | `ignitia_dropped_messages_total` | counter | `reason` | `lagged`: dropped for slow members, or replaced by a newer one; `unsent`: accepted, but not handed to the kernel before the end; `unhandled`: received, but taken by no handler |
//! | `ignitia_ping_seconds` | histogram | | round trips of keepalive pings |
//! | `ignitia_handler_seconds` | histogram | | calls of handlers that are called for each message (or batch), their reply included |
//! | `ignitia_connection_seconds` | histogram | | duration of connections, from the upgrade to the end |
//!
//! With rooms on an engine (feature `redis`) there are more, without the label `route`:
//!
//! | metric | kind | labels | |
//! |---|---|---|---|
//! | `ignitia_engine_up` | gauge | | 1 while the engine is up, 0 while it is away or refuses to write |
//! | `ignitia_engine_outages_total` | counter | `cause` | causes of outages, each once in an outage: `connection`, `silence`, `credentials`, `role` |
//! | `ignitia_engine_queued_messages` | gauge | | broadcasts that wait for the engine, as of the last batch |
//! | `ignitia_engine_published_total` | counter | | broadcasts that the engine has taken from this node |
//! | `ignitia_engine_publish_seconds` | histogram | | time from the making of a batch of broadcasts until the engine has it |
//! | `ignitia_engine_refused_total` | counter | | broadcasts that were refused because the engine is away or too many wait |
//! | `ignitia_engine_received_total` | counter | | messages and changes of members that this node has heard |
//! | `ignitia_engine_healed_total` | counter | | messages that were missed at first, and read from a history |
//! | `ignitia_engine_missed_total` | counter | | messages that were missed and are lost for the members here |
//! | `ignitia_engine_lost_histories_total` | counter | | times that a room had to go on behind a gap in its history, or in another life |
//! | `ignitia_engine_resubscribe_seconds` | histogram | | time from a connection to the server until all rooms are heard |
//!
//! Slow clients show as the causes `write_stall` and `lagged`. Opened and closed connections add
//! up: every handshake with the outcome `upgraded` counts as one connection in
//! `ignitia_connections` first, and as one in `ignitia_connections_closed_total` in the end.
//!
//! Not every peer with the cause `violation` is hostile: picows 2.3.1 and niquests 3.21.2 write the
//! code 0 into the close frame of an ordinary end, and AnyEvent::WebSocket::Client 0.54 writes
//! 1005. RFC 6455, section 7.4.1, forbids both codes on the wire, so these ends count as
//! violations, with the code 1002. Watch the change of the number, per `route`, rather than
//! expecting zero.
//!
//! Labels are bounded. `route` is the path that the route was registered with, with the names of
//! its parameters. A `code` of RFC 6455 or of the IANA registry has its own label; other codes are
//! `3xxx` and `4xxx`, since a peer may choose them, and `none` is an end without a code. Counts are
//! handed to the recorder whenever a connection becomes idle.
//!
//! `examples/src/bin/metrics.rs` serves them to Prometheus.
//!
//! [`CloseKind`]: crate::websocket::CloseKind
//! [`HandshakeFailure`]: crate::websocket::HandshakeFailure

#[cfg(not(feature = "metrics"))]
mod disabled;
#[cfg(feature = "metrics")]
mod enabled;
mod queue_depths;

#[cfg(not(feature = "metrics"))]
pub(crate) use self::disabled::{ConnectionMetrics, HandlerTimer, Metrics};
#[cfg(feature = "metrics")]
pub use self::enabled::describe;
#[cfg(feature = "metrics")]
pub(crate) use self::enabled::{ConnectionMetrics, HandlerTimer, Metrics};
pub(crate) use self::queue_depths::QueueDepths;

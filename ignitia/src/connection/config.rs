use std::time::Duration;

use super::close_codes::CloseCodes;
use crate::{
    compression::Compression,
    handshake::{Origin, is_token},
    limits::Rate,
    protocol::{KeepaliveTimes, MessageLimits},
};

/// Limits and rules of a WebSocket route. All limits are finite by default.
///
/// Origins and subprotocols that no client can ever send are an error when a router is given them;
/// see [`Origin::allow`].
///
/// [`Router::websocket_config`](crate::Router::websocket_config) sets the configuration of a
/// router, [`Router::websocket_with`](crate::Router::websocket_with) that of one route.
///
/// ```
/// use std::time::Duration;
/// use ignitia::prelude::*;
/// use ignitia::websocket::WebSocketConfig;
///
/// let uploads = WebSocketConfig::default()
///     .max_message_size(16 << 20)
///     .idle_timeout(Duration::from_secs(60));
/// let router = Router::new().websocket_config(uploads);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebSocketConfig {
    /// Longest message that is received, in bytes of payload; also the longest frame. A longer one
    /// is refused with close code 1009 as soon as its header announces it. Default 1 MiB.
    pub max_message_size: usize,
    /// Most fragments of one message, empty ones included. More are refused with 1008. Default
    /// 131,072.
    pub max_fragments: usize,
    /// Received bytes that may wait for `recv`. Beyond them reading pauses, which makes the peer
    /// wait (backpressure). Once a second the input is still peeked at, for pings, pongs and the
    /// close frame. Messages in front of those wait, too: up to another 256 KiB, with 64 bytes
    /// added for each. Then nothing more is read until the handler receives. Default 64 KiB.
    pub read_ahead_bytes: usize,
    /// Received messages that may wait for `recv`. Beyond them reading pauses as for
    /// [`read_ahead_bytes`](Self::read_ahead_bytes). Default 64.
    pub read_ahead_messages: usize,
    /// Time after which a handler that leaves all that unread and has never received is closed with
    /// 1011: it forgot to receive, or to [ignore
    /// messages](crate::WebSocketConnection::ignore_messages). A handler that has received is
    /// waited for, however long it takes. Default 30 s.
    pub read_stall: Duration,
    /// Bytes that may be queued for the peer. Beyond them `send` waits and `try_send` fails
    /// (backpressure). A single longer message is admitted into an empty queue. Broadcasts of rooms
    /// have as much again, and more for a while: see [`outbox_burst`](Self::outbox_burst). Default
    /// 1 MiB.
    pub outbox_bytes: usize,
    /// Messages that may be queued for the peer. Beyond them `send` waits and `try_send` fails.
    /// Broadcasts of rooms have as much again, and more for a while: see
    /// [`outbox_burst`](Self::outbox_burst). Default 1,024.
    pub outbox_messages: usize,
    /// Largest burst of broadcasts, in multiples of `outbox_bytes` and of `outbox_messages`. That
    /// many may wait for a peer that is not known to be slow, so that a loop of broadcasts costs no
    /// reader a message. For more, and for a peer that is [slow](Self::lag_after), the room's
    /// [`overflow`](crate::rooms::RoomConfig::overflow) decides. With 1 or less it decides as soon
    /// as the queue is full. All members share the memory of a waiting message. Default 16: 16 MiB,
    /// 16,384 messages.
    pub outbox_burst: usize,
    /// Time for which broadcasts may wait for room in the queue while the peer takes nothing or too
    /// little. Then the peer is slow, until all of them are queued. Default 10 s.
    pub lag_after: Duration,
    /// Longest body of an upgrade request, in bytes, for handlers with a body extractor. Default 64
    /// KiB.
    pub max_body: usize,
    /// Time for the extractors, and for the end of an empty body, before the request is answered
    /// with 503. Also the time for the switch of protocols after the 101. Default 10 s.
    pub handshake_timeout: Duration,
    /// Time from the handler's first poll in which it may decide for or against the upgrade. After
    /// it the connection is upgraded anyway. `None` waits for the decision, but not longer than an
    /// hour. Default 1 s.
    ///
    /// A peer that leaves meanwhile cancels the handler. Our own server notices that within 2 s.
    /// Other servers do not see the end of a peer that has sent something behind its handshake
    /// until the window is over: hence the hour.
    pub decision_window: Option<Duration>,
    /// Silence, of the peer or of our own, after which the peer is sent a ping. `None` sends none.
    /// It has to be shorter than the idle timeout of proxies on the way: 60 s for most. Default 25
    /// s.
    ///
    /// The keepalive finds connections that are half-open, not programs that hang: many clients
    /// answer pings only while their program runs its event loop or receives. A page that the user
    /// has left may answer them for ten minutes more (Chromium 156 keeps its socket in the
    /// back/forward cache). [`liveness_interval`](Self::liveness_interval) finds such pages.
    pub keepalive_interval: Option<Duration>,
    /// Time for the peer to send anything after that ping. While nothing is read from it, because
    /// the handler takes nothing or a rate limit pauses it, it is pinged without this timeout: only
    /// to notice if it is gone. Default 20 s.
    pub pong_timeout: Duration,
    /// Time without a message from the peer's program, after which a typed endpoint sends it
    /// `{"type":"$ping"}`. It has to answer with `{"type":"$pong"}` or any other message. Default
    /// `None`: never, since clients have to know it.
    ///
    /// This finds what the keepalive cannot: the browser answers pings itself, also for a page that
    /// does not run. Chromium (measured: 156) keeps the connection of a page that the user has left
    /// in its back/forward cache: for 10 minutes it answers every ping and takes every message
    /// while nothing of the page runs, and only then closes with 1001. Such a page stays a member
    /// of its rooms, and present, unless it closes its WebSocket on `pagehide` and opens another on
    /// a persisted `pageshow`, or this finds it. Timers of pages in the background run late, once a
    /// minute at times: leave them time to answer.
    ///
    /// Typed endpoints are sessions, `on_message` functions and
    /// [`TypedConnection`](crate::TypedConnection). Time in which the handler is busy does not
    /// count: the peer may be waiting for its reply.
    ///
    /// The other direction needs no configuration: typed endpoints answer a client's own
    /// `{"type":"$ping"}` with `{"type":"$pong"}`, and its id if it has one. The connection does so
    /// itself: at once, whatever the handler is at, and within a second behind messages that wait
    /// for it, up to the 256 KiB that are [read ahead](Self::read_ahead_bytes) of them. No method
    /// sees either message. Both have at most 64 bytes.
    pub liveness_interval: Option<Duration>,
    /// Time for the answer to `$ping`. After it the connection is closed with 3008. Default 20 s.
    pub liveness_timeout: Duration,
    /// Time that the peer may go without sending a text or binary message. After it the connection
    /// is closed with 3008. While a function that is called for each message handles one, the peer
    /// is not idle. Default `None`: for ever.
    pub idle_timeout: Option<Duration>,
    /// Time for the closing handshake: for the peer's answer to our close frame, and for our answer
    /// to the peer's while the handler has not taken the messages before it. Also the time that an
    /// end of our own waits for the reply to the message that is being handled (a graceful shutdown
    /// waits until its own deadline for functions that are called for each message). Default 5 s.
    pub close_timeout: Duration,
    /// Codes of the ends that begin on this side. Default: those of RFC 6455 and the IANA registry.
    pub close_codes: CloseCodes,
    /// Malformed messages that a typed endpoint accepts within
    /// [`malformed_window`](Self::malformed_window). One more closes with 1008. Default 10.
    pub malformed_limit: usize,
    /// Time in which malformed messages are counted. Default 60 s.
    pub malformed_window: Duration,
    /// Time for a session's `on_close`. Default 5 s.
    pub on_close_timeout: Duration,
    /// Time for which the transport is kept after the end, so that the last bytes arrive. TCP is
    /// closed at once if the peer's close frame was the last that it has sent, and no ping of ours
    /// is left to answer. Default 1 s.
    pub linger: Duration,
    /// Time for which the peer may take no bytes while some are waiting. After it the connection is
    /// dropped. One that is closing has ten times as long in all. Default 30 s.
    pub write_stall: Duration,
    /// Cancels the handler, at its next await, when the connection has ended. Default `false`: it
    /// runs on and learns of the end from `recv`, from its sends, or from `closed`.
    pub cancel_on_close: bool,
    /// Rate limit of messages from the peer. Default `None`: as many as are handled.
    pub message_rate: Option<Rate>,
    /// Rate limit of bytes in messages from the peer. Default `None`.
    pub byte_rate: Option<Rate>,
    /// Action against a peer that exceeds a rate limit. Default: it is read no faster.
    pub on_rate_exceeded: RateExceeded,
    /// Origins of the pages that may connect. Default: those of the same host.
    pub origin: Origin,
    /// Subprotocols of the endpoint, the preferred one first. A client that offers only others is
    /// connected without one, and that is logged: browsers end such a connection at once and report
    /// 1006. Default: none.
    pub subprotocols: Vec<String>,
    /// Compression of messages (permessage-deflate), with clients that offer it. Default `None`:
    /// none, and no extension is accepted. [`Compression`] says what it costs, and what it gives
    /// away.
    #[cfg(feature = "compression")]
    pub compression: Option<Compression>,
}

impl WebSocketConfig {
    /// Sets [`subprotocols`](field@WebSocketConfig::subprotocols).
    #[must_use]
    pub fn subprotocols(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.subprotocols = names.into_iter().map(Into::into).collect();
        self
    }
}

setters!(WebSocketConfig {
    max_message_size: usize,
    max_fragments: usize,
    read_ahead_bytes: usize,
    read_ahead_messages: usize,
    read_stall: Duration,
    outbox_bytes: usize,
    outbox_messages: usize,
    outbox_burst: usize,
    lag_after: Duration,
    max_body: usize,
    handshake_timeout: Duration,
    decision_window: Option<Duration>,
    keepalive_interval: Option<Duration>,
    pong_timeout: Duration,
    liveness_interval: Option<Duration>,
    liveness_timeout: Duration,
    idle_timeout: Option<Duration>,
    close_timeout: Duration,
    close_codes: CloseCodes,
    malformed_limit: usize,
    malformed_window: Duration,
    on_close_timeout: Duration,
    linger: Duration,
    write_stall: Duration,
    cancel_on_close: bool,
    message_rate: Option<Rate>,
    byte_rate: Option<Rate>,
    on_rate_exceeded: RateExceeded,
    origin: Origin,
});

#[cfg(feature = "compression")]
setters!(WebSocketConfig { compression: Option<Compression> });

impl WebSocketConfig {
    pub(super) fn message_limits(&self) -> MessageLimits {
        MessageLimits {
            max_message_size: self.max_message_size,
            max_fragments: self.max_fragments,
            reassembly_exceeded: self.close_codes.incomplete,
        }
    }

    pub(super) fn keepalive_times(&self) -> KeepaliveTimes {
        KeepaliveTimes { interval: self.keepalive_interval, pong_timeout: self.pong_timeout }
    }

    /// Returns the compression, if it is on.
    pub(crate) fn compression_config(&self) -> Option<&Compression> {
        #[cfg(feature = "compression")]
        return self.compression.as_ref();
        #[cfg(not(feature = "compression"))]
        None
    }

    /// Returns error texts for settings that can never have an effect.
    pub(crate) fn faults(&self) -> Vec<String> {
        let nameless = self.subprotocols.iter().filter(|name| !is_token(name));
        let nameless =
            nameless.map(|name| format!("the subprotocol `{name}` can never be offered: it is not a token"));
        let faults = self.origin.faults().into_iter().chain(nameless).chain(self.close_codes.fault());
        faults.chain(self.compression_config().into_iter().flat_map(Compression::faults)).collect()
    }
}

impl Default for WebSocketConfig {
    fn default() -> Self {
        Self {
            max_message_size: 1 << 20,
            max_fragments: 131_072,
            read_ahead_bytes: 64 << 10,
            read_ahead_messages: 64,
            read_stall: Duration::from_secs(30),
            outbox_bytes: 1 << 20,
            outbox_messages: 1_024,
            outbox_burst: 16,
            lag_after: Duration::from_secs(10),
            max_body: 64 << 10,
            handshake_timeout: Duration::from_secs(10),
            decision_window: Some(Duration::from_secs(1)),
            keepalive_interval: Some(Duration::from_secs(25)),
            pong_timeout: Duration::from_secs(20),
            liveness_interval: None,
            liveness_timeout: Duration::from_secs(20),
            idle_timeout: None,
            close_timeout: Duration::from_secs(5),
            close_codes: CloseCodes::default(),
            malformed_limit: 10,
            malformed_window: Duration::from_secs(60),
            on_close_timeout: Duration::from_secs(5),
            linger: Duration::from_secs(1),
            write_stall: Duration::from_secs(30),
            cancel_on_close: false,
            message_rate: None,
            byte_rate: None,
            on_rate_exceeded: RateExceeded::Delay,
            origin: Origin::SameHost,
            subprotocols: Vec::new(),
            #[cfg(feature = "compression")]
            compression: None,
        }
    }
}

/// Action against a peer that sends more than [`WebSocketConfig::message_rate`] or
/// [`WebSocketConfig::byte_rate`] allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RateExceeded {
    /// Stops reading from it until it may send again. It has to wait; nothing is lost. Its
    /// [`$ping`](WebSocketConfig::liveness_interval) waits as well: a client that gives up on an
    /// answer in less time (the generated one does after 15 s) comes back with a new connection.
    Delay,
    /// Closes it with 1008. The message that exceeded the limit is not handled.
    Close,
}

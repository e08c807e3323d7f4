use std::time::Duration;

use super::close_codes::CloseCodes;
use crate::{
    handshake::{Origin, is_token},
    limits::Rate,
    protocol::MessageLimits,
};

/// The limits and rules of a WebSocket route. Every one is finite by default.
///
/// Origins and subprotocols that no client can ever send are an error when a router is given them; see [`Origin::allow`].
///
/// [`Router::websocket_config`](crate::Router::websocket_config) sets it for a router,
/// [`Router::websocket_with`](crate::Router::websocket_with) for one route.
///
/// ```
/// use std::time::Duration;
/// use ignitia::prelude::*;
/// use ignitia::websocket::WebSocketConfig;
///
/// let uploads = WebSocketConfig {
///     max_message_size: 16 << 20,
///     idle_timeout: Some(Duration::from_secs(60)),
///     ..Default::default()
/// };
/// let router = Router::new().websocket_config(uploads);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebSocketConfig {
    /// The largest message that is received, in bytes of payload; also the largest frame. What is larger is refused
    /// with close code 1009 as soon as its header says so. Default 1 MiB.
    pub max_message_size: usize,
    /// The number of fragments that one message may arrive in, empty ones included; more are refused with 1008.
    /// Default 131,072.
    pub max_fragments: usize,
    /// Received bytes that may wait for `recv`. Beyond it reading pauses, which makes the peer wait (backpressure), but for
    /// a look each second for the pings, pongs and the close frame that may come next: messages that stand before them
    /// wait too, up to another 256 KiB with 64 bytes for each. Then nothing more is read until the handler receives.
    /// Default 64 KiB.
    pub read_ahead_bytes: usize,
    /// Received messages that may wait for `recv`; beyond it reading pauses as for
    /// [`read_ahead_bytes`](Self::read_ahead_bytes). Default 64.
    pub read_ahead_messages: usize,
    /// Time that a handler may leave all that unread without ever having received: it was forgotten to receive, or to
    /// [ignore messages](crate::WebSocketConnection::ignore_messages), and the connection is closed with 1011. A handler
    /// that has received is waited for, however long it takes. Default 30 s.
    pub read_stall: Duration,
    /// Bytes that are queued for the peer; beyond it `send` waits and `try_send` fails. A single larger message is
    /// admitted into an empty queue. Broadcasts of rooms have the same again, and more for a while: see
    /// [`outbox_burst`](Self::outbox_burst). Default 1 MiB.
    pub outbox_bytes: usize,
    /// Messages that are queued for the peer; beyond it `send` waits and `try_send` fails. Broadcasts of rooms have the
    /// same again, and more for a while: see [`outbox_burst`](Self::outbox_burst). Default 1,024.
    pub outbox_messages: usize,
    /// The largest burst of broadcasts, in multiples of `outbox_bytes` and of `outbox_messages`. As many wait for a
    /// peer that is not known to be slow, so that a loop of broadcasts costs nobody who reads anything; what is beyond,
    /// and what is too much for a peer that is [slow](Self::lag_after), goes by the room's
    /// [`overflow`](crate::rooms::RoomConfig::overflow). With 1 or less a full outbox counts at once. What waits is shared
    /// by all members that it waits for. Default 16: 16 MiB, 16,384 messages.
    pub outbox_burst: usize,
    /// How long broadcasts may wait for more room in the outbox while the peer takes nothing or too little; then it is slow,
    /// until all of them are in the outbox. Default 10 s.
    pub lag_after: Duration,
    /// The largest body of an upgrade request, for handlers with a body extractor. Default 64 KiB.
    pub max_body: usize,
    /// How long the end of an empty body and the extractors may take before the request is answered with 503, and how long the
    /// switch of protocols may take after the 101. Default 10 s.
    pub handshake_timeout: Duration,
    /// How long the handler may take, from its first poll on, to decide whether it upgrades; then it is upgraded
    /// all the same. `None` waits for the decision, but not longer than an hour. Default 1 s.
    ///
    /// A peer that leaves meanwhile cancels the handler; our own server notices it within 2 s. Other servers do not see the end of a peer
    /// that has sent something behind its handshake until the window is over: hence the hour.
    pub decision_window: Option<Duration>,
    /// Silence, of the peer or of our own, after which the peer is sent a ping; `None` sends none. It has to be shorter than
    /// what proxies on the way allow, 60 s for most. Default 25 s.
    ///
    /// It tells a connection that is lost from one that is quiet, not a program that is busy from one that is idle: many
    /// clients answer pings only while their program runs its event loop or receives. A page that was left may answer
    /// them for ten minutes more (Chromium 156 keeps its socket in the back/forward cache).
    /// [`liveness_interval`](Self::liveness_interval) finds such pages.
    pub keepalive_interval: Option<Duration>,
    /// How long the peer may take to send anything after that ping. While nothing is read from it, because the handler takes
    /// nothing or a rate is used up, it is pinged without such a term: only to notice if it is gone. Default 20 s.
    pub pong_timeout: Duration,
    /// How long the peer's program may send no message to a typed endpoint before it is sent `{"type":"$ping"}`, which it has to
    /// answer with `{"type":"$pong"}` or any other message. Default `None`: never, since clients have to know it.
    ///
    /// This sees what the keepalive cannot: pings are answered by the browser, also for a page that does not run. Chromium
    /// (measured: 156) keeps the connection of a page that was left in its back/forward cache: for 10 minutes it answers every ping
    /// and takes every message, while nothing of the page runs, and only then closes with 1001. Such a page stays a member of its
    /// rooms, and present, unless it closes its WebSocket on `pagehide` and opens another on a persisted `pageshow`, or is found
    /// out by this. Timers of pages in the background run late, once a minute at times: leave them time to answer.
    ///
    /// Typed endpoints are sessions, `on_message` functions and [`TypedConnection`](crate::TypedConnection), while they receive; a
    /// handler that is busy is not taken for a silent peer. They answer a client's own `{"type":"$ping"}` with `{"type":"$pong"}`, and
    /// its id if it has one, whatever is configured here; neither reaches their methods. Such messages have at most 64 bytes.
    pub liveness_interval: Option<Duration>,
    /// How long the answer to `$ping` may take; then the connection is closed with 3008. Default 20 s.
    pub liveness_timeout: Duration,
    /// How long the peer may go without sending a message of data; then it is closed with 3008. While a message is being
    /// handled by a function that is called for each, the peer is not idle. Default `None`: for ever.
    pub idle_timeout: Option<Duration>,
    /// How long the peer's answer to our close frame may take, and ours to the peer's while the handler has not
    /// taken the messages before it; and how long an end of our own waits for the reply to the message that is being handled
    /// (a drain waits until its own deadline for functions that are called for each message). Default 5 s.
    pub close_timeout: Duration,
    /// Codes of the ends that come from here. Default: those of RFC 6455 and the IANA registry.
    pub close_codes: CloseCodes,
    /// How many malformed messages a typed endpoint puts up with within [`malformed_window`](Self::malformed_window);
    /// one more closes with 1008. Default 10.
    pub malformed_limit: usize,
    /// The time in which malformed messages are counted. Default 60 s.
    pub malformed_window: Duration,
    /// How long a session's `on_close` may take. Default 5 s.
    pub on_close_timeout: Duration,
    /// How long the transport is kept after the end, so that what was written last arrives. Default 1 s.
    pub linger: Duration,
    /// How long the peer may take no bytes while some are waiting, before it is dropped; a connection that is closing
    /// has ten times as long in all. Default 30 s.
    pub write_stall: Duration,
    /// Cancels the handler, at its next await, when the connection has ended. Default `false`: it runs on and
    /// learns of the end from `recv`, from its sends, or from `closed`.
    pub cancel_on_close: bool,
    /// How many messages the peer may send. Default `None`: as many as are handled.
    pub message_rate: Option<Rate>,
    /// How many bytes its messages may hold. Default `None`.
    pub byte_rate: Option<Rate>,
    /// What becomes of a peer that sends more. Default: it is read no faster.
    pub on_rate_exceeded: RateExceeded,
    /// Which pages may connect. Default: those of the same host.
    pub origin: Origin,
    /// The subprotocols that the endpoint speaks, the preferred one first. A client that offers others only is connected without
    /// one, which is logged: browsers end such a connection at once, and say 1006. Default: none.
    pub subprotocols: Vec<String>,
}

impl WebSocketConfig {
    pub(super) fn message_limits(&self) -> MessageLimits {
        MessageLimits {
            max_message_size: self.max_message_size,
            max_fragments: self.max_fragments,
            reassembly_exceeded: self.close_codes.incomplete,
        }
    }

    /// What can never have an effect, and why.
    pub(crate) fn faults(&self) -> Vec<String> {
        let nameless = self.subprotocols.iter().filter(|name| !is_token(name));
        let nameless =
            nameless.map(|name| format!("the subprotocol `{name}` can never be offered: it is no token"));
        self.origin.faults().into_iter().chain(nameless).chain(self.close_codes.fault()).collect()
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
        }
    }
}

/// What becomes of a peer that sends more than [`WebSocketConfig::message_rate`] or [`WebSocketConfig::byte_rate`] allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RateExceeded {
    /// Nothing is read from it until it may send again: it has to wait, and nothing is lost.
    Delay,
    /// It is closed with 1008. The message that was too much is not handled.
    Close,
}

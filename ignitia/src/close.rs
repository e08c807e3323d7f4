//! How a WebSocket ends: the codes, the frame that carries one, and the cause that we keep.

use std::fmt;

use axum_core::response::{IntoResponse, Response};

/// The longest close reason in bytes: a control frame holds 125, of which the code takes two
/// ([RFC 6455, section 5.5](https://www.rfc-editor.org/rfc/rfc6455#section-5.5)).
pub(crate) const MAX_REASON: usize = 123;

/// The close codes of [RFC 6455, section 7.4](https://www.rfc-editor.org/rfc/rfc6455#section-7.4) and of the
/// IANA registry, as plain numbers. 4000 to 4999 are free for applications.
///
/// ```
/// use ignitia::websocket::{CloseCode, CloseFrame};
///
/// let frame = CloseFrame { code: CloseCode::POLICY, reason: "one room at a time".into() };
/// assert_eq!(frame.code, 1008);
/// ```
///
/// # Clients that cannot read a code
///
/// 1012 to 1014 came after the RFC, and some clients take them for a violation. As seen in November 2026:
///
/// | client | 1012, 1013 | 1014 |
/// |---|---|---|
/// | WebKitGTK 2.50.6 | `error`, then 1006 without a reason | the same |
/// | Qt WebSockets 5.15.9 and 6.11.2 | 1002 "Invalid close code" | the same |
/// | faye-websocket 0.11.4 (npm) and 0.11.0 (Ruby) | 1002, with our reason | the same |
/// | libsoup 3.2.3 | an error with 1002; the code can be asked for | the same |
/// | Deno 2.9.6 | as sent | an error, code 0 |
/// | wsproto 1.3.2 (httpx-ws, trio-websocket, simple-websocket), rnet 2.4.2 | as sent | 1002 |
/// | autobahn 26.10.2 (Python) | as sent | 1006, unclean |
/// | lomond 0.3.4, gorilla/websocket 1.5.0 | as sent | a protocol error |
/// | niquests 3.21.2, golang.org/x/net/websocket 0.7.0 | no code at all | no code at all |
///
/// 1000 to 1003, 1007 to 1011 and 3000 to 4999 arrive as sent in all others. [`CloseCodes`](crate::websocket::CloseCodes)
/// chooses the codes of the ends that begin here, [`DrainConfig::frame`](crate::DrainConfig::frame) that of a drain.
#[derive(Debug, Clone, Copy)]
pub enum CloseCode {}

impl CloseCode {
    /// 1000: the purpose of the connection is fulfilled.
    pub const NORMAL: u16 = 1000;
    /// 1001: the endpoint goes away: the server stops, the page is left.
    pub const GOING_AWAY: u16 = 1001;
    /// 1002: the peer broke the protocol.
    pub const PROTOCOL: u16 = 1002;
    /// 1003: data of a kind that this endpoint does not take.
    pub const UNSUPPORTED: u16 = 1003;
    /// 1007: data that does not fit the message's type, such as text that is not UTF-8.
    pub const INVALID_DATA: u16 = 1007;
    /// 1008: a rule of the application was broken.
    pub const POLICY: u16 = 1008;
    /// 1009: a message is too big.
    pub const TOO_BIG: u16 = 1009;
    /// 1010: an extension that the client needs was not negotiated.
    pub const EXTENSION_REQUIRED: u16 = 1010;
    /// 1011: the server met a condition that it did not expect.
    pub const INTERNAL_ERROR: u16 = 1011;
    /// 1012: the service restarts: come back, after a random pause.
    pub const RESTART: u16 = 1012;
    /// 1013: the service is overloaded: come back later.
    pub const TRY_AGAIN_LATER: u16 = 1013;
    /// 1014: a gateway got an invalid answer.
    pub const BAD_GATEWAY: u16 = 1014;
    /// 3000: not authenticated.
    pub const UNAUTHORIZED: u16 = 3000;
    /// 3003: authenticated, yet not allowed.
    pub const FORBIDDEN: u16 = 3003;
    /// 3008: something took too long.
    pub const TIMEOUT: u16 = 3008;

    /// Whether a code may stand in a close frame: 1004, 1005, 1006, 1015 and what nobody has defined may not.
    pub(crate) fn is_sendable(code: u16) -> bool {
        matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
    }
}

/// What a close frame says: a code and a reason.
///
/// As a handler's outcome it ends the session with exactly this code and reason.
///
/// ```
/// use ignitia::prelude::*;
///
/// async fn only_once(mut ws: WebSocketConnection) -> CloseFrame {
///     ws.recv().await;
///     CloseFrame { code: 4000, reason: "that was all".into() }
/// }
/// # let _ = Router::new().websocket("/once", only_once);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CloseFrame {
    /// The close code: see [`CloseCode`].
    pub code: u16,
    /// Text for logs and developers, at most 123 bytes of UTF-8; what is longer is cut on a character boundary
    /// when it is sent.
    pub reason: String,
}

impl CloseFrame {
    /// The reason as far as it fits into a frame.
    pub(crate) fn reason_on_the_wire(&self) -> &str {
        cut(&self.reason, MAX_REASON)
    }
}

impl fmt::Display for CloseFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.reason.is_empty() {
            write!(f, "{}", self.code)
        } else {
            write!(f, "{} ({})", self.code, self.reason)
        }
    }
}

/// 200 with an empty body; the frame itself travels in the response's extensions.
impl IntoResponse for CloseFrame {
    fn into_response(self) -> Response {
        let mut response = Response::default();
        response.extensions_mut().insert(self);
        response
    }
}

/// The longest prefix of `text` that has at most `max` bytes and ends on a character boundary.
pub(crate) fn cut(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

/// What ended a connection. Every connection has exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CloseKind {
    /// The peer sent a close frame.
    Peer,
    /// Our side closed: the handler returned, or something called `close`.
    Local,
    /// The handler panicked.
    Panic,
    /// The peer broke the protocol, sent invalid UTF-8 or exceeded a limit.
    ///
    /// Not everyone who does means harm: some clients say goodbye with a code that
    /// [RFC 6455, section 7.4.1](https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1) forbids on the wire, and are answered with
    /// 1002. picows 2.3.1 and niquests 3.21.2 write 0 when their program names no code, and AnyEvent::WebSocket::Client 0.54
    /// writes 1005.
    Violation,
    /// The peer did not answer a keepalive ping within `pong_timeout`, or its program a `$ping` within `liveness_timeout`.
    KeepaliveTimeout,
    /// No message arrived for `idle_timeout`.
    IdleTimeout,
    /// The peer took no bytes for `write_stall`.
    WriteStall,
    /// The server drained.
    Shutdown,
    /// The connection was cut off: the drain deadline passed, or the runtime went away.
    Aborted,
    /// The transport ended without a close frame.
    Lost,
    /// It was never upgraded: the handler refused, or the peer left before the handler had decided.
    NotUpgraded,
    /// It was too slow for a room that closes those who are (1013).
    Lagged,
    /// The handler never received, and more messages waited for it than may.
    NotReceiving,
    /// The time that [`expires_at`](crate::WebSocketConnection::expires_at) was told has come.
    Expired,
}

impl CloseKind {
    /// Its name in metrics: `keepalive_timeout`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Peer => "peer",
            Self::Local => "local",
            Self::Panic => "panic",
            Self::Violation => "violation",
            Self::KeepaliveTimeout => "keepalive_timeout",
            Self::IdleTimeout => "idle_timeout",
            Self::WriteStall => "write_stall",
            Self::Shutdown => "shutdown",
            Self::Aborted => "aborted",
            Self::Lost => "lost",
            Self::NotUpgraded => "not_upgraded",
            Self::Lagged => "lagged",
            Self::NotReceiving => "not_receiving",
            Self::Expired => "expired",
        }
    }
}

/// Why and how a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CloseCause {
    /// What ended it.
    pub kind: CloseKind,
    /// The close frame that started the end: the peer's for [`CloseKind::Peer`], else ours; `None` for an empty
    /// close frame and where there was none.
    pub frame: Option<CloseFrame>,
    /// Whether both sides sent their close frame.
    pub clean: bool,
    /// Messages that `send` had accepted and that never reached the kernel as a whole, and replies of typed handlers that
    /// came after the end.
    pub unsent: usize,
    /// Text and binary messages that were received and that no handler took: it ended before, ignored them
    /// ([`ignore_messages`](crate::WebSocketConnection::ignore_messages)), or the connection ended for a reason of ours,
    /// such as a drain.
    pub unhandled: usize,
}

impl fmt::Display for CloseCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            CloseKind::Peer => "closed by the peer",
            CloseKind::Local => "closed by this side",
            CloseKind::Panic => "the handler panicked",
            CloseKind::Violation => "protocol violation by the peer",
            CloseKind::KeepaliveTimeout => "no answer to a keepalive ping",
            CloseKind::IdleTimeout => "idle for too long",
            CloseKind::WriteStall => "the peer stopped reading",
            CloseKind::Shutdown => "the server shuts down",
            CloseKind::Aborted => "aborted",
            CloseKind::Lost => "the transport ended without a close frame",
            CloseKind::NotUpgraded => "never upgraded",
            CloseKind::Lagged => "too slow for a room",
            CloseKind::NotReceiving => "the handler never received",
            CloseKind::Expired => "expired",
        })?;
        if let Some(frame) = &self.frame {
            write!(f, ", close frame {frame}")?;
        }
        if self.unsent > 0 {
            write!(f, ", {} messages unsent", self.unsent)?;
        }
        if self.unhandled > 0 {
            write!(f, ", {} messages unhandled", self.unhandled)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_that_must_not_be_on_the_wire() {
        for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, u16::MAX] {
            assert!(!CloseCode::is_sendable(code), "{code}");
        }
        for code in [1000, 1001, 1002, 1003, 1007, 1014, 3000, 3999, 4000, 4999] {
            assert!(CloseCode::is_sendable(code), "{code}");
        }
    }

    #[test]
    fn a_reason_is_cut_on_a_character_boundary() {
        let frame = CloseFrame { code: 1000, reason: format!("{}é", "x".repeat(122)) };
        assert_eq!(frame.reason_on_the_wire(), "x".repeat(122));
        let fits = CloseFrame { code: 1000, reason: format!("{}é", "x".repeat(121)) };
        assert_eq!(fits.reason_on_the_wire().len(), 123);
    }
}

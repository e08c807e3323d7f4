use std::fmt;

use super::frame::CloseFrame;

/// Reason for the end of a connection. Every connection has exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CloseKind {
    /// The peer sent a close frame.
    Peer,
    /// This side closed: the handler returned, or `close` was called.
    Local,
    /// The handler panicked.
    Panic,
    /// The peer broke the protocol, sent invalid UTF-8 or exceeded a limit.
    ///
    /// Not every such peer is hostile: some clients close with a code that [RFC 6455, section
    /// 7.4.1](https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1) forbids on the wire, and are
    /// answered with 1002. picows 2.3.1 and niquests 3.21.2 write 0 if their program names no code,
    /// and AnyEvent::WebSocket::Client 0.54 writes 1005.
    Violation,
    /// The peer did not answer a keepalive ping within `pong_timeout`, or its program did not
    /// answer a `$ping` within `liveness_timeout`.
    KeepaliveTimeout,
    /// No message arrived for `idle_timeout`.
    IdleTimeout,
    /// The peer accepted no bytes for `write_stall`.
    WriteStall,
    /// The server drained.
    Shutdown,
    /// The connection was cut off: the timeout of the drain passed, or the runtime shut down.
    Aborted,
    /// The transport ended without a close frame.
    Lost,
    /// The connection was never upgraded: the handler refused, or the peer left before the handler
    /// had decided.
    NotUpgraded,
    /// The connection was too slow for a room that closes slow members (1013).
    Lagged,
    /// The handler never received, and its queue of received messages was full.
    NotReceiving,
    /// The time set by [`expires_at`](crate::WebSocketConnection::expires_at) has come.
    Expired,
}

impl CloseKind {
    /// Returns the name used in metrics, such as `keepalive_timeout`.
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

/// Cause and circumstances of the end of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CloseCause {
    /// Reason for the end.
    pub kind: CloseKind,
    /// Close frame that started the end: the peer's for [`CloseKind::Peer`], otherwise ours. `None`
    /// if it was empty, or there was none.
    pub frame: Option<CloseFrame>,
    /// True if both sides sent their close frame.
    pub clean: bool,
    /// Number of messages that `send` accepted and that did not reach the kernel as a whole, and of
    /// replies that typed handlers returned after the end.
    pub unsent: usize,
    /// Number of text and binary messages that were received and that the handler did not take: it
    /// ended before, it ignored them
    /// ([`ignore_messages`](crate::WebSocketConnection::ignore_messages)), or this side ended the
    /// connection, for instance in a drain.
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
            CloseKind::Shutdown => "the server is shutting down",
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

use crate::close::CloseCode;

/// Close codes of the ends that this side begins by itself, for
/// [`WebSocketConfig::close_codes`](super::WebSocketConfig::close_codes). A graceful shutdown has
/// its own frame: [`DrainConfig::frame`](crate::DrainConfig::frame).
///
/// Not every client can read every code: [`CloseCode`] has a table. If yours cannot read 1013, take
/// one of 4000 to 4999, which all clients hand to the program:
///
/// ```
/// use ignitia::websocket::{CloseCodes, WebSocketConfig};
///
/// let close_codes =
///     CloseCodes::default().lagged(4013).overloaded(4013).incomplete(4013);
/// let config = WebSocketConfig::default().close_codes(close_codes);
/// ```
///
/// Violations of the protocol by the peer are always answered with the code of the RFC: 1002, 1003,
/// 1007 or 1009.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CloseCodes {
    /// The peer is too slow for a room that closes slow members
    /// ([`Overflow::Close`](crate::rooms::Overflow::Close)). Default 1013.
    pub lagged: u16,
    /// The handler has returned 503 after the upgrade. Default 1013.
    pub overloaded: u16,
    /// All connections together hold too many bytes of incomplete messages
    /// ([`Limits::max_incomplete_bytes`](crate::limits::Limits::max_incomplete_bytes)). Default
    /// 1013.
    pub incomplete: u16,
    /// The peer has not answered a keepalive ping. Default 3008.
    pub keepalive_timeout: u16,
    /// The peer has sent no message for `idle_timeout`. Default 3008.
    pub idle_timeout: u16,
    /// The time that was set with [`expires_at`](crate::WebSocketConnection::expires_at) has come.
    /// Default 3000.
    pub expired: u16,
    /// The handler never receives. Default 1011.
    pub not_receiving: u16,
    /// The peer has sent more messages or bytes than `message_rate` or `byte_rate` allow, with
    /// [`RateExceeded::Close`](super::RateExceeded::Close). Default 1008.
    pub rate_exceeded: u16,
    /// The peer has sent more malformed messages than `malformed_limit`, or one where the endpoint
    /// says `on_malformed = close`. Default 1008.
    pub malformed: u16,
}

setters!(CloseCodes {
    lagged: u16,
    overloaded: u16,
    incomplete: u16,
    keepalive_timeout: u16,
    idle_timeout: u16,
    expired: u16,
    not_receiving: u16,
    rate_exceeded: u16,
    malformed: u16,
});

impl Default for CloseCodes {
    fn default() -> Self {
        Self {
            lagged: CloseCode::TRY_AGAIN_LATER,
            overloaded: CloseCode::TRY_AGAIN_LATER,
            incomplete: CloseCode::TRY_AGAIN_LATER,
            keepalive_timeout: CloseCode::TIMEOUT,
            idle_timeout: CloseCode::TIMEOUT,
            expired: CloseCode::UNAUTHORIZED,
            not_receiving: CloseCode::INTERNAL_ERROR,
            rate_exceeded: CloseCode::POLICY,
            malformed: CloseCode::POLICY,
        }
    }
}

impl CloseCodes {
    /// Returns an error text for a code that must not be sent in a close frame, if there is one.
    pub(super) fn fault(&self) -> Option<String> {
        let Self {
            lagged,
            overloaded,
            incomplete,
            keepalive_timeout,
            idle_timeout,
            expired,
            not_receiving,
            rate_exceeded,
            malformed,
        } = *self;
        let named = [
            ("lagged", lagged),
            ("overloaded", overloaded),
            ("incomplete", incomplete),
            ("keepalive_timeout", keepalive_timeout),
            ("idle_timeout", idle_timeout),
            ("expired", expired),
            ("not_receiving", not_receiving),
            ("rate_exceeded", rate_exceeded),
            ("malformed", malformed),
        ];
        let (name, code) = named.into_iter().find(|(_, code)| !CloseCode::is_sendable(*code))?;
        Some(format!(
            "`close_codes.{name}` is {code}, which must not be sent in a close frame: use one of 4000 to 4999"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_must_not_be_sent_is_named() {
        assert_eq!(CloseCodes::default().fault(), None);
        let codes = CloseCodes::default().expired(1006);
        assert!(codes.fault().is_some_and(|fault| fault.contains("`close_codes.expired` is 1006")));
    }
}

/// Close codes of [RFC 6455, section 7.4](https://www.rfc-editor.org/rfc/rfc6455#section-7.4) and
/// of the IANA registry, as plain numbers. 4000 to 4999 are free for applications.
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
/// 1012 to 1014 are younger than the RFC, and some clients take them for a violation. As seen in
/// November 2026:
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
/// 1000 to 1003, 1007 to 1011 and 3000 to 4999 arrive as sent in all others.
/// [`CloseCodes`](crate::websocket::CloseCodes) sets the codes of the ends that this side starts,
/// [`DrainConfig::frame`](crate::DrainConfig::frame) that of a drain.
#[derive(Debug, Clone, Copy)]
pub enum CloseCode {}

impl CloseCode {
    /// 1000: the purpose of the connection is fulfilled.
    pub const NORMAL: u16 = 1000;
    /// 1001: the endpoint goes away: the server stops, or the user leaves the page.
    pub const GOING_AWAY: u16 = 1001;
    /// 1002: the peer broke the protocol.
    pub const PROTOCOL: u16 = 1002;
    /// 1003: the endpoint does not accept this kind of data.
    pub const UNSUPPORTED: u16 = 1003;
    /// 1007: the data does not match the type of the message, such as text that is not UTF-8.
    pub const INVALID_DATA: u16 = 1007;
    /// 1008: the peer broke a rule of the application.
    pub const POLICY: u16 = 1008;
    /// 1009: a message is too big.
    pub const TOO_BIG: u16 = 1009;
    /// 1010: an extension that the client needs was not negotiated.
    pub const EXTENSION_REQUIRED: u16 = 1010;
    /// 1011: the server met an unexpected condition.
    pub const INTERNAL_ERROR: u16 = 1011;
    /// 1012: the service restarts: come back, after a random pause.
    pub const RESTART: u16 = 1012;
    /// 1013: the service is overloaded: come back later.
    pub const TRY_AGAIN_LATER: u16 = 1013;
    /// 1014: a gateway received an invalid response.
    pub const BAD_GATEWAY: u16 = 1014;
    /// 3000: not authenticated.
    pub const UNAUTHORIZED: u16 = 3000;
    /// 3003: authenticated, but not allowed.
    pub const FORBIDDEN: u16 = 3003;
    /// 3008: something took too long.
    pub const TIMEOUT: u16 = 3008;

    /// Returns true if a code may stand in a close frame. 1004, 1005, 1006, 1015 and undefined
    /// codes may not.
    pub(crate) fn is_sendable(code: u16) -> bool {
        matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
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
}

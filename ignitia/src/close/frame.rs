use std::fmt;

use axum_core::response::{IntoResponse, Response};

/// Maximum length of a close reason in bytes: a control frame holds 125, of which the code takes
/// two ([RFC 6455, section 5.5](https://www.rfc-editor.org/rfc/rfc6455#section-5.5)).
pub(crate) const MAX_REASON: usize = 123;

/// A close frame: a code and a reason.
///
/// A handler that returns one ends its session with exactly this code and reason.
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
    /// Close code: see [`CloseCode`](crate::websocket::CloseCode).
    pub code: u16,
    /// Reason, a text for logs and developers, of at most 123 bytes of UTF-8. A longer one is
    /// truncated at a character boundary on sending.
    pub reason: String,
}

impl CloseFrame {
    /// Returns the reason, truncated to the length that fits into a frame.
    pub(crate) fn reason_on_the_wire(&self) -> &str {
        truncate_at_char(&self.reason, MAX_REASON)
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

/// Turns the frame into a 200 with an empty body, which carries it in its extensions.
impl IntoResponse for CloseFrame {
    fn into_response(self) -> Response {
        let mut response = Response::default();
        response.extensions_mut().insert(self);
        response
    }
}

/// Returns the longest prefix of `text` that has at most `max` bytes and ends at a character
/// boundary.
pub(crate) fn truncate_at_char(text: &str, max: usize) -> &str {
    let mut end = max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_cut_on_a_character_boundary() {
        let frame = CloseFrame { code: 1000, reason: format!("{}é", "x".repeat(122)) };
        assert_eq!(frame.reason_on_the_wire(), "x".repeat(122));
        let fits = CloseFrame { code: 1000, reason: format!("{}é", "x".repeat(121)) };
        assert_eq!(fits.reason_on_the_wire().len(), 123);
    }
}

//! Header fields that must have exactly one line.

use http::{HeaderMap, HeaderName, HeaderValue, header::SEC_WEBSOCKET_VERSION};

/// Returns a header value for text that is base64 or came from a header.
pub(super) fn to_value(value: &str) -> HeaderValue {
    HeaderValue::from_str(value).expect("base64 and what came from a header are header values")
}

/// Returns true if the client speaks version 13, the one of RFC 6455.
pub(super) fn is_version_13(headers: &HeaderMap) -> bool {
    single(headers, SEC_WEBSOCKET_VERSION).is_some_and(|version| version == "13")
}

/// Returns the value of a header that must have exactly one line.
pub(super) fn single(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut lines = headers.get_all(name).iter();
    let line = lines.next()?;
    lines.next().is_none().then(|| line.to_str().ok())?
}

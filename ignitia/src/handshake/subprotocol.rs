use http::{HeaderMap, header::SEC_WEBSOCKET_PROTOCOL};

use super::{elements, rejection::Rejection};

/// The first of the server's subprotocols that the client offers. What was not offered is never selected, and an
/// offer that the server does not know is no error: the client decides whether it can do without.
///
/// # Errors
///
/// An offer that is no list of different tokens (RFC 6455, section 4.1, requirement 10).
pub(super) fn select(headers: &HeaderMap, supported: &[String]) -> Result<Option<String>, Rejection> {
    let mut lines = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter().peekable();
    if lines.peek().is_none() {
        return Ok(None);
    }
    if lines.any(|line| line.to_str().is_err()) {
        return Err(Rejection::InvalidSubprotocols);
    }
    let offered: Vec<&str> = elements(headers, &SEC_WEBSOCKET_PROTOCOL).collect();
    for (position, name) in offered.iter().enumerate() {
        if !is_token(name) || offered[..position].contains(name) {
            return Err(Rejection::InvalidSubprotocols);
        }
    }
    Ok(supported.iter().find(|name| offered.contains(&name.as_str())).cloned())
}

/// A token as of RFC 9110, section 5.6.2.
pub(crate) fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn offer(lines: &[&str], supported: &[&str]) -> Result<Option<String>, Rejection> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_str(line).expect("a header value"));
        }
        let supported: Vec<String> = supported.iter().map(|name| (*name).to_owned()).collect();
        select(&headers, &supported)
    }

    #[test]
    fn the_server_prefers() {
        assert_eq!(offer(&["chat.v1, chat.v2"], &["chat.v2", "chat.v1"]), Ok(Some("chat.v2".into())));
        assert_eq!(offer(&["chat.v1", "chat.v2"], &["chat.v2"]), Ok(Some("chat.v2".into())));
    }

    #[test]
    fn nothing_is_echoed_unasked() {
        assert_eq!(offer(&["chat.v1"], &[]), Ok(None));
        assert_eq!(offer(&[], &["chat.v1"]), Ok(None));
        assert_eq!(offer(&["Chat.v1"], &["chat.v1"]), Ok(None));
    }

    #[test]
    fn a_broken_offer_is_refused() {
        for lines in [&["a,,b"][..], &["a b"], &["a, a"], &[""], &["a", "a"]] {
            assert_eq!(offer(lines, &["a"]), Err(Rejection::InvalidSubprotocols), "{lines:?}");
        }
    }
}

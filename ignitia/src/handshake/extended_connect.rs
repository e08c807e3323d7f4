//! The extended CONNECT of HTTP/2: [RFC 8441, section 5](https://www.rfc-editor.org/rfc/rfc8441#section-5). There is no key
//! to prove anything with, and nothing to switch: the stream itself becomes the connection.

use http::{Method, request::Parts};

use super::{Rejection, is_version_13};

pub(super) fn check(parts: &Parts, protocol: Option<&str>) -> Result<(), Rejection> {
    if parts.method != Method::CONNECT {
        return Err(Rejection::ConnectRequired);
    }
    match protocol {
        Some(protocol) if protocol.eq_ignore_ascii_case("websocket") => {}
        Some(_) => return Err(Rejection::UnknownProtocol),
        // A tunnel to somewhere else.
        None => return Err(Rejection::ConnectRequired),
    }
    if is_version_13(&parts.headers) { Ok(()) } else { Err(Rejection::UnsupportedVersion { http2: true }) }
}

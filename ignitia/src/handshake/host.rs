//! Host that a request is for.

use http::{Version, header::HOST, request::Parts, uri::Authority};

use super::headers::single;

/// Returns the host that the client asks for: that of an absolute target or of `:authority`,
/// otherwise that of the `Host` line.
///
/// A request over HTTP/1.1 has exactly one valid `Host` line, even if its target is absolute ([RFC
/// 9112, section 3.2](https://www.rfc-editor.org/rfc/rfc9112#section-3.2)). One over HTTP/2 may
/// have none beside its `:authority`, but not another host ([RFC 9113, section
/// 8.3.1](https://www.rfc-editor.org/rfc/rfc9113#section-8.3.1)).
pub(super) fn host(parts: &Parts) -> Option<Authority> {
    let target = parts.uri.authority();
    let is_http2 = parts.version == Version::HTTP_2;
    if is_http2 && !parts.headers.contains_key(HOST) {
        return target.filter(|target| is_plain(target)).cloned();
    }
    let line: Authority = single(&parts.headers, HOST)?.parse().ok().filter(is_plain)?;
    match target {
        None => Some(line),
        Some(target) if !is_plain(target) => None,
        Some(target) if is_http2 && !target.host().eq_ignore_ascii_case(line.host()) => None,
        Some(target) => Some(target.clone()),
    }
}

/// Returns true for a host with or without a port, and without a user.
pub(super) fn is_plain(authority: &Authority) -> bool {
    let host = authority.host();
    let is_port = |port: &str| port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok();
    !host.is_empty()
        && match authority.as_str().strip_prefix(host) {
            Some("" | ":") => true,
            Some(rest) => rest.strip_prefix(':').is_some_and(is_port),
            None => false,
        }
}

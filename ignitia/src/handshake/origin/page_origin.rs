use std::net::Ipv6Addr;

use crate::handshake::byte_set::ByteSet;

const SCHEME_BYTES: ByteSet = ByteSet::alphanumeric_and(b"+-.");
/// Bytes of a host that is no address of IPv6.
const HOST_BYTES: ByteSet = ByteSet::alphanumeric_and(b"!$%&'()+-.=_~");

/// Origin of a page as in an `Origin` header, with any scheme: [RFC 6454, section
/// 6.2](https://www.rfc-editor.org/rfc/rfc6454#section-6.2).
#[derive(Debug, Clone, Copy)]
pub(super) struct PageOrigin<'a> {
    pub(super) scheme: &'a str,
    pub(super) host: &'a str,
    /// The default port of the scheme, unless one is written.
    pub(super) port: Option<u16>,
}

impl<'a> PageOrigin<'a> {
    /// Parses an origin; `None` if the text has anything else in it, such as a path or a user.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        // A scheme has no colon, so the first one ends it.
        let (scheme, rest) = text.split_at(text.bytes().position(|byte| byte == b':')?);
        let rest = rest.strip_prefix("://").filter(|_| is_scheme(scheme))?;
        let (host, port) = split(rest)?;
        let default_port = default_port(scheme);
        let port = match port {
            Some(port) => Some(parse_port(port)?),
            None => default_port,
        };
        let is_good = is_host(host) && (!host.is_empty() || default_port.is_none() && port.is_none());
        is_good.then_some(Self { scheme, host, port })
    }

    /// Returns true for `https` and false for `http`; `None` for other schemes.
    pub(super) fn is_tls(&self) -> Option<bool> {
        match () {
            () if self.scheme.eq_ignore_ascii_case("https") => Some(true),
            () if self.scheme.eq_ignore_ascii_case("http") => Some(false),
            () => None,
        }
    }
}

/// Returns true for a scheme: RFC 3986, section 3.1.
pub(super) fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic()) && SCHEME_BYTES.has_all(text)
}

/// Splits an authority into its host and the text after the colon.
pub(super) fn split(authority: &str) -> Option<(&str, Option<&str>)> {
    let end = match authority.strip_prefix('[') {
        Some(rest) => 1 + rest.find(']')? + 1,
        None => authority.bytes().position(|byte| byte == b':').unwrap_or(authority.len()),
    };
    let (host, rest) = authority.split_at(end);
    match rest.strip_prefix(':') {
        Some(port) => Some((host, Some(port))),
        None => rest.is_empty().then_some((host, None)),
    }
}

pub(super) fn parse_port(text: &str) -> Option<u16> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Returns true if this can be the host of some scheme: an address, a name, or the name that an
/// application gives itself.
pub(super) fn is_host(text: &str) -> bool {
    match text.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').is_some_and(|addr| addr.parse::<Ipv6Addr>().is_ok()),
        None => HOST_BYTES.has_all(text),
    }
}

pub(super) fn default_port(scheme: &str) -> Option<u16> {
    match () {
        () if scheme.eq_ignore_ascii_case("https") => Some(443),
        () if scheme.eq_ignore_ascii_case("http") => Some(80),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_and_nothing_else() {
        for good in [
            "https://example.com",
            "HTTP://localhost:3000",
            "http://[::1]:8080",
            "capacitor://localhost",
            "chrome-extension://aapbdbdomjkkjkaonfhkkikfgjllcleb",
            "safari-web-extension://0A1B2C3D-0000-4000-8000-000000000000",
            "app://.",
            "file://",
        ] {
            assert!(PageOrigin::parse(good).is_some(), "{good}");
        }
        for wrong in [
            "null",
            "",
            "://",
            "https://",
            "http://:80",
            "localhost",
            "https://example.com/",
            "http://app.example/x",
            "https://example.com?x",
            "https://me@example.com",
            "https://example.com:",
            "https://example.com:+80",
            "https://example.com:65536",
            "https://a:b:1",
            "http://[::1",
            "http://[localhost]",
            "http://exa mple",
            "https://*.example.com",
            "1st://x",
            "https://b\u{fc}cher.example",
        ] {
            assert!(PageOrigin::parse(wrong).is_none(), "{wrong}");
        }
        assert!(PageOrigin::parse("https://a").is_some_and(|page| page.port == Some(443)));
        assert!(PageOrigin::parse("tauri://a").is_some_and(|page| page.port.is_none()));
    }
}

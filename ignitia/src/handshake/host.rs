//! Host that a request is for.

use std::borrow::Cow;

use http::{Version, header::HOST, request::Parts, uri::Authority};

use super::{byte_set::ByteSet, headers::single};

/// Length up to which a host is read without the general parser.
const SHORT: usize = 255;

/// Bytes of names and IPv4 addresses.
const NAME_BYTES: ByteSet = ByteSet::alphanumeric_and(b".-");

/// A host with or without a port, and without a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Host<'a> {
    text: Cow<'a, str>,
    /// Length of the name or address at the beginning of the text.
    name: usize,
    pub(super) port: Option<u16>,
}

impl<'a> Host<'a> {
    /// Parses the value of a header; `None` if it has anything else in it.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        Self::short(text).or_else(|| Self::of(&text.parse().ok()?))
    }

    /// Reads what almost every client sends: letters, digits, dots and dashes, and maybe a port.
    /// That is an authority without another look at it.
    fn short(text: &'a str) -> Option<Self> {
        let name = text.bytes().position(|byte| !NAME_BYTES.has(byte)).unwrap_or(text.len());
        let port = match text.as_bytes()[name..].split_first() {
            None => None,
            Some((b':', digits)) if digits.iter().all(u8::is_ascii_digit) => {
                Some(text[name + 1..].parse().ok()?)
            }
            Some(_) => return None,
        };
        (name > 0 && text.len() <= SHORT).then_some(Self { text: text.into(), name, port })
    }

    fn of(authority: &Authority) -> Option<Self> {
        let (text, host) = (authority.as_str(), authority.host());
        let is_port = |port: &str| port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok();
        let is_plain = match text.strip_prefix(host) {
            Some("" | ":") => true,
            Some(rest) => rest.strip_prefix(':').is_some_and(is_port),
            None => false,
        };
        let port = authority.port_u16();
        (is_plain && !host.is_empty()).then(|| Self { text: text.to_owned().into(), name: host.len(), port })
    }

    /// Returns the name or the address.
    pub(super) fn name(&self) -> &str {
        &self.text[..self.name]
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }
}

/// Returns the host that the client asks for: that of an absolute target or of `:authority`,
/// otherwise that of the `Host` line.
///
/// A request over HTTP/1.1 has exactly one valid `Host` line, even if its target is absolute ([RFC
/// 9112, section 3.2](https://www.rfc-editor.org/rfc/rfc9112#section-3.2)). One over HTTP/2 may
/// have none beside its `:authority`, but not another host ([RFC 9113, section
/// 8.3.1](https://www.rfc-editor.org/rfc/rfc9113#section-8.3.1)).
pub(super) fn host(parts: &Parts) -> Option<Host<'_>> {
    let target = parts.uri.authority();
    let is_http2 = parts.version == Version::HTTP_2;
    if is_http2 && !parts.headers.contains_key(HOST) {
        return Host::of(target?);
    }
    let line = Host::parse(single(&parts.headers, HOST)?)?;
    let Some(target) = target else { return Some(line) };
    let target = Host::of(target)?;
    (!is_http2 || target.name().eq_ignore_ascii_case(line.name())).then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The short way is no other grammar: it finds what the general parser finds.
    #[test]
    fn what_is_read_in_short_is_read_the_same() {
        for text in
            ["a", "example.com", "a-b.c", "127.0.0.1", "a:", "a:0", "a:80", "a:080", "a:65535", "a.:1"]
        {
            let general = Host::of(&text.parse().expect("an authority"));
            assert_eq!(Host::parse(text), general, "{text}");
            assert!(general.is_some(), "{text}");
            assert_eq!(Host::short(text).is_some(), !text.ends_with(':'), "{text}");
        }
        for text in ["[::1]", "[::1]:80", "a_b", "a~b"] {
            assert_eq!((Host::short(text), Host::parse(text).is_some()), (None, true), "{text}");
        }
        for text in ["", ":80", "a:65536", "a:+1", "a:1:2", "a@b", "a b", "a/", "[", "a:x"] {
            assert_eq!(Host::parse(text), None, "{text}");
        }
    }
}

//! Guard of a console that is for this machine only.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use http::{HeaderMap, header, request::Parts};

/// Headers that only proxies write: the request comes from elsewhere.
const OF_PROXIES: &[&str] = &["forwarded", "x-forwarded-for", "x-real-ip", "via"];

/// Returns true if a request comes from this machine, directly, and for one of its own names. Any
/// other name may be a foreign page's, which has it lead here (DNS rebinding).
pub(super) fn is_local(parts: &Parts) -> bool {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
    peer.is_some_and(|peer| peer.is_loopback())
        && !OF_PROXIES.iter().any(|name| parts.headers.contains_key(*name))
        && host(parts.uri.host(), &parts.headers).is_some_and(is_local_name)
}

/// Returns the host that was asked for, without its port.
fn host<'a>(authority: Option<&'a str>, headers: &'a HeaderMap) -> Option<&'a str> {
    let header = || {
        let host = headers.get(header::HOST)?.to_str().ok()?;
        // An IPv6 address is in brackets, and has colons of its own.
        Some(host.rsplit_once(':').filter(|(_, port)| !port.contains(']')).map_or(host, |(host, _)| host))
    };
    authority.or_else(header)
}

fn is_local_name(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || host.ends_with(".localhost") || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, Request};

    use super::*;

    fn is_local_request(peer: Option<&str>, host: &str, other: Option<&str>) -> bool {
        let (mut parts, ()) = Request::new(()).into_parts();
        if let Some(peer) = peer {
            parts.extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().expect("an address"), 9)));
        }
        parts.headers.insert(header::HOST, host.parse().expect("a header value"));
        if let Some(other) = other {
            parts
                .headers
                .insert(other.parse::<header::HeaderName>().expect("a name"), HeaderValue::from_static("x"));
        }
        is_local(&parts)
    }

    #[test]
    fn requests_of_this_machine() {
        for peer in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            for host in [
                "localhost",
                "localhost:3000",
                "LOCALHOST.:80",
                "app.localhost:1",
                "127.0.0.1:3000",
                "[::1]:3000",
                "[::1]",
            ] {
                assert!(is_local_request(Some(peer), host, None), "{peer} {host}");
            }
        }
    }

    #[test]
    fn requests_of_others() {
        for (peer, host, other) in [
            (None, "localhost", None),
            (Some("192.168.1.7"), "localhost", None),
            (Some("127.0.0.1"), "example.org", None),
            (Some("127.0.0.1"), "localhost.example.org", None),
            (Some("127.0.0.1"), "127.0.0.1.example.org:80", None),
            (Some("127.0.0.1"), "", None),
            (Some("127.0.0.1"), "localhost", Some("x-forwarded-for")),
            (Some("127.0.0.1"), "localhost", Some("forwarded")),
        ] {
            assert!(!is_local_request(peer, host, other), "{peer:?} {host} {other:?}");
        }
    }
}

//! Source of a request: the client's address, and the scheme and host that trusted proxies report.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use http::{Extensions, HeaderMap, HeaderName, header::FORWARDED};

use super::trusted_proxies::{ProxyHeader, TrustedProxies};
use crate::forwarded::{X_FORWARDED_HOST, elements_from_right, parameter};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Maximum number of hops that are read: more proxies than any deployment has in a row.
const MAX_HOPS: usize = 64;

/// Source of a request, as far as it is known and trusted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct RequestSource<'a> {
    /// The client's address.
    pub(crate) peer: Option<IpAddr>,
    /// The client's request as the proxies report it, if it came through trusted ones.
    pub(crate) proxied: Option<ProxiedRequest<'a>>,
}

/// Request of the client to the outermost trusted proxy.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ProxiedRequest<'a> {
    /// True if the client used TLS; `None` if no proxy reports the scheme.
    pub(crate) is_tls: Option<bool>,
    /// Host that the client asked for, if the proxies are trusted on it.
    pub(crate) host: Option<&'a str>,
}

impl<'a> RequestSource<'a> {
    /// Reads the source out of the extensions (the socket's address, [`TrustedProxies`]) and the
    /// headers.
    pub(crate) fn of(extensions: &Extensions, headers: &'a HeaderMap) -> Self {
        let socket = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
        match extensions.get::<TrustedProxies>() {
            Some(proxies) if proxies.apply_to(socket) => Self::behind_proxies(proxies, socket, headers),
            _ => Self { peer: socket, proxied: None },
        }
    }

    fn behind_proxies(proxies: &TrustedProxies, socket: Option<IpAddr>, headers: &'a HeaderMap) -> Self {
        let header = proxies.proxy_header();
        let (mut peer, mut position, mut last) = (socket, 0, None);
        for element in forwarded_hops(headers, header).take(MAX_HOPS) {
            (position, last) = (position + 1, Some(element));
            // Nothing beyond an unreadable element can be trusted: the proxy that wrote it stands
            // for the client.
            let Some(addr) = node(element, header).and_then(address) else { break };
            peer = Some(addr);
            if !proxies.is_proxy(addr, position) {
                break;
            }
        }
        let reported = |name: &str, x_name: &HeaderName| match header {
            ProxyHeader::Forwarded => parameter(last?, name),
            ProxyHeader::XForwardedFor => value_at(headers, x_name, position.max(1)),
        };
        let is_tls = reported("proto", &X_FORWARDED_PROTO).and_then(is_tls);
        let host = proxies.trusts_host().then(|| reported("host", &X_FORWARDED_HOST)).flatten();
        Self { peer, proxied: Some(ProxiedRequest { is_tls, host }) }
    }
}

/// Returns the elements of the proxies' header, the nearest hop first.
fn forwarded_hops(headers: &HeaderMap, header: ProxyHeader) -> impl Iterator<Item = &[u8]> {
    let (name, quotes) = match header {
        ProxyHeader::XForwardedFor => (X_FORWARDED_FOR, false),
        ProxyHeader::Forwarded => (FORWARDED, true),
    };
    elements_from_right(headers, &name, quotes)
}

/// Returns the value at this position from the right, or the leftmost one if there are fewer: many
/// proxies write a single value for all hops.
fn value_at<'a>(headers: &'a HeaderMap, name: &HeaderName, position: usize) -> Option<&'a str> {
    let value = elements_from_right(headers, name, false).take(position).last()?;
    str::from_utf8(value).ok().map(str::trim)
}

fn is_tls(scheme: &str) -> Option<bool> {
    let is = |names: [&str; 2]| names.iter().any(|name| scheme.eq_ignore_ascii_case(name));
    match () {
        () if is(["https", "wss"]) => Some(true),
        () if is(["http", "ws"]) => Some(false),
        () => None,
    }
}

/// Returns the node's name in an element of the header.
fn node(element: &[u8], header: ProxyHeader) -> Option<&str> {
    match header {
        ProxyHeader::XForwardedFor => str::from_utf8(element).ok().map(str::trim),
        ProxyHeader::Forwarded => parameter(element, "for"),
    }
}

/// Parses an address with or without port, with or without brackets.
fn address(node: &str) -> Option<IpAddr> {
    let bracketed = || node.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || node.parse().ok().map(|addr: SocketAddr| addr.ip());
    let addr: Option<IpAddr> = node.parse().ok().or_else(with_port).or_else(bracketed);
    addr.map(|addr| addr.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    /// Trusts `10.0.0.0/8` and `::1`.
    fn named() -> TrustedProxies {
        let networks = ["10.0.0.0/8", "::1/128"].map(|network| network.parse().expect("a network"));
        TrustedProxies::networks(networks).host(true)
    }

    fn request(socket: &str, proxies: &TrustedProxies, lines: &[(&str, &str)]) -> (Extensions, HeaderMap) {
        let mut extensions = Extensions::new();
        if let Ok(addr) = socket.parse::<SocketAddr>() {
            extensions.insert(ConnectInfo(addr));
        }
        extensions.insert(proxies.clone());
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            let value = HeaderValue::from_bytes(value.as_bytes()).expect("a header value");
            headers.append(name.parse::<HeaderName>().expect("a name"), value);
        }
        (extensions, headers)
    }

    fn peer(socket: &str, proxies: &TrustedProxies, lines: &[(&str, &str)]) -> String {
        let (extensions, headers) = request(socket, proxies, lines);
        RequestSource::of(&extensions, &headers).peer.map_or("nobody".into(), |addr| addr.to_string())
    }

    fn xff(socket: &str, lines: &[&str]) -> String {
        let lines: Vec<_> = lines.iter().map(|line| ("x-forwarded-for", *line)).collect();
        peer(socket, &named(), &lines)
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(xff("192.0.2.9:1", &["198.51.100.1"]), "192.0.2.9");
        assert_eq!(xff("10.0.0.1:1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(xff("10.0.0.1:1", &["203.0.113.7, 198.51.100.1 , 10.0.0.2"]), "198.51.100.1");
        assert_eq!(xff("10.0.0.1:1", &["203.0.113.7", "198.51.100.1,10.0.0.2"]), "198.51.100.1");
        assert_eq!(xff("[::1]:1", &["198.51.100.1:4711"]), "198.51.100.1");
        assert_eq!(xff("[::ffff:10.0.0.1]:1", &["::ffff:198.51.100.1"]), "198.51.100.1");
        assert_eq!(xff("nobody says", &["198.51.100.1"]), "nobody");
    }

    #[test]
    fn what_cannot_be_read_is_the_proxys_own() {
        for lines in [
            &[][..],
            &["unknown"],
            &[""],
            &["198.51.100.1, nonsense"],
            &["198.51.100.1, 10.0.0.1, x"],
            &["198.51.100.1,"],
        ] {
            assert_eq!(xff("10.0.0.1:1", lines), "10.0.0.1", "{lines:?}");
        }
        assert_eq!(xff("10.0.0.1:1", &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
        assert_eq!(xff("10.0.0.1:1", &["x, 10.0.0.2"]), "10.0.0.2");
        assert_eq!(xff("10.0.0.1:1", &["J\u{f6}rg, 198.51.100.1"]), "198.51.100.1", "its neighbour is text");
    }

    #[test]
    fn a_network_of_mapped_addresses_is_one_of_ipv4() {
        let proxies = TrustedProxies::networks(["::ffff:10.0.0.0/104".parse().expect("a network")]);
        assert_eq!(peer("10.9.9.9:1", &proxies, &[("x-forwarded-for", "192.0.2.1")]), "192.0.2.1");
        assert_eq!(peer("11.9.9.9:1", &proxies, &[("x-forwarded-for", "192.0.2.1")]), "11.9.9.9");
    }

    #[test]
    fn proxies_by_number() {
        let line = [("x-forwarded-for", "203.0.113.7, 198.51.100.1, 192.0.2.2")];
        for (hops, expected) in
            [(0, "192.0.2.9"), (1, "192.0.2.2"), (2, "198.51.100.1"), (3, "203.0.113.7"), (9, "203.0.113.7")]
        {
            assert_eq!(peer("192.0.2.9:1", &TrustedProxies::hops(hops), &line), expected, "{hops}");
        }
        assert_eq!(peer("no address", &TrustedProxies::hops(1), &line), "192.0.2.2", "over a Unix socket");
        assert_eq!(peer("192.0.2.9:1", &TrustedProxies::hops(2), &[]), "192.0.2.9");
        let broken = [("x-forwarded-for", "203.0.113.7, x, 192.0.2.2")];
        assert_eq!(peer("192.0.2.9:1", &TrustedProxies::hops(3), &broken), "192.0.2.2");
    }

    #[test]
    fn forwarded() {
        let proxies = named().header(ProxyHeader::Forwarded);
        for line in [
            "for=198.51.100.1",
            "proto=https;FOR=\"198.51.100.1:4711\";by=10.0.0.1",
            "for=_x, for=198.51.100.1",
            // A proxy that copies what a client has made up.
            "for=198.51.100.1;host=\"a,for=6.6.6.6\"",
            "for=198.51.100.1;host=\"a;for=6.6.6.6\"",
            "for=\"6.6.6.6, for=198.51.100.1",
        ] {
            assert_eq!(peer("10.0.0.1:1", &proxies, &[("forwarded", line)]), "198.51.100.1", "{line}");
        }
        for (line, expected) in [
            ("for=\"[2001:db8:1:2:3::4]:80\"", "2001:db8:1:2:3::4"),
            ("for=\"[2001:db8:1:2:3::4]\"", "2001:db8:1:2:3::4"),
            ("by=10.0.0.2", "10.0.0.1"),
            ("for=198.51.100.1;for=198.51.100.2", "10.0.0.1"),
        ] {
            assert_eq!(peer("10.0.0.1:1", &proxies, &[("forwarded", line)]), expected, "{line}");
        }
    }

    #[test]
    fn scheme_and_host_are_those_of_the_outermost_proxy() {
        let reported = |socket: &str, proxies: &TrustedProxies, lines: &[(&str, &str)]| {
            let (extensions, headers) = request(socket, proxies, lines);
            let source = RequestSource::of(&extensions, &headers);
            source.proxied.map(|proxied| (proxied.is_tls, proxied.host.map(str::to_owned)))
        };
        let own = |host: &str| Some(host.to_owned());
        let x = [
            ("x-forwarded-for", "198.51.100.1, 10.0.0.2"),
            ("x-forwarded-proto", "https, http"),
            ("x-forwarded-host", "app.example"),
        ];
        assert_eq!(reported("10.0.0.1:1", &named(), &x), Some((Some(true), own("app.example"))));
        assert_eq!(reported("10.0.0.1:1", &named().host(false), &x), Some((Some(true), None)));
        assert_eq!(reported("192.0.2.1:1", &named(), &x), None);
        assert_eq!(reported("10.0.0.1:1", &named(), &[]), Some((None, None)));
        assert_eq!(
            reported("10.0.0.1:1", &named(), &[("x-forwarded-proto", "WSS")]),
            Some((Some(true), None))
        );
        let line = "for=x;proto=http;host=evil, for=198.51.100.1;proto=https;host=\"app.example:8443\", for=10.0.0.2;proto=http";
        let proxies = named().header(ProxyHeader::Forwarded);
        let found = reported("10.0.0.1:1", &proxies, &[("forwarded", line), ("x-forwarded-proto", "http")]);
        assert_eq!(found, Some((Some(true), own("app.example:8443"))));
    }

    /// Reads no more hops of a list than there can be proxies, and none of them twice.
    #[test]
    fn a_list_without_end_is_read_as_far_as_it_counts() {
        let mut headers = HeaderMap::new();
        let hops = "10.0.0.2,".repeat(7_000) + "10.0.0.2";
        headers.insert(X_FORWARDED_FOR, HeaderValue::from_str(&hops).expect("a value"));
        let looked_at = std::cell::Cell::new(0);
        let counted = forwarded_hops(&headers, ProxyHeader::XForwardedFor)
            .inspect(|_| looked_at.set(looked_at.get() + 1));
        assert_eq!((counted.take(MAX_HOPS).count(), looked_at.get()), (MAX_HOPS, MAX_HOPS));
        assert_eq!(xff("10.0.0.1:1", &["10.0.0.2,".repeat(200).trim_end_matches(',')]), "10.0.0.2");
        let quotes = "\\\"".repeat(30_000);
        headers.insert(FORWARDED, HeaderValue::from_str(&quotes).expect("a value"));
        assert_eq!(forwarded_hops(&headers, ProxyHeader::Forwarded).count(), 1);
    }
}

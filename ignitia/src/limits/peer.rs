//! Where a request comes from.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::ConnectInfo;
use http::{HeaderMap, header::FORWARDED, request::Parts};

use super::Limits;

/// Where a trusted proxy writes whom it speaks for. It must be the one header that the proxies set: in the other one a
/// client may have written what it likes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProxyHeader {
    /// `X-Forwarded-For: 192.0.2.1, 198.51.100.2`
    #[default]
    XForwardedFor,
    /// `Forwarded: for=192.0.2.1, for="[2001:db8::1]:4711"` (RFC 7239)
    Forwarded,
}

/// The peer as it is counted, if the server says where the request comes from.
pub(super) fn of(parts: &Parts, limits: &Limits) -> Option<IpAddr> {
    let ConnectInfo(socket) = parts.extensions.get::<ConnectInfo<SocketAddr>>()?;
    let is_trusted = |addr: IpAddr| limits.trusted_proxies.iter().any(|network| network.contains(&addr));
    let mut peer = socket.ip().to_canonical();
    if is_trusted(peer) {
        for hop in hops(&parts.headers, limits.proxy_header).iter().rev() {
            // Behind what cannot be read nothing can be believed: the proxy that wrote it stands for it.
            let Some(hop) = hop else { break };
            peer = *hop;
            if !is_trusted(peer) {
                break;
            }
        }
    }
    Some(network(peer))
}

/// What one subscriber is given.
fn network(addr: IpAddr) -> IpAddr {
    match addr {
        IpAddr::V4(_) => addr,
        IpAddr::V6(addr) => Ipv6Addr::from_bits(addr.to_bits() & (u128::MAX << 64)).into(),
    }
}

/// The hops of a request, the nearest one last; `None` for what is no address.
fn hops(headers: &HeaderMap, header: ProxyHeader) -> Vec<Option<IpAddr>> {
    let lines = match header {
        ProxyHeader::XForwardedFor => headers.get_all("x-forwarded-for"),
        ProxyHeader::Forwarded => headers.get_all(FORWARDED),
    };
    let elements = lines.iter().flat_map(|line| match line.to_str() {
        Ok(line) => line.split(',').map(Some).collect(),
        Err(_) => vec![None],
    });
    elements.map(|element| address(named(element?, header)?)).collect()
}

/// The node's name in a list element.
fn named(element: &str, header: ProxyHeader) -> Option<&str> {
    match header {
        ProxyHeader::XForwardedFor => Some(element.trim()),
        ProxyHeader::Forwarded => element.split(';').find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            name.trim().eq_ignore_ascii_case("for").then(|| value.trim().trim_matches('"'))
        }),
    }
}

/// An address with or without port, with or without brackets.
fn address(node: &str) -> Option<IpAddr> {
    let bracketed = || node.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || node.parse().ok().map(|addr: SocketAddr| addr.ip());
    let addr: Option<IpAddr> = node.parse().ok().or_else(with_port).or_else(bracketed);
    addr.map(|addr| addr.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn peer(socket: &str, header: ProxyHeader, lines: &[&str]) -> String {
        let name = match header {
            ProxyHeader::XForwardedFor => "x-forwarded-for",
            ProxyHeader::Forwarded => "forwarded",
        };
        let addr: SocketAddr = socket.parse().expect("an address");
        let request = lines.iter().fold(Request::builder().extension(ConnectInfo(addr)), |request, line| {
            request.header(name, *line)
        });
        let limits = Limits {
            trusted_proxies: vec!["10.0.0.0/8".parse().expect("a network"), "::1/128".parse().expect("one")],
            proxy_header: header,
            ..Default::default()
        };
        of(&request.body(()).expect("a request").into_parts().0, &limits).expect("a peer").to_string()
    }

    #[test]
    fn nobodys_word_counts_but_that_of_trusted_proxies() {
        let xff = ProxyHeader::XForwardedFor;
        assert_eq!(peer("192.0.2.9:1", xff, &["198.51.100.1"]), "192.0.2.9");
        assert_eq!(peer("10.0.0.1:1", xff, &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(peer("10.0.0.1:1", xff, &["203.0.113.7, 198.51.100.1 , 10.0.0.2"]), "198.51.100.1");
        assert_eq!(peer("10.0.0.1:1", xff, &["203.0.113.7", "198.51.100.1,10.0.0.2"]), "198.51.100.1");
        assert_eq!(peer("[::1]:1", xff, &["198.51.100.1:4711"]), "198.51.100.1");
        assert_eq!(peer("[::ffff:10.0.0.1]:1", xff, &["::ffff:198.51.100.1"]), "198.51.100.1");
    }

    #[test]
    fn what_cannot_be_read_is_the_proxys_own() {
        let xff = ProxyHeader::XForwardedFor;
        for lines in
            [&[][..], &["unknown"], &[""], &["198.51.100.1, nonsense"], &["198.51.100.1, 10.0.0.1, x"]]
        {
            assert_eq!(peer("10.0.0.1:1", xff, lines), "10.0.0.1", "{lines:?}");
        }
        assert_eq!(peer("10.0.0.1:1", xff, &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
        assert_eq!(peer("10.0.0.1:1", xff, &["x, 10.0.0.2"]), "10.0.0.2");
    }

    #[test]
    fn forwarded() {
        let forwarded = ProxyHeader::Forwarded;
        for line in [
            "for=198.51.100.1",
            "proto=https;FOR=\"198.51.100.1:4711\";by=10.0.0.1",
            "for=_x, for=198.51.100.1",
        ] {
            assert_eq!(peer("10.0.0.1:1", forwarded, &[line]), "198.51.100.1", "{line}");
        }
        assert_eq!(peer("10.0.0.1:1", forwarded, &["for=\"[2001:db8:1:2:3::4]:80\""]), "2001:db8:1:2::");
        assert_eq!(peer("10.0.0.1:1", forwarded, &["for=\"[2001:db8:1:2:3::4]\""]), "2001:db8:1:2::");
        assert_eq!(peer("10.0.0.1:1", forwarded, &["by=10.0.0.2"]), "10.0.0.1");
    }
}

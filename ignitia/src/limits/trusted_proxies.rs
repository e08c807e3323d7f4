use std::net::IpAddr;

use ipnet::IpNet;

use super::networks;

/// Reverse proxies that are trusted: on the client's address, on the scheme that the client used
/// and, if [`host`](Self::host) says so, on the host that the client asked for.
///
/// A client can write every header that a proxy writes, so no proxy is trusted by default. Name
/// yours by their [`networks`](Self::networks) or, if their addresses are not known, by their
/// [number](Self::hops). Their headers are used for
///
/// - [`Limits::max_connections_per_peer`](super::Limits::max_connections_per_peer) and the
///   extractor [`Peer`](crate::Peer): the address of the client;
/// - [`Origin`](crate::websocket::Origin): the scheme, and with [`host`](Self::host) the host.
///
/// [`Router::trusted_proxies`](crate::Router::trusted_proxies) sets them for a router; in an
/// `axum::Router` the layer `axum::Extension(proxies)` does.
///
/// ```
/// use ignitia::{limits::{ProxyHeader, TrustedProxies}, prelude::*};
///
/// let networks = ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
/// let proxies = TrustedProxies::networks(networks);
/// let router = Router::new().trusted_proxies(proxies);
///
/// // Two proxies, a balancer of the provider's and our own, which write RFC 7239's header.
/// let proxies = TrustedProxies::hops(2).header(ProxyHeader::Forwarded);
/// ```
///
/// # What to switch on in the proxy
///
/// A proxy must *write* the header, by appending to it or by replacing it. A proxy that passes the
/// client's own header on lets clients choose their addresses, and a client with many addresses
/// escapes every limit. We found:
///
/// | proxy | `X-Forwarded-For` by default | to switch on |
/// |---|---|---|
/// | Apache 2.4 | written | |
/// | Caddy 2.11 | written, the client's own thrown away | |
/// | Envoy 1.40 | **the client's own passed on** | `use_remote_address: true` |
/// | h2o 2.2 | written | |
/// | HAProxy 2.6 | **the client's own passed on** | `option forwardfor` |
/// | http-proxy 1.18, http-proxy-3 2.0 | **the client's own passed on** | `xfwd: true` |
/// | lighttpd 1.4 | written | |
/// | mitmproxy 11 | **the client's own passed on** | there is nothing: do not trust it |
/// | nghttpx 1.52 | **the client's own passed on** | `--add-x-forwarded-for --strip-incoming-x-forwarded-for` |
/// | nginx 1.22 | **the client's own passed on** | `proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;` |
/// | Squid 5.7 | written | |
/// | Varnish 7.1 | written | |
///
/// For [`Origin`](crate::websocket::Origin) a proxy that terminates TLS has to write
/// `X-Forwarded-Proto` too. Where it does not by default: `proxy_set_header X-Forwarded-Proto
/// $scheme;` (nginx), `http-request set-header X-Forwarded-Proto https if { ssl_fc }` (HAProxy),
/// `RequestHeader set X-Forwarded-Proto https` (Apache). Without it the scheme counts as unknown.
/// The proxy also has to pass `Host` on, which nginx (`proxy_set_header Host $http_host;`), Apache
/// (`ProxyPreserveHost on`), h2o (`proxy.preserve-host: ON`), mitmproxy (`keep_host_header`), Caddy
/// to an https upstream and every proxy with a `changeOrigin` option do not do by default.
///
/// All proxies of a chain have to write the same header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedProxies {
    rule: TrustRule,
    header: ProxyHeader,
    host: bool,
}

/// Rule that says which hops are trusted proxies.
#[derive(Debug, Clone, PartialEq, Eq)]
enum TrustRule {
    Networks(Vec<IpNet>),
    Hops(usize),
}

/// Header in which trusted proxies report their client. It must be the one header that they set: in
/// the other one a client may have written anything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProxyHeader {
    /// `X-Forwarded-For: 192.0.2.1, 198.51.100.2`, and beside it `X-Forwarded-Proto` and
    /// `X-Forwarded-Host`.
    #[default]
    XForwardedFor,
    /// `Forwarded: for=192.0.2.1;proto=https;host=example.com, for="[2001:db8::1]:4711"`
    /// ([RFC 7239](https://www.rfc-editor.org/rfc/rfc7239)).
    Forwarded,
}

impl TrustedProxies {
    /// Trusts the proxies at these addresses. If the request comes from one of them, the client is
    /// the rightmost address in the header that is not one of theirs.
    pub fn networks(networks: impl IntoIterator<Item = IpNet>) -> Self {
        Self::new(TrustRule::Networks(networks.into_iter().collect()))
    }

    /// Trusts this number of proxies, wherever they are: the client is the `hops`-th address from
    /// the right of the header, or the leftmost if there are fewer. 0 trusts no proxy.
    ///
    /// A client that reaches the server past the proxies can choose the address that it appears to
    /// have, so let only the proxies reach the server.
    pub fn hops(hops: usize) -> Self {
        Self::new(TrustRule::Hops(hops))
    }

    /// Sets the header that the proxies write. Default [`ProxyHeader::XForwardedFor`].
    #[must_use]
    pub fn header(mut self, header: ProxyHeader) -> Self {
        self.header = header;
        self
    }

    /// Sets whether the proxies are trusted on the host that the client asked for, which helps if
    /// they put another one into `Host`. Default `false`: `Host` counts.
    #[must_use]
    pub fn host(mut self, is_trusted: bool) -> Self {
        self.host = is_trusted;
        self
    }

    fn new(rule: TrustRule) -> Self {
        Self { rule, header: ProxyHeader::default(), host: false }
    }

    pub(super) fn proxy_header(&self) -> ProxyHeader {
        self.header
    }

    pub(super) fn trusts_host(&self) -> bool {
        self.host
    }

    /// Returns true if the header of a request from this socket counts.
    pub(super) fn apply_to(&self, socket: Option<IpAddr>) -> bool {
        match &self.rule {
            TrustRule::Networks(_) => socket.is_some_and(|addr| self.is_proxy(addr, 0)),
            TrustRule::Hops(hops) => *hops > 0,
        }
    }

    /// Returns true if the address at this position from the right is a trusted proxy's, so that
    /// the next one counts.
    pub(super) fn is_proxy(&self, addr: IpAddr, position: usize) -> bool {
        match &self.rule {
            TrustRule::Networks(networks) => networks::contain(networks, addr),
            TrustRule::Hops(hops) => position < *hops,
        }
    }
}

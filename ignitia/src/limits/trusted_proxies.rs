use std::net::IpAddr;

use ipnet::IpNet;

use super::networks;

/// The reverse proxies whose word counts: on the address that a request comes from, on the scheme that the client has used, and,
/// where they are told to, on the host that it has asked for.
///
/// A client can write every header that a proxy writes. So nobody is believed by default, and the proxies are named: by their
/// [`networks`](Self::networks), or by their [number](Self::hops) where their addresses are not known. What they say is used for
///
/// - [`Limits::max_connections_per_peer`](super::Limits::max_connections_per_peer) and the extractor [`Peer`](crate::Peer): the
///   address of the client;
/// - [`Origin`](crate::websocket::Origin): the scheme, and with [`host`](Self::host) the host.
///
/// [`Router::trusted_proxies`](crate::Router::trusted_proxies) sets them; in an axum router of your own the layer
/// `axum::Extension(proxies)` does.
///
/// ```
/// use ignitia::{limits::{ProxyHeader, TrustedProxies}, prelude::*};
///
/// let proxies = TrustedProxies::networks(["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]);
/// let router = Router::new().trusted_proxies(proxies);
///
/// // Two proxies, a balancer of the provider's and our own, which write RFC 7239's header.
/// let proxies = TrustedProxies::hops(2).header(ProxyHeader::Forwarded);
/// ```
///
/// # What to switch on in the proxy
///
/// A proxy must *write* the header, behind what is there or in its place. One that passes the client's own on lets clients
/// choose their addresses, and whoever writes many of them is never limited. What was found:
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
/// For [`Origin`](crate::websocket::Origin) a proxy that ends TLS has to write `X-Forwarded-Proto` too, where it does not by itself:
/// `proxy_set_header X-Forwarded-Proto $scheme;` (nginx), `http-request set-header X-Forwarded-Proto https if { ssl_fc }` (HAProxy),
/// `RequestHeader set X-Forwarded-Proto https` (Apache). Without it the scheme counts as not known. And it has to pass `Host` on, which
/// nginx (`proxy_set_header Host $http_host;`), Apache (`ProxyPreserveHost on`), h2o (`proxy.preserve-host: ON`), mitmproxy
/// (`keep_host_header`), Caddy to an https upstream and whatever has a `changeOrigin` do not by themselves.
///
/// In a chain of proxies all of them have to write the same header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedProxies {
    who: Who,
    header: ProxyHeader,
    host: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Who {
    Networks(Vec<IpNet>),
    Hops(usize),
}

/// Where trusted proxies write whom they speak for. It must be the one header that they set: in the other one a client may have
/// written what it likes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProxyHeader {
    /// `X-Forwarded-For: 192.0.2.1, 198.51.100.2`, and beside it `X-Forwarded-Proto` and `X-Forwarded-Host`.
    #[default]
    XForwardedFor,
    /// `Forwarded: for=192.0.2.1;proto=https;host=example.com, for="[2001:db8::1]:4711"`
    /// ([RFC 7239](https://www.rfc-editor.org/rfc/rfc7239)).
    Forwarded,
}

impl TrustedProxies {
    /// The proxies at these addresses. If the request comes from one, the client is the rightmost address in the header that is none
    /// of theirs.
    pub fn networks(networks: impl IntoIterator<Item = IpNet>) -> Self {
        Self::new(Who::Networks(networks.into_iter().collect()))
    }

    /// So many proxies, wherever they are: the client is the `hops`-th address from the right of the header, or the leftmost if there
    /// are fewer. 0 trusts nobody.
    ///
    /// Whoever reaches the server past the proxies chooses the address it is taken for. So let nothing but the proxies reach it.
    pub fn hops(hops: usize) -> Self {
        Self::new(Who::Hops(hops))
    }

    /// Where they write it. Default [`ProxyHeader::XForwardedFor`].
    #[must_use]
    pub fn header(mut self, header: ProxyHeader) -> Self {
        self.header = header;
        self
    }

    /// Whether they are believed on the host that the client has asked for: for proxies that put another one into `Host`. Default
    /// `false`: `Host` counts.
    #[must_use]
    pub fn host(mut self, is_trusted: bool) -> Self {
        self.host = is_trusted;
        self
    }

    fn new(who: Who) -> Self {
        Self { who, header: ProxyHeader::default(), host: false }
    }

    pub(super) fn where_they_write(&self) -> ProxyHeader {
        self.header
    }

    pub(super) fn tell_the_host(&self) -> bool {
        self.host
    }

    /// Whether the header is to be looked at for what came from there.
    pub(super) fn count(&self, socket: Option<IpAddr>) -> bool {
        match &self.who {
            Who::Networks(_) => socket.is_some_and(|addr| self.goes_on_behind(addr, 0)),
            Who::Hops(hops) => *hops > 0,
        }
    }

    /// Whether this address, the so-manyth from the right, is a proxy's again, so that the next one counts.
    pub(super) fn goes_on_behind(&self, addr: IpAddr, position: usize) -> bool {
        match &self.who {
            Who::Networks(networks) => networks::contain(networks, addr),
            Who::Hops(hops) => position < *hops,
        }
    }
}

//! Check of the `Origin` header, which protects browsers' users from cross-site WebSocket
//! hijacking.

mod allowed;
mod forwarded_host;
mod origin_pattern;
mod page_origin;
mod predicate;

use std::sync::Arc;

use http::{HeaderMap, header::ORIGIN};

pub use self::{allowed::AllowedOrigins, predicate::OriginPredicate};
use self::{
    forwarded_host::is_forwarded_host,
    page_origin::{PageOrigin, default_port},
};
use super::{host::Host, rejection::Rejection, transport_security::TransportSecurity};

/// Maximum number of bytes of an origin that are logged.
const LOGGED: usize = 200;

/// Rule that says which pages may open a WebSocket.
///
/// Browsers send cookies with every connection that a page opens, so a foreign page could act in
/// the name of your users (cross-site WebSocket hijacking). The `Origin` header that every browser
/// sends protects against it ([RFC 6455, section
/// 10.2](https://www.rfc-editor.org/rfc/rfc6455#section-10.2)). Clients that are not browsers send
/// none and are let through. `null` (files, sandboxed frames) counts as foreign unless it is
/// listed. A foreign origin gets a 403.
///
/// ```
/// use ignitia::websocket::{Origin, WebSocketConfig};
///
/// let config = WebSocketConfig::default()
///     .origin(Origin::allow([ "https://app.example.com", "https://*.preview.example.com", "capacitor://localhost", ]));
/// // The pages of the server itself, and an application that says so in its own way.
/// let config = WebSocketConfig::default()
///     .origin(Origin::SameHost .or(Origin::when(|origin| origin.starts_with("chrome-extension://"))));
/// ```
///
/// # Behind a reverse proxy
///
/// A proxy that terminates TLS speaks plain HTTP to the server, and some proxies replace the
/// client's `Host` by their own. Let the proxy pass `Host` on, and name it in
/// [`TrustedProxies`](crate::limits::TrustedProxies): then the scheme is the one that the proxy
/// reports and, if you say so, the host too. Or list your origins, which needs neither.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Origin {
    /// Pages from the host that the request is for, on any port (as for cookies). Over TLS, pages
    /// that came over plain HTTP are foreign. The default.
    #[default]
    SameHost,
    /// Pages from exactly this scheme, host and port. Our own server knows the scheme, unless a
    /// proxy terminates TLS before it: then every page over https is refused, until
    /// [`TrustedProxies`](crate::limits::TrustedProxies) names the proxy. With other servers the
    /// scheme is unknown, and the page's is taken for it.
    SameOrigin,
    /// These origins and no others: see [`Origin::allow`].
    Allow(AllowedOrigins),
    /// Origins that a function accepts: see [`Origin::when`].
    When(OriginPredicate),
    /// Pages that at least one of several rules accepts: see [`Origin::or`].
    Either(Vec<Origin>),
    /// Every page: for endpoints that authenticate their users by something that browsers do not
    /// send by themselves.
    Any,
}

impl Origin {
    /// [`Origin::Allow`]: these origins and no others.
    ///
    /// Each is written `scheme://host` or `scheme://host:port`, with nothing after it. Scheme and
    /// host may be in any case; the default port of `http` and `https` is optional. Any scheme may
    /// be listed: `capacitor://localhost`, `tauri://localhost`, `chrome-extension://` and the id,
    /// `file://`. A name beyond ASCII is written as browsers send it, in punycode (`xn--..`). Files
    /// and sandboxed frames send `null`: it allows those of every site.
    ///
    /// `https://*.example.com` stands for exactly one label, as in a certificate:
    /// `https://app.example.com`, but neither `https://example.com` nor `https://a.b.example.com`.
    ///
    /// An origin that can never match (it has a path, no scheme, a misplaced wildcard, an invalid
    /// name) is an error when the configuration comes to a router:
    /// [`Router::into_axum`](crate::Router::into_axum) and [`Server::bind`](crate::Server::bind)
    /// report it. The methods of [`RouterExt`](crate::RouterExt), which cannot, panic, as axum does
    /// for a malformed path.
    pub fn allow<I>(origins: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self::Allow(AllowedOrigins::new(origins.into_iter().map(Into::into)))
    }

    /// [`Origin::When`]: the origins that this function accepts. It is given the header's value as
    /// it came, also `null`. An `Origin` that is not text, or is sent twice, is refused without a
    /// call.
    pub fn when(allows: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self::When(OriginPredicate(Arc::new(allows)))
    }

    /// [`Origin::Either`]: the origins that this one allows, and those that the other one does.
    #[must_use]
    pub fn or(self, other: Origin) -> Self {
        match (self, other) {
            (Self::Any, _) | (_, Self::Any) => Self::Any,
            (Self::Either(mut several), other) => {
                several.push(other);
                Self::Either(several)
            }
            (one, other) => Self::Either(vec![one, other]),
        }
    }

    /// [`Origin::Any`].
    pub fn any() -> Self {
        Self::Any
    }

    /// Returns a text for each part of the configuration that can never have an effect.
    pub(crate) fn faults(&self) -> Vec<String> {
        match self {
            Self::Allow(allowed) => allowed.faults().collect(),
            Self::Either(several) => several.iter().flat_map(Self::faults).collect(),
            _ => Vec::new(),
        }
    }

    pub(super) fn check(
        &self,
        headers: &HeaderMap,
        host: &Host<'_>,
        security: Option<TransportSecurity>,
    ) -> Result<(), Rejection> {
        let mut lines = headers.get_all(ORIGIN).iter();
        let Some(line) = lines.next() else { return Ok(()) };
        let is_single = lines.next().is_none();
        let text = str::from_utf8(line.as_bytes()).ok().filter(|_| is_single);
        if matches!(self, Self::Any) || text.is_some_and(|text| self.admits(text, host, security)) {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&line.as_bytes()[..line.len().min(LOGGED)]);
        let advice = if PageOrigin::parse(&text).is_some_and(|page| is_forwarded_host(headers, page.host)) {
            "a proxy reports it as the host that the page asked for: let the proxy pass `Host` on, or \
             trust the proxy (TrustedProxies::host)"
        } else {
            "WebSocketConfig::origin says which are allowed"
        };
        tracing::warn!(origin = &*text, host = host.as_str(), "WebSocket refused: foreign origin; {advice}");
        Err(Rejection::ForeignOrigin)
    }

    fn admits(&self, origin: &str, host: &Host<'_>, security: Option<TransportSecurity>) -> bool {
        let page = || PageOrigin::parse(origin);
        match self {
            Self::SameHost => page().is_some_and(|page| {
                let downgrade = security == Some(TransportSecurity::Tls) && page.is_tls() == Some(false);
                page.is_tls().is_some() && is_same_host(&page, host) && !downgrade
            }),
            Self::SameOrigin => page().is_some_and(|page| {
                // An unknown scheme is assumed to be the page's.
                let Some(page_is_tls) = page.is_tls() else { return false };
                let is_tls = security.map_or(page_is_tls, |security| security == TransportSecurity::Tls);
                let port = host.port.or(default_port(if is_tls { "https" } else { "http" }));
                is_same_host(&page, host) && is_tls == page_is_tls && port == page.port
            }),
            Self::Allow(allowed) if origin == "null" => allowed.has_null(),
            Self::Allow(allowed) => page().is_some_and(|page| allowed.has(&page)),
            Self::When(OriginPredicate(allows)) => allows(origin),
            Self::Either(several) => several.iter().any(|one| one.admits(origin, host, security)),
            Self::Any => true,
        }
    }
}

fn is_same_host(page: &PageOrigin<'_>, host: &Host<'_>) -> bool {
    page.host == host.name() || page.host.eq_ignore_ascii_case(host.name())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn admitted(policy: &Origin, origin: &str, host: &str, security: Option<TransportSecurity>) -> bool {
        let headers =
            HeaderMap::from_iter([(ORIGIN, HeaderValue::from_str(origin).expect("a header value"))]);
        policy.check(&headers, &Host::parse(host).expect("a host"), security).is_ok()
    }

    #[test]
    fn same_host_on_any_port() {
        let policy = Origin::SameHost;
        assert!(admitted(&policy, "http://localhost:5173", "localhost:3000", Some(TransportSecurity::Plain)));
        assert!(admitted(&policy, "https://Example.com", "example.COM", None));
        assert!(admitted(&policy, "http://[::1]:8080", "[::1]:3000", None));
        assert!(admitted(&policy, "https://example.com", "example.com", Some(TransportSecurity::Plain)));
        assert!(!admitted(&policy, "http://example.com", "example.com", Some(TransportSecurity::Tls)));
        for foreign in [
            "https://evil.example",
            "null",
            "https://example.com.evil.example",
            "file://",
            "capacitor://example.com",
            "",
            "://",
            "https://example.com:x",
            "https://example.com/x",
        ] {
            assert!(!admitted(&policy, foreign, "example.com", None), "{foreign}");
        }
    }

    #[test]
    fn same_origin_looks_at_the_port() {
        let policy = Origin::SameOrigin;
        assert!(admitted(&policy, "http://localhost:3000", "localhost:3000", Some(TransportSecurity::Plain)));
        assert!(admitted(&policy, "https://example.com", "example.com", Some(TransportSecurity::Tls)));
        assert!(admitted(&policy, "https://example.com", "example.com:443", Some(TransportSecurity::Tls)));
        assert!(admitted(&policy, "https://example.com", "example.com", None));
        assert!(!admitted(
            &policy,
            "http://localhost:5173",
            "localhost:3000",
            Some(TransportSecurity::Plain)
        ));
        assert!(!admitted(&policy, "https://example.com", "example.com", Some(TransportSecurity::Plain)));
        assert!(!admitted(&policy, "tauri://example.com", "example.com", None));
    }

    #[test]
    fn lists_predicates_and_several_of_them() {
        let host = "api.example.com";
        let list = Origin::allow(["https://app.example.com", "null"]);
        assert!(
            admitted(&list, "https://app.example.com", host, None) && admitted(&list, "null", host, None)
        );
        assert!(!admitted(&Origin::allow(["https://app.example.com"]), "null", host, None));
        let own = Origin::when(|origin| origin.ends_with(".example"));
        assert!(admitted(&own, "https://app.example", host, None));
        assert!(!admitted(&own, "https://app.example.com", host, None));
        let either = Origin::SameHost.or(list).or(own.clone());
        for origin in ["https://api.example.com", "https://app.example.com", "any://thing.example"] {
            assert!(admitted(&either, origin, host, None), "{origin}");
        }
        assert!(!admitted(&either, "https://evil.test", host, None));
        assert_eq!(own.clone(), own);
        assert_ne!(own, Origin::when(|_| true));
        assert_eq!(either.or(Origin::allow(["x"])).faults().len(), 1);
    }

    #[test]
    fn two_origins_are_foreign_and_none_is_let_through() {
        let host = Host::parse("example.com").expect("a host");
        let line = HeaderValue::from_static("https://example.com");
        let mut headers = HeaderMap::new();
        assert!(Origin::SameHost.check(&headers, &host, None).is_ok());
        headers.append(ORIGIN, line.clone());
        assert!(Origin::SameHost.check(&headers, &host, None).is_ok());
        headers.append(ORIGIN, line);
        for policy in [Origin::SameHost, Origin::when(|_| true)] {
            assert!(policy.check(&headers, &host, None).is_err());
        }
        assert!(Origin::SameHost.or(Origin::Any).check(&headers, &host, None).is_ok());
    }
}

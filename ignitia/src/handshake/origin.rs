use http::{
    HeaderMap, Uri,
    header::ORIGIN,
    uri::{Authority, Scheme},
};

use super::{Security, is_plain, rejection::Rejection};

/// Which pages may open a WebSocket.
///
/// Browsers send cookies along whatever page opens the connection, so a page of somebody else's could act in the
/// name of your users; what protects is the `Origin` header that every browser sends
/// ([RFC 6455, section 10.2](https://www.rfc-editor.org/rfc/rfc6455#section-10.2)). Clients that are no browsers
/// send none and are let through. `null` (files, sandboxed frames) counts as foreign. A foreign origin gets a 403.
///
/// ```
/// use ignitia::websocket::{Origin, WebSocketConfig};
///
/// let config = WebSocketConfig { origin: Origin::allow(["https://app.example.com"]), ..Default::default() };
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Origin {
    /// Pages from the host that the request is for, on any port (as cookies do); over TLS no page that came
    /// over plain HTTP. The default.
    #[default]
    SameHost,
    /// Pages from exactly this host and port.
    SameOrigin,
    /// These origins and no others, each written `scheme://host` or `scheme://host:port`.
    Allow(Vec<String>),
    /// Every page: for endpoints that know their users by something a browser does not send by itself.
    Any,
}

impl Origin {
    /// [`Origin::Allow`] for these origins.
    pub fn allow<I>(origins: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self::Allow(origins.into_iter().map(Into::into).collect())
    }

    /// [`Origin::Any`].
    pub fn any() -> Self {
        Self::Any
    }

    pub(super) fn check(
        &self,
        headers: &HeaderMap,
        host: &Authority,
        security: Option<Security>,
    ) -> Result<(), Rejection> {
        let mut lines = headers.get_all(ORIGIN).iter();
        let Some(line) = lines.next() else { return Ok(()) };
        if *self == Origin::Any {
            return Ok(());
        }
        let text = line.to_str().unwrap_or("(not ASCII)");
        if lines.next().is_none()
            && Parsed::new(text).is_some_and(|origin| self.admits(&origin, host, security))
        {
            return Ok(());
        }
        tracing::warn!(
            origin = text,
            host = host.as_str(),
            "WebSocket refused: foreign origin; WebSocketConfig::origin says which are allowed"
        );
        Err(Rejection::ForeignOrigin)
    }

    fn admits(&self, origin: &Parsed, host: &Authority, security: Option<Security>) -> bool {
        let downgrade = security == Some(Security::Tls) && !origin.tls;
        let same_host = origin.host.eq_ignore_ascii_case(host.host());
        match self {
            Origin::SameHost => same_host && !downgrade,
            Origin::SameOrigin => {
                // Behind a proxy that ends TLS the scheme is not known: the page's is as good as any then.
                let tls = security.map_or(origin.tls, |security| security == Security::Tls);
                same_host && tls == origin.tls && host.port_u16().unwrap_or(default_port(tls)) == origin.port
            }
            Origin::Allow(list) => {
                list.iter().filter_map(|allowed| Parsed::new(allowed)).any(|a| a == *origin)
            }
            Origin::Any => true,
        }
    }
}

/// The origin of a page: RFC 6454, section 4.
#[derive(Debug)]
struct Parsed {
    tls: bool,
    host: String,
    port: u16,
}

impl Parsed {
    fn new(origin: &str) -> Option<Self> {
        let uri: Uri = origin.parse().ok()?;
        let tls = match uri.scheme()? {
            scheme if *scheme == Scheme::HTTP => false,
            scheme if *scheme == Scheme::HTTPS => true,
            _ => return None,
        };
        let authority = uri.authority().filter(|authority| is_plain(authority))?;
        let port = authority.port_u16().unwrap_or(default_port(tls));
        Some(Self { tls, host: authority.host().to_ascii_lowercase(), port })
    }
}

impl PartialEq for Parsed {
    fn eq(&self, other: &Self) -> bool {
        (self.tls, &self.host, self.port) == (other.tls, &other.host, other.port)
    }
}

fn default_port(tls: bool) -> u16 {
    if tls { 443 } else { 80 }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn admitted(policy: &Origin, origin: &str, host: &str, security: Option<Security>) -> bool {
        let headers =
            HeaderMap::from_iter([(ORIGIN, HeaderValue::from_str(origin).expect("a header value"))]);
        policy.check(&headers, &host.parse().expect("an authority"), security).is_ok()
    }

    #[test]
    fn same_host_on_any_port() {
        let policy = Origin::SameHost;
        assert!(admitted(&policy, "http://localhost:5173", "localhost:3000", Some(Security::Plain)));
        assert!(admitted(&policy, "https://Example.com", "example.COM", None));
        assert!(admitted(&policy, "http://[::1]:8080", "[::1]:3000", None));
        assert!(admitted(&policy, "https://example.com", "example.com", Some(Security::Plain)));
        assert!(!admitted(&policy, "http://example.com", "example.com", Some(Security::Tls)));
        for foreign in [
            "https://evil.example",
            "null",
            "https://example.com.evil.example",
            "file://",
            "",
            "://",
            "https://example.com:x",
        ] {
            assert!(!admitted(&policy, foreign, "example.com", None), "{foreign}");
        }
    }

    #[test]
    fn same_origin_looks_at_the_port() {
        let policy = Origin::SameOrigin;
        assert!(admitted(&policy, "http://localhost:3000", "localhost:3000", Some(Security::Plain)));
        assert!(admitted(&policy, "https://example.com", "example.com", Some(Security::Tls)));
        assert!(admitted(&policy, "https://example.com", "example.com:443", Some(Security::Tls)));
        assert!(admitted(&policy, "https://example.com", "example.com", None));
        assert!(!admitted(&policy, "http://localhost:5173", "localhost:3000", Some(Security::Plain)));
        assert!(!admitted(&policy, "https://example.com", "example.com", Some(Security::Plain)));
    }

    #[test]
    fn a_list_is_exact() {
        let policy = Origin::allow(["https://app.example.com", "http://localhost:5173"]);
        assert!(admitted(&policy, "https://app.example.com", "api.example.com", None));
        assert!(admitted(&policy, "https://app.example.com:443", "api.example.com", None));
        assert!(admitted(&policy, "http://localhost:5173", "api.example.com", None));
        assert!(!admitted(&policy, "http://app.example.com", "api.example.com", None));
        assert!(!admitted(&policy, "https://api.example.com", "api.example.com", None));
    }

    #[test]
    fn two_origins_are_foreign_and_none_is_let_through() {
        let host = "example.com".parse().expect("an authority");
        let line = HeaderValue::from_static("https://example.com");
        let mut headers = HeaderMap::new();
        assert!(Origin::SameHost.check(&headers, &host, None).is_ok());
        headers.append(ORIGIN, line.clone());
        assert!(Origin::SameHost.check(&headers, &host, None).is_ok());
        headers.append(ORIGIN, line);
        assert!(Origin::SameHost.check(&headers, &host, None).is_err());
        assert!(Origin::Any.check(&headers, &host, None).is_ok());
    }
}

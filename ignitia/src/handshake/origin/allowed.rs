use std::net::Ipv6Addr;

use super::page::{Page, default_port, is_host, is_scheme, parse_port, split};

/// The origins of [`Origin::allow`](super::Origin::allow), as they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedOrigins(Vec<Entry>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    text: String,
    /// Otherwise, why it can never match.
    pattern: Result<Pattern, String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Pattern {
    /// What has no origin that could be told: files, sandboxed frames.
    Null,
    Page {
        scheme: String,
        /// In lower case and ASCII; behind a wildcard, with its dot.
        host: String,
        port: Option<u16>,
        /// Whether one label stands before it, whichever.
        has_wildcard: bool,
    },
}

impl AllowedOrigins {
    pub(super) fn new(origins: impl Iterator<Item = String>) -> Self {
        Self(origins.map(|text| Entry { pattern: Pattern::parse(&text), text }).collect())
    }

    /// Those that can never match, and why.
    pub(super) fn faults(&self) -> impl Iterator<Item = String> {
        self.0.iter().filter_map(|Entry { text, pattern }| {
            let why = pattern.as_ref().err()?;
            Some(format!("the origin `{text}` can never match: {why}"))
        })
    }

    pub(super) fn has_null(&self) -> bool {
        self.patterns().any(|pattern| *pattern == Pattern::Null)
    }

    pub(super) fn has(&self, page: &Page<'_>) -> bool {
        self.patterns().any(|pattern| pattern.matches(page))
    }

    fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.0.iter().filter_map(|entry| entry.pattern.as_ref().ok())
    }
}

impl Pattern {
    fn matches(&self, page: &Page<'_>) -> bool {
        let Self::Page { scheme, host, port, has_wildcard } = self else { return false };
        let host_matches = if *has_wildcard {
            let label = page.host.len().checked_sub(host.len()).filter(|label| *label > 0);
            label
                .and_then(|label| page.host.split_at_checked(label))
                .is_some_and(|(label, rest)| !label.contains('.') && rest.eq_ignore_ascii_case(host))
        } else {
            page.host.eq_ignore_ascii_case(host)
        };
        host_matches && page.scheme.eq_ignore_ascii_case(scheme) && page.port == *port
    }

    /// Reads an origin; otherwise, what is wrong with it and what to write.
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "null" => return Ok(Self::Null),
            "*" => return Err("for every origin there is `Origin::any()`".into()),
            _ if text.chars().any(|c| c.is_whitespace() || c.is_control()) => {
                return Err("there is white space in it".into());
            }
            _ => {}
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(format!("it has no scheme: write `https://{text}`"));
        };
        if !is_scheme(scheme) {
            return Err(format!("`{scheme}` is no scheme"));
        }
        if let Some(http) = [("ws", "http"), ("wss", "https")]
            .iter()
            .find_map(|(ws, http)| scheme.eq_ignore_ascii_case(ws).then_some(http))
        {
            return Err(format!("it is the page's that counts: write `{http}://{rest}`"));
        }
        if let Some(end) = rest.find(['/', '?', '#']) {
            return Err(format!("an origin ends behind its host: write `{scheme}://{}`", &rest[..end]));
        }
        if rest.contains('@') {
            return Err("an origin has no user".into());
        }
        let (host, port) = split(rest).ok_or("its host cannot be read")?;
        let port = match port.map(|port| parse_port(port).ok_or(port)) {
            None => default_port(scheme),
            Some(Ok(port)) => Some(port),
            Some(Err(port)) => return Err(format!("`{port}` is no port")),
        };
        let (host, has_wildcard) = match host.strip_prefix("*.") {
            Some(parent) => (parent, true),
            None => (host, false),
        };
        if host.contains('*') || has_wildcard && !is_name(host) {
            return Err(format!(
                "a wildcard stands for the whole first label of a name: `{scheme}://*.example.com`"
            ));
        }
        let host = if default_port(scheme).is_some() { web_host(host)? } else { own_host(host)? };
        let host = if has_wildcard { format!(".{host}") } else { host };
        Ok(Self::Page { scheme: scheme.to_ascii_lowercase(), host, port, has_wildcard })
    }
}

/// Whether this may stand behind a wildcard: a name, and no address.
fn is_name(host: &str) -> bool {
    let mut labels = host.split('.');
    let is_number = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
    labels.clone().all(|label| !label.is_empty() && !label.starts_with('['))
        && labels.next_back().is_some_and(|last| !is_number(last))
}

/// A host as browsers write it in an origin of `http` or `https`: <https://url.spec.whatwg.org/#host-parsing>.
fn web_host(host: &str) -> Result<String, String> {
    if host.is_empty() {
        return Err("it has no host".into());
    }
    if let Some(addr) = host.strip_prefix('[') {
        let addr = addr.strip_suffix(']').and_then(|addr| addr.parse::<Ipv6Addr>().ok());
        return addr.map(|addr| format!("[{addr}]")).ok_or_else(|| format!("`{host}` is no address"));
    }
    if !host.is_ascii() {
        return Err(format!("browsers write `{host}` in ASCII: take its punycode form (`xn--..`)"));
    }
    own_host(host)
}

/// The host of a scheme of an application's own, which is whatever that has chosen, or nothing.
fn own_host(host: &str) -> Result<String, String> {
    if is_host(host) { Ok(host.to_ascii_lowercase()) } else { Err(format!("`{host}` is no host")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(allowed: &str, origin: &str) -> bool {
        let allowed = AllowedOrigins::new([allowed.to_owned()].into_iter());
        assert_eq!(allowed.faults().next(), None);
        Page::parse(origin).is_some_and(|page| allowed.has(&page))
    }

    #[test]
    fn a_list_is_exact() {
        for (allowed, same, others) in [
            (
                "https://app.example.com",
                &["https://app.example.com", "https://APP.example.com:443"][..],
                &[
                    "http://app.example.com",
                    "https://app.example.com:8443",
                    "https://app.example.com/",
                    "https://app.example.com.evil.example",
                    "https://evil-app.example.com",
                    "https://x.app.example.com",
                ][..],
            ),
            (
                "http://localhost:5173",
                &["http://localhost:5173"],
                &["http://localhost", "https://localhost:5173"],
            ),
            (
                "http://app.example",
                &["http://app.example", "http://app.example:80"],
                &["http://app.example/x"],
            ),
            ("http://[0:0::1]:8080", &["http://[::1]:8080"], &["http://[::1]"]),
            (
                "capacitor://localhost",
                &["capacitor://localhost"],
                &["http://localhost", "capacitor://localhost:1"],
            ),
            ("tauri://localhost", &["tauri://localhost"], &["ionic://localhost"]),
            ("chrome-extension://abc", &["chrome-extension://abc"], &["chrome-extension://abd"]),
            ("moz-extension://0a-1b", &["moz-extension://0A-1B"], &["moz-extension://0a-1c"]),
            ("app://.", &["app://."], &["app://"]),
            ("file://", &["file://"], &["file://x", "null"]),
            (
                "https://xn--bcher-kva.example",
                &["https://XN--bcher-kva.example"],
                &["https://bucher.example"],
            ),
        ] {
            same.iter().for_each(|origin| assert!(matches(allowed, origin), "{allowed}: {origin}"));
            others.iter().for_each(|origin| assert!(!matches(allowed, origin), "{allowed}: {origin}"));
        }
    }

    #[test]
    fn a_wildcard_is_one_label() {
        let allowed = "https://*.example.com";
        for (origin, is_allowed) in [
            ("https://app.example.com", true),
            ("https://PR-12.EXAMPLE.com", true),
            ("https://example.com", false),
            ("https://.example.com", false),
            ("https://a.b.example.com", false),
            ("https://evilexample.com", false),
            ("https://app.example.com.evil.example", false),
            ("http://app.example.com", false),
            ("https://app.example.com:8443", false),
        ] {
            assert_eq!(matches(allowed, origin), is_allowed, "{origin}");
        }
        assert!(matches("http://*.localhost:3000", "http://a.localhost:3000"));
        assert!(matches("https://*.xn--bcher-kva.example", "https://a.xn--bcher-kva.example"));
    }

    #[test]
    fn what_can_never_match_says_why() {
        for (text, why) in [
            ("*", "`Origin::any()`"),
            ("app.example.com", "write `https://app.example.com`"),
            ("", "no scheme"),
            ("https://app.example.com/", "write `https://app.example.com`"),
            ("https://app.example.com/chat?x", "write `https://app.example.com`"),
            ("wss://app.example.com", "write `https://app.example.com`"),
            ("https://me@app.example.com", "no user"),
            ("https://", "no host"),
            ("https://app.example.com:", "no port"),
            ("https://app.example.com:*", "no port"),
            ("https://app.example.com:65536", "no port"),
            (" https://app.example.com", "white space"),
            ("h_p://app.example.com", "no scheme"),
            ("https://*", "wildcard"),
            ("https://*.", "wildcard"),
            ("https://a.*.example.com", "wildcard"),
            ("https://pr-*.example.com", "wildcard"),
            ("https://*.*.example.com", "wildcard"),
            ("https://*.0.0.1", "wildcard"),
            ("chrome-extension://*", "wildcard"),
            ("https://[::1", "cannot be read"),
            ("https://[localhost]", "no address"),
            ("https://b\u{fc}cher.example", "punycode"),
            ("https://*.b\u{fc}cher.example", "punycode"),
            ("app://b\u{fc}cher", "no host"),
        ] {
            let faults: Vec<String> = AllowedOrigins::new([text.to_owned()].into_iter()).faults().collect();
            assert!(faults.len() == 1 && faults[0].contains(why), "{text}: {faults:?}");
        }
    }
}

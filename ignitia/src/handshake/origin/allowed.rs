use super::{origin_pattern::OriginPattern, page_origin::PageOrigin};

/// Origins of [`Origin::allow`](super::Origin::allow), as they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedOrigins(Vec<AllowedOrigin>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct AllowedOrigin {
    text: String,
    /// The error says why the origin can never match.
    pattern: Result<OriginPattern, String>,
}

impl AllowedOrigins {
    pub(super) fn new(origins: impl Iterator<Item = String>) -> Self {
        Self(origins.map(|text| AllowedOrigin { pattern: OriginPattern::parse(&text), text }).collect())
    }

    /// Returns a text for each origin that can never match.
    pub(super) fn faults(&self) -> impl Iterator<Item = String> {
        self.0.iter().filter_map(|AllowedOrigin { text, pattern }| {
            let why = pattern.as_ref().err()?;
            Some(format!("the origin `{text}` can never match: {why}"))
        })
    }

    pub(super) fn has_null(&self) -> bool {
        self.patterns().any(|pattern| *pattern == OriginPattern::Null)
    }

    pub(super) fn has(&self, page: &PageOrigin<'_>) -> bool {
        self.patterns().any(|pattern| pattern.matches(page))
    }

    fn patterns(&self) -> impl Iterator<Item = &OriginPattern> {
        self.0.iter().filter_map(|entry| entry.pattern.as_ref().ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(allowed: &str, origin: &str) -> bool {
        let allowed = AllowedOrigins::new([allowed.to_owned()].into_iter());
        assert_eq!(allowed.faults().next(), None);
        PageOrigin::parse(origin).is_some_and(|page| allowed.has(&page))
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
            ("https://app.example.com:", "not a valid port"),
            ("https://app.example.com:*", "not a valid port"),
            ("https://app.example.com:65536", "not a valid port"),
            (" https://app.example.com", "white space"),
            ("h_p://app.example.com", "not a valid scheme"),
            ("https://*", "wildcard"),
            ("https://*.", "wildcard"),
            ("https://a.*.example.com", "wildcard"),
            ("https://pr-*.example.com", "wildcard"),
            ("https://*.*.example.com", "wildcard"),
            ("https://*.0.0.1", "wildcard"),
            ("chrome-extension://*", "wildcard"),
            ("https://[::1", "cannot be read"),
            ("https://[localhost]", "not a valid address"),
            ("https://b\u{fc}cher.example", "punycode"),
            ("https://*.b\u{fc}cher.example", "punycode"),
            ("app://b\u{fc}cher", "not a valid host"),
        ] {
            let faults: Vec<String> = AllowedOrigins::new([text.to_owned()].into_iter()).faults().collect();
            assert!(faults.len() == 1 && faults[0].contains(why), "{text}: {faults:?}");
        }
    }
}

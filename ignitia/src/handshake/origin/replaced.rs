use http::{HeaderMap, header::FORWARDED};

/// Whether a proxy says that the client has asked for this host: then it may have put another one into `Host`. Nobody has to be
/// believed for that, it is for an advice only.
pub(super) fn names(headers: &HeaderMap, host: &str) -> bool {
    let is_host = |value: &str| {
        let value = value.trim().trim_matches('"');
        let rest = value.get(..host.len()).filter(|name| name.eq_ignore_ascii_case(host));
        rest.is_some() && (value.len() == host.len() || value[host.len()..].starts_with(':'))
    };
    let text = |name: http::HeaderName| headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
    let mut x_forwarded =
        text(http::HeaderName::from_static("x-forwarded-host")).flat_map(|line| line.split(','));
    let mut forwarded = text(FORWARDED).flat_map(|line| line.split([',', ';'])).filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("host").then_some(value)
    });
    x_forwarded.any(is_host) || forwarded.any(is_host)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_proxy_that_says_so() {
        for (name, value, expected) in [
            ("x-forwarded-host", "App.example.com", true),
            ("x-forwarded-host", "other, app.example.com:443", true),
            ("x-forwarded-host", "app.example.com.evil", false),
            ("x-forwarded-host", "b\u{fc}cher", false),
            ("forwarded", "for=1.2.3.4;host=\"app.example.com:443\", for=x", true),
            ("forwarded", "for=1.2.3.4;by=app.example.com", false),
        ] {
            let value = HeaderValue::from_bytes(value.as_bytes()).expect("a header value");
            let headers = HeaderMap::from_iter([(name.parse().expect("a name"), value)]);
            assert_eq!(names(&headers, "app.example.com"), expected, "{name}");
        }
    }
}

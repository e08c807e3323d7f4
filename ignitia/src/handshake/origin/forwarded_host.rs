use http::{HeaderMap, header::FORWARDED};

use crate::forwarded::{X_FORWARDED_HOST, elements_from_right, parameter};

/// Returns true if a proxy reports that the client asked for this host, so that the proxy may have
/// replaced `Host`. The headers need not be trusted for that: the result only selects the advice in
/// the log.
pub(super) fn is_forwarded_host(headers: &HeaderMap, host: &str) -> bool {
    let is_host = |value: &str| {
        let value = value.trim();
        let name = value.get(..host.len()).filter(|name| name.eq_ignore_ascii_case(host));
        name.is_some_and(|name| value.len() == name.len() || value[name.len()..].starts_with(':'))
    };
    let mut x_forwarded =
        elements_from_right(headers, &X_FORWARDED_HOST, false).filter_map(|value| str::from_utf8(value).ok());
    let mut forwarded =
        elements_from_right(headers, &FORWARDED, true).filter_map(|element| parameter(element, "host"));
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
            assert_eq!(is_forwarded_host(&headers, "app.example.com"), expected, "{name}");
        }
    }
}

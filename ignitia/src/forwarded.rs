//! Lists in headers that proxies append to. They are read from the right: the last element is that
//! of the nearest proxy.

use http::{HeaderMap, HeaderName};

/// Header of the host that the client asked for. No RFC defines it.
pub(crate) const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// Returns the elements of a list over all its lines, the last one first. `quotes` says whether an
/// element may have quoted strings with commas in them. Reading from the right keeps the proxies'
/// elements whole, even if a client has left a quote open on the left.
pub(crate) fn elements_from_right<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
    quotes: bool,
) -> impl Iterator<Item = &'a [u8]> + use<'a> {
    let lines = headers.get_all(name).iter().rev();
    lines.flat_map(move |line| ReversedElements { rest: Some(line.as_bytes()), quotes })
}

/// Returns the value of a parameter of a `Forwarded` element (RFC 7239, section 4); `None` if the
/// parameter is missing, repeated or malformed.
pub(crate) fn parameter<'a>(element: &'a [u8], wanted: &str) -> Option<&'a str> {
    let element = str::from_utf8(element).ok()?;
    let mut in_quotes = false;
    let pairs = element.split(move |c| {
        in_quotes ^= c == '"';
        c == ';' && !in_quotes
    });
    let mut values = pairs.filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim())
    });
    let value = values.next().filter(|_| values.next().is_none())?;
    let value = match value.strip_prefix('"') {
        Some(quoted) => quoted.strip_suffix('"')?,
        None => value,
    };
    // Addresses and hosts never need an escape.
    (!value.contains(['"', '\\'])).then_some(value)
}

/// Iterator over the elements of one line, from the right.
struct ReversedElements<'a> {
    rest: Option<&'a [u8]>,
    quotes: bool,
}

impl<'a> Iterator for ReversedElements<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest?;
        let mut in_quotes = false;
        for (at, byte) in rest.iter().enumerate().rev() {
            match byte {
                b'"' if self.quotes && !is_escaped(&rest[..at]) => in_quotes = !in_quotes,
                b',' if !in_quotes => {
                    self.rest = Some(&rest[..at]);
                    return Some(&rest[at + 1..]);
                }
                _ => {}
            }
        }
        self.rest = None;
        Some(rest)
    }
}

/// Returns true if the byte after these is escaped by the last of them.
fn is_escaped(before: &[u8]) -> bool {
    before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, header::FORWARDED};

    use super::*;

    fn elements(lines: &[&str]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED, HeaderValue::from_str(line).expect("a header value"));
        }
        let elements = elements_from_right(&headers, &FORWARDED, true);
        elements.map(|element| String::from_utf8_lossy(element).trim().to_owned()).collect()
    }

    #[test]
    fn the_nearest_comes_first() {
        assert_eq!(elements(&["a, b", "c"]), ["c", "b", "a"]);
        assert_eq!(elements(&["", "a,"]), ["", "a", ""]);
        assert_eq!(elements(&["a=\"x,y\", b=\"\\\",\""]), ["b=\"\\\",\"", "a=\"x,y\""]);
        // An element that a client left open ends where the proxy's begins.
        assert_eq!(elements(&["for=\"x, for=b"])[0], "for=b");
        assert_eq!(elements(&["for=\"x, for=\"b\""])[0], "for=\"b\"");
    }

    #[test]
    fn parameters() {
        let read = |element: &'static str| parameter(element.as_bytes(), "for");
        assert_eq!(read("proto=https; FOR = a;by=b"), Some("a"));
        assert_eq!(read("host=\";for=x\";for=\"[::1]:80\""), Some("[::1]:80"));
        for wrong in ["", "for", "for=\"a", "for=a\"", "for=\"a\\b\"", "for=a;for=b", "xfor=a"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}

//! Header lists that proxies append to: read from the right, where the nearest one has written.

use http::{HeaderMap, HeaderName};

/// The host that the client has asked for; no RFC has it.
pub(crate) const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// The elements of a list, over all its lines, the last one first. `quotes` says whether an element may hold quoted strings with commas
/// in them: read from the right, those of the proxies are whole, whatever a client has begun on the left.
pub(crate) fn from_the_right<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
    quotes: bool,
) -> impl Iterator<Item = &'a [u8]> + use<'a> {
    let lines = headers.get_all(name).iter().rev();
    lines.flat_map(move |line| Elements { rest: Some(line.as_bytes()), quotes })
}

/// The value of a parameter of a `Forwarded` element (RFC 7239, section 4); `None` if there is none, or none that can be read.
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
    // Neither an address nor a host is ever escaped.
    (!value.contains(['"', '\\'])).then_some(value)
}

struct Elements<'a> {
    rest: Option<&'a [u8]>,
    quotes: bool,
}

impl<'a> Iterator for Elements<'a> {
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

/// Whether what comes behind these bytes is escaped by the last of them.
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
        let elements = from_the_right(&headers, &FORWARDED, true);
        elements.map(|element| String::from_utf8_lossy(element).trim().to_owned()).collect()
    }

    #[test]
    fn the_nearest_comes_first() {
        assert_eq!(elements(&["a, b", "c"]), ["c", "b", "a"]);
        assert_eq!(elements(&["", "a,"]), ["", "a", ""]);
        assert_eq!(elements(&["a=\"x,y\", b=\"\\\",\""]), ["b=\"\\\",\"", "a=\"x,y\""]);
        // What a client has begun ends where the proxy's own begins.
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

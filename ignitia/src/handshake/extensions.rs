//! Offers of extensions: [RFC 6455, section
//! 9.1](https://www.rfc-editor.org/rfc/rfc6455#section-9.1). White space is allowed between any two
//! words, also around the equals sign.

use std::borrow::Cow;

use http::{HeaderMap, header::SEC_WEBSOCKET_EXTENSIONS};

use super::{header_list::is_token_byte, rejection::Rejection};
use crate::compression::NegotiatedCompression;

/// Checks that the client's offers are a list of extensions. Returns the one of them that is
/// implemented and that can be met, by the client's preference.
pub(super) fn negotiate(
    headers: &HeaderMap,
    select: impl Fn(&Offer<'_>) -> Option<NegotiatedCompression>,
) -> Result<Option<NegotiatedCompression>, Rejection> {
    let mut selected = None;
    for offer in offers(headers) {
        // All of them are read, so that a malformed one is refused wherever it stands.
        let offer = offer?;
        selected = selected.or_else(|| select(&offer));
    }
    Ok(selected)
}

/// Returns the offers over all lines, in the client's order of preference; empty elements are
/// skipped.
fn offers(headers: &HeaderMap) -> impl Iterator<Item = Result<Offer<'_>, Rejection>> {
    let lines = headers.get_all(SEC_WEBSOCKET_EXTENSIONS).iter();
    lines.flat_map(|line| Offers(line.to_str().map(Words::new).map_err(|_| Rejection::InvalidExtensions)))
}

/// Extension that the client offers, with its parameters. It borrows from the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Offer<'a> {
    pub(super) name: &'a str,
    /// Text after the name. It is known to be well-formed.
    parameters: &'a str,
}

#[cfg_attr(
    not(any(test, feature = "compression")),
    expect(dead_code, reason = "no other extension looks at its offer")
)]
impl<'a> Offer<'a> {
    /// Returns the parameters, in the order in which they were sent.
    pub(super) fn parameters(&self) -> impl Iterator<Item = Parameter<'a>> {
        let mut words = Words::new(self.parameters);
        std::iter::from_fn(move || words.next_parameter()?)
    }
}

/// Parameter of an offer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parameter<'a> {
    pub(super) name: &'a str,
    /// A token. It may have been quoted.
    pub(super) value: Option<Cow<'a, str>>,
}

/// Iterator over the offers of one line. It ends after the first error.
struct Offers<'a>(Result<Words<'a>, Rejection>);

impl<'a> Iterator for Offers<'a> {
    type Item = Result<Offer<'a>, Rejection>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = match &mut self.0 {
            Ok(words) => words.next_offer()?.ok_or(Rejection::InvalidExtensions),
            Err(rejection) => Err(*rejection),
        };
        if next.is_err() {
            self.0 = Ok(Words::new(""));
        }
        Some(next)
    }
}

/// Tokenizer that reads each byte of a line once.
struct Words<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Words<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Returns the next offer: `None` at the end of the line, `Some(None)` if the next element is
    /// malformed.
    fn next_offer(&mut self) -> Option<Option<Offer<'a>>> {
        while self.takes(b',') {}
        self.peek().map(|_| self.offer())
    }

    fn offer(&mut self) -> Option<Offer<'a>> {
        let name = self.token()?;
        let begin = self.at;
        while let Some(parameter) = self.next_parameter() {
            parameter?;
        }
        let parameters = &self.text[begin..self.at];
        matches!(self.peek(), None | Some(b',')).then_some(Offer { name, parameters })
    }

    /// Returns the next parameter: `None` if no semicolon follows, `Some(None)` if the text after
    /// it is malformed.
    fn next_parameter(&mut self) -> Option<Option<Parameter<'a>>> {
        self.takes(b';').then(|| self.parameter())
    }

    fn parameter(&mut self) -> Option<Parameter<'a>> {
        let name = self.token()?;
        let value = if self.takes(b'=') { Some(self.value()?) } else { None };
        Some(Parameter { name, value })
    }

    fn value(&mut self) -> Option<Cow<'a, str>> {
        if self.takes(b'"') { self.quoted() } else { self.token().map(Cow::Borrowed) }
    }

    fn token(&mut self) -> Option<&'a str> {
        self.skip_space();
        let begin = self.at;
        while self.byte().is_some_and(is_token_byte) {
            self.at += 1;
        }
        (self.at > begin).then(|| &self.text[begin..self.at])
    }

    /// Reads the rest of a quoted string, after its opening quote. Without its backslashes it must
    /// be a token.
    fn quoted(&mut self) -> Option<Cow<'a, str>> {
        let begin = self.at;
        loop {
            let escapes = self.byte()? == b'\\';
            self.at += usize::from(escapes);
            match self.byte()? {
                b'"' if !escapes => break,
                byte if is_token_byte(byte) => self.at += 1,
                _ => return None,
            }
        }
        let value = &self.text[begin..self.at];
        self.at += 1;
        match value.contains('\\') {
            _ if value.is_empty() => None,
            true => Some(value.replace('\\', "").into()),
            false => Some(value.into()),
        }
    }

    /// Skips this byte if it comes next.
    fn takes(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// Returns the next byte after white space.
    fn peek(&mut self) -> Option<u8> {
        self.skip_space();
        self.byte()
    }

    fn skip_space(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            let line = HeaderValue::from_bytes(line.as_bytes()).expect("a header value");
            headers.append(SEC_WEBSOCKET_EXTENSIONS, line);
        }
        headers
    }

    /// Reads offers as `name; parameter=value`, without quotes.
    fn read(lines: &[&str]) -> Result<Vec<String>, Rejection> {
        let headers = headers(lines);
        let written = |offer: Offer<'_>| {
            offer.parameters().fold(offer.name.to_owned(), |text, Parameter { name, value }| match value {
                Some(value) => format!("{text}; {name}={value}"),
                None => format!("{text}; {name}"),
            })
        };
        offers(&headers).map(|offer| offer.map(written)).collect()
    }

    #[test]
    fn what_browsers_and_the_rfc_offer() {
        let deflate = "permessage-deflate; client_max_window_bits";
        assert_eq!(read(&[deflate]), Ok(vec![deflate.into()]));
        assert_eq!(read(&["foo"]), Ok(vec!["foo".into()]));
        assert_eq!(read(&["bar; baz=2"]), Ok(vec!["bar; baz=2".into()]));
        let both = "deflate-stream, mux; max-channels=4; flow-control, deflate-stream";
        let offers = ["deflate-stream", "mux; max-channels=4; flow-control", "deflate-stream"];
        assert_eq!(read(&[both]), Ok(offers.map(String::from).into()));
        assert_eq!(read(&["foo, bar; baz=2"]), read(&["foo", "bar; baz=2"]));
    }

    #[test]
    fn a_value_in_quotes_is_a_token() {
        for quoted in [r#"x; y="10""#, r#"x; y="1\0""#, "x;y=10", "x\t;y \t= 10 ", r#"x; y = "\1\0""#] {
            assert_eq!(read(&[quoted]), Ok(vec!["x; y=10".into()]), "{quoted}");
        }
        for wrong in [
            r#"x; y="""#,
            r#"x; y="1 0""#,
            r#"x; y="1,0""#,
            r#"x; y="1\,0""#,
            r#"x; y="1;0""#,
            r#"x; y="1\"0""#,
            r#"x; y="10"#,
            r#"x; y="10\"#,
            r#"x; y="10"1"#,
            r#"x; y=1"0""#,
            r#"x; "y"=10"#,
            r#""x""#,
        ] {
            assert_eq!(read(&[wrong]), Err(Rejection::InvalidExtensions), "{wrong}");
        }
    }

    #[test]
    fn empty_elements_offer_nothing() {
        for lines in [&[][..], &[""], &[" "], &[",,"], &["", " , "]] {
            assert_eq!(read(lines), Ok(vec![]), "{lines:?}");
        }
        for lines in [&["x,,y"][..], &[",x, y,"], &["", "x", "y"]] {
            assert_eq!(read(lines), Ok(vec!["x".into(), "y".into()]), "{lines:?}");
        }
    }

    #[test]
    fn what_is_no_list_of_extensions_is_refused() {
        for wrong in
            ["x;", ";", "; y", "x;;y", "x; =1", "x; y=", "x; y==1", "x y", "x=1", "x; y z", "(x)", "x; y=1 2"]
        {
            assert_eq!(negotiate(&headers(&[wrong]), |_| None), Err(Rejection::InvalidExtensions), "{wrong}");
            assert_eq!(
                negotiate(&headers(&["good", wrong]), |_| None),
                Err(Rejection::InvalidExtensions),
                "{wrong}"
            );
            let behind = format!("good, {wrong}, good");
            assert_eq!(
                negotiate(&headers(&[&behind]), |_| None),
                Err(Rejection::InvalidExtensions),
                "{behind}"
            );
        }
        assert_eq!(negotiate(&headers(&["caf\u{e9}"]), |_| None), Err(Rejection::InvalidExtensions));
    }
}

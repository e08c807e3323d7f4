//! Conversion of an input to a request: a valid one, with changes.

use arbitrary::{Arbitrary, Result, Unstructured};
use axum::{body::Body, extract::Request};
use http::{HeaderName, HeaderValue, Method, Version};
use hyper::ext::Protocol;

/// First part of an input.
#[derive(Debug, Arbitrary)]
pub struct HandshakeInput {
    /// Form of the rest: plain bytes, a request of HTTP/1.1, or one of HTTP/2.
    pub kind: u8,
    /// Sizes of the pieces in which the bytes arrive.
    pub piece_sizes: [u8; 3],
}

/// Head of a request.
#[derive(Debug)]
pub struct RequestHead {
    method: &'static str,
    target: String,
    version: &'static str,
    lines: Vec<(&'static str, Vec<u8>)>,
    protocol: Option<&'static str>,
}

const METHODS: [&str; 7] = ["GET", "CONNECT", "POST", "HEAD", "OPTIONS", "PUT", "get"];
const TARGETS: [&str; 10] = [
    "/ws",
    "/body",
    "/sub",
    "/ws?x=1",
    "http://example.com/ws",
    "https://example.com:8443/ws",
    "http://user@example.com/ws",
    "/",
    "*",
    "example.com:80",
];
const VERSIONS: [&str; 4] = ["HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/1.2"];
const PROTOCOLS: [Option<&str>; 4] = [Some("websocket"), Some("WebSocket"), Some("connect-udp"), None];

/// Header lines that the handshake reads, with values that are valid or nearly so.
const LINES: [(&str, &[&str]); 14] = [
    (
        "host",
        &[
            "example.com",
            "EXAMPLE.com:80",
            "a.example",
            "[::1]:80",
            "a@example.com",
            "",
            ":80",
            "a:65536",
            "a:",
        ],
    ),
    (
        "connection",
        &["Upgrade", "keep-alive, UPGRADE", "notupgrade", "keep-alive", "close, upgrade", "", ",upgrade,"],
    ),
    ("upgrade", &["websocket", "h2c, WebSocket", "websockets", "web socket", "", "h2c"]),
    ("sec-websocket-version", &["13", "8", "013", "13, 8", "", "13 "]),
    (
        "sec-websocket-key",
        &[
            "dGhlIHNhbXBsZSBub25jZQ==",
            "AAAAAAAAAAAAAAAAAAAAAA==",
            "AAAAAAAAAAAAAAAAAAAAAB==",
            "AAAAAAAAAAAAAAAAAAAA",
            "AAAAAAAAAAAAAAAAAAAAAA",
            "AAAAAAAAAAAAAAAAAAAAAAA=",
            "",
        ],
    ),
    (
        "sec-websocket-protocol",
        &["chat.v1", "chat.v2, chat.v1", "chat.v1, chat.v1", "a,,b", "", "a b", "\"chat.v1\""],
    ),
    (
        "origin",
        &[
            "http://example.com",
            "https://EXAMPLE.com:5173",
            "https://app.example.com",
            "https://evil.example",
            "null",
            "",
            "ftp://example.com",
            "https://example.com@evil.example",
            "https://evil-example.com",
            "https://example.com.evil.example",
        ],
    ),
    ("content-length", &["0", "1", "5", "65537", "+1", "1, 1"]),
    ("transfer-encoding", &["chunked", "gzip, chunked", "identity", ""]),
    ("expect", &["100-continue", "x"]),
    ("cookie", &["a=1; b=\"2\"", "=", ""]),
    ("sec-websocket-extensions", &["permessage-deflate", "x; y=\"z\"", ""]),
    ("x-request-id", &["7", "a b", ""]),
    ("x-forwarded-for", &["10.0.0.1", "x"]),
];

/// Reads the changes to a valid request, up to a byte that ends them.
pub fn request_head(u: &mut Unstructured<'_>, is_http2: bool) -> Result<RequestHead> {
    let mut head = RequestHead {
        method: pick(u, &METHODS)?,
        target: (*pick(u, &TARGETS)?).to_owned(),
        version: pick(u, &VERSIONS)?,
        lines: LINES[..5].iter().map(|(name, values)| (*name, values[0].into())).collect(),
        protocol: *pick(u, &PROTOCOLS)?,
    };
    if is_http2 {
        head.lines.retain(|(name, _)| *name == "sec-websocket-version");
    }
    loop {
        let action = u.arbitrary::<u8>()? % 8;
        let (name, values) = match action {
            0 => return Ok(head),
            1 => {
                head.target = String::from_utf8_lossy(raw(u)?).into_owned();
                continue;
            }
            _ => pick(u, &LINES)?,
        };
        let value = match action {
            2 => None,
            3 | 4 => Some((*pick(u, values)?).into()),
            _ => Some(raw(u)?.to_vec()),
        };
        if action != 4 && action != 7 {
            head.lines.retain(|(known, _)| known != name);
        }
        head.lines.extend(value.map(|value| (*name, value)));
    }
}

fn pick<'a, T>(u: &mut Unstructured<'_>, from: &'a [T]) -> Result<&'a T> {
    Ok(&from[usize::from(u.arbitrary::<u8>()?) % from.len()])
}

fn raw<'a>(u: &mut Unstructured<'a>) -> Result<&'a [u8]> {
    let length = usize::from(u.arbitrary::<u8>()?);
    u.bytes(length.min(u.len()))
}

impl RequestHead {
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{} {} {}\r\n", self.method, self.target, self.version).into_bytes();
        for (name, value) in &self.lines {
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"\r\n");
        bytes
    }

    /// Returns the request of HTTP/2 if it is valid. GET and CONNECT are swapped.
    pub fn to_request(&self) -> Option<Request> {
        let mut request = Request::new(Body::empty());
        *request.version_mut() = Version::HTTP_2;
        *request.method_mut() = match self.method {
            "GET" => Method::CONNECT,
            "CONNECT" => Method::GET,
            other => other.parse().ok()?,
        };
        *request.uri_mut() = match self.target.strip_prefix('/') {
            Some(path) => format!("https://example.com/{path}").parse().ok()?,
            None => self.target.parse().ok()?,
        };
        for (name, value) in &self.lines {
            let value = HeaderValue::from_bytes(value).ok()?;
            request.headers_mut().append(HeaderName::from_static(name), value);
        }
        if let Some(protocol) = self.protocol {
            request.extensions_mut().insert(Protocol::from_static(protocol));
        }
        Some(request)
    }
}

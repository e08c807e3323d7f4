//! Parts of a request's head that clients can make long, before any authentication.

use std::collections::HashMap;

use ignitia::{
    limits::{Limits, ProxyHeader, TrustedProxies},
    prelude::*,
};

use super::{
    case::{GrowthCase, elements},
    instrumented::BlockingClient,
};

/// A part of a head, made of numbered elements.
struct HeadPart {
    name: &'static str,
    path: &'static str,
    connection: &'static str,
    /// Header line that the elements extend. If there is none, they extend the path.
    line: Option<&'static str>,
    /// Returns the element of a number.
    element: fn(usize) -> String,
}

const PLAIN_HEAD: HeadPart =
    HeadPart { name: "", path: "/plain", connection: "Upgrade", line: None, element: |n| format!("a{n},") };

const HEAD_PARTS: [HeadPart; 14] = [
    HeadPart { name: "subprotocols", line: Some("Sec-WebSocket-Protocol: "), ..PLAIN_HEAD },
    HeadPart {
        name: "no subprotocols",
        line: Some("Sec-WebSocket-Protocol: "),
        element: |_| ",".into(),
        ..PLAIN_HEAD
    },
    HeadPart { name: "extensions", line: Some("Sec-WebSocket-Extensions: "), ..PLAIN_HEAD },
    HeadPart {
        name: "parameters of an extension",
        line: Some("Sec-WebSocket-Extensions: a"),
        element: |n| format!(";b{n}=\"\\{}\"", n % 10),
        ..PLAIN_HEAD
    },
    HeadPart { name: "connection options", connection: "Upgrade, ", ..PLAIN_HEAD },
    HeadPart { name: "protocols to upgrade to", line: Some("Upgrade: "), ..PLAIN_HEAD },
    HeadPart {
        name: "hops, X-Forwarded-For",
        line: Some("X-Forwarded-For: "),
        element: |n| format!("10.0.{}.{},", n / 256, n % 256),
        ..PLAIN_HEAD
    },
    HeadPart {
        name: "hops, Forwarded",
        path: "/forwarded",
        line: Some("Forwarded: "),
        element: |n| format!("for=10.0.{}.{},", n / 256, n % 256),
        ..PLAIN_HEAD
    },
    HeadPart {
        name: "cookies",
        path: "/cookies",
        line: Some("Cookie: "),
        element: |n| format!("a{n}=1;"),
        ..PLAIN_HEAD
    },
    HeadPart { name: "a header", line: Some("X-Long: "), ..PLAIN_HEAD },
    HeadPart {
        name: "an origin",
        line: Some("Origin: http://evil."),
        element: |n| format!("a{n}."),
        ..PLAIN_HEAD
    },
    HeadPart { name: "the tail of a path", path: "/tail/", element: |n| format!("%61{n}/"), ..PLAIN_HEAD },
    HeadPart {
        name: "parameters of a path",
        path: "/three/x/y/",
        element: |n| format!("%61{n}"),
        ..PLAIN_HEAD
    },
    HeadPart { name: "a query", path: "/query?", element: |n| format!("a{n}=%61&"), ..PLAIN_HEAD },
];

#[cfg(feature = "compression")]
const COMPRESSION_PARTS: [HeadPart; 2] = [
    HeadPart {
        name: "offers of compression",
        path: "/compressed",
        line: Some("Sec-WebSocket-Extensions: "),
        element: |n| format!("permessage-deflate;server_max_window_bits=8;a{n},"),
        ..PLAIN_HEAD
    },
    HeadPart {
        name: "parameters of compression",
        path: "/compressed",
        line: Some("Sec-WebSocket-Extensions: permessage-deflate"),
        element: |_| ";client_max_window_bits=\"1\\5\"".into(),
        ..PLAIN_HEAD
    },
];

#[cfg(not(feature = "compression"))]
const COMPRESSION_PARTS: [HeadPart; 0] = [];

impl HeadPart {
    /// Requests a WebSocket with a head whose part is `bytes` longer than necessary.
    fn request(&self, port: u16, bytes: usize) {
        let elements = elements(bytes, self.element);
        let (mut path, mut connection, mut line) =
            (self.path.to_owned(), self.connection.to_owned(), String::new());
        match self.line {
            Some(name) => line = format!("{name}{elements}\r\n"),
            None if self.connection != PLAIN_HEAD.connection => connection += &elements,
            None => path += &elements,
        }
        // Short heads take a shorter way to the router: all are to take the way of long ones.
        line += &format!("X-Filler: {}\r\n", "a".repeat(2 << 10));
        BlockingClient::request_and_close(port, &path, &connection, &line);
    }
}

/// Returns all cases. A unit is a connection.
pub(super) fn cases() -> impl Iterator<Item = GrowthCase> {
    HEAD_PARTS.iter().chain(&COMPRESSION_PARTS).map(|part| {
        GrowthCase::new(part.name, |port, bytes, connections| {
            for _ in 0..connections {
                part.request(port, bytes);
            }
        })
    })
}

async fn open(mut ws: WebSocketConnection) -> Result<Response> {
    while ws.recv().await.is_some() {}
    Ok(Response::ok())
}

#[websocket("/three/<a>/<b>/<c>")]
async fn three(a: String, b: String, c: String, ws: WebSocketConnection) -> Result<Response> {
    assert!(a.len() + b.len() <= 2 && !c.contains('%'));
    open(ws).await
}

pub(super) fn router() -> Router {
    let proxies = |header| {
        TrustedProxies::networks(["127.0.0.0/8".parse().unwrap(), "10.0.0.0/8".parse().unwrap()])
            .header(header)
    };
    let forwarded =
        Router::new().websocket("/forwarded", open).trusted_proxies(proxies(ProxyHeader::Forwarded));
    let router = Router::new();
    #[cfg(feature = "compression")]
    let router = router.websocket_with("/compressed", open, super::messages::compressed());
    router
        .websocket("/plain", open)
        .websocket("/tail/{*rest}", |_: Path<String>, ws: WebSocketConnection| open(ws))
        .websocket("/query", |_: Query<HashMap<String, String>>, ws: WebSocketConnection| open(ws))
        .websocket("/cookies", async |cookies: Cookies, ws: WebSocketConnection| {
            assert_eq!(cookies.get("none"), None);
            open(ws).await
        })
        .mount(three)
        .limits(Limits::default().max_connections_per_peer(1_000))
        .trusted_proxies(proxies(ProxyHeader::XForwardedFor))
        .merge(forwarded)
}

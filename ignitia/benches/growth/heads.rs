//! Parts of the head of a request: what they cost before anybody was admitted.

use std::collections::HashMap;

use ignitia::{
    limits::{Limits, ProxyHeader, TrustedProxies},
    prelude::*,
};

use super::{Grown, counted::Client, elements};

/// What grows, and how: the next element, given its number.
struct Part {
    name: &'static str,
    path: &'static str,
    connection: &'static str,
    /// What the elements stand behind, if that is a line of the head; otherwise they are the path's.
    line: Option<&'static str>,
    element: fn(usize) -> String,
}

const PART: Part =
    Part { name: "", path: "/plain", connection: "Upgrade", line: None, element: |n| format!("a{n},") };

const PARTS: [Part; 14] = [
    Part { name: "subprotocols", line: Some("Sec-WebSocket-Protocol: "), ..PART },
    Part { name: "no subprotocols", line: Some("Sec-WebSocket-Protocol: "), element: |_| ",".into(), ..PART },
    Part { name: "extensions", line: Some("Sec-WebSocket-Extensions: "), ..PART },
    Part {
        name: "parameters of an extension",
        line: Some("Sec-WebSocket-Extensions: a"),
        element: |n| format!(";b{n}=\"\\{}\"", n % 10),
        ..PART
    },
    Part { name: "connection options", connection: "Upgrade, ", ..PART },
    Part { name: "protocols to upgrade to", line: Some("Upgrade: "), ..PART },
    Part {
        name: "hops, X-Forwarded-For",
        line: Some("X-Forwarded-For: "),
        element: |n| format!("10.0.{}.{},", n / 256, n % 256),
        ..PART
    },
    Part {
        name: "hops, Forwarded",
        path: "/forwarded",
        line: Some("Forwarded: "),
        element: |n| format!("for=10.0.{}.{},", n / 256, n % 256),
        ..PART
    },
    Part {
        name: "cookies",
        path: "/cookies",
        line: Some("Cookie: "),
        element: |n| format!("a{n}=1;"),
        ..PART
    },
    Part { name: "a header", line: Some("X-Long: "), ..PART },
    Part { name: "an origin", line: Some("Origin: http://evil."), element: |n| format!("a{n}."), ..PART },
    Part { name: "the tail of a path", path: "/tail/", element: |n| format!("%61{n}/"), ..PART },
    Part { name: "parameters of a path", path: "/three/x/y/", element: |n| format!("%61{n}"), ..PART },
    Part { name: "a query", path: "/query?", element: |n| format!("a{n}=%61&"), ..PART },
];

impl Part {
    /// Asks for a WebSocket with a head that is so much longer than need be.
    fn ask(&self, port: u16, bytes: usize) {
        let elements = elements(bytes, self.element);
        let (mut path, mut connection, mut line) =
            (self.path.to_owned(), self.connection.to_owned(), String::new());
        match self.line {
            Some(name) => line = format!("{name}{elements}\r\n"),
            None if self.connection != PART.connection => connection += &elements,
            None => path += &elements,
        }
        Client::ask(port, &path, &connection, &line);
    }
}

/// All of them. Each unit is a connection.
pub(super) fn grown() -> impl Iterator<Item = Grown> {
    PARTS.iter().map(|part| {
        Grown::new(part.name, |port, bytes, connections| {
            for _ in 0..connections {
                part.ask(port, bytes);
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
    Router::new()
        .websocket("/plain", open)
        .websocket("/tail/{*rest}", |_: Path<String>, ws: WebSocketConnection| open(ws))
        .websocket("/query", |_: Query<HashMap<String, String>>, ws: WebSocketConnection| open(ws))
        .websocket("/cookies", async |cookies: Cookies, ws: WebSocketConnection| {
            assert_eq!(cookies.get("none"), None);
            open(ws).await
        })
        .mount(three)
        .limits(Limits { max_connections_per_peer: Some(1_000), ..Default::default() })
        .trusted_proxies(proxies(ProxyHeader::XForwardedFor))
        .merge(forwarded)
}

//! What a long head of a request costs the server, before anybody was admitted: no more for each byte than a short one. What
//! is quadratic in a list shows as ten times that.

#![allow(clippy::unwrap_used, reason = "a bench that meets the unexpected shall fail")]

mod counted;

use std::collections::HashMap;

use ignitia::{
    limits::{Limits, ProxyHeader, TrustedProxies},
    prelude::*,
};

use self::counted::{Client, Counter};

/// The argument that makes this the server.
const SERVE: &str = "serve-heads";

/// Bytes of the part of the head that grows.
const SHORT: usize = 1_500;
const LONG: usize = 15_000;

/// How much more the long one may cost: ten times, and what growing buffers take.
const MOST: f64 = 13.0;

/// Whose difference is counted.
const CONNECTIONS: [usize; 2] = [4, 12];

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
        let mut elements = String::new();
        for n in 0.. {
            if elements.len() >= bytes {
                break;
            }
            elements += &(self.element)(n);
        }
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

fn main() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some(SERVE) {
        return counted::serve(router());
    }
    // Test runners ask for the tests first: there are none to choose from.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    let instructions = Some(Counter::Instructions).filter(|counter| counter.is_there());
    println!("{:28} {:>14} {:>14}", "for each byte of", "instructions", "allocations");
    let mut more_than_linear = Vec::new();
    for (index, part) in PARTS.iter().enumerate() {
        // What so many bytes cost more than none.
        let [none, short, long] = [0, SHORT, LONG].map(|bytes| {
            let name = format!("heads-{index}-{bytes}");
            counted::per_unit(&name, instructions, &[SERVE], CONNECTIONS, |port, connections| {
                for _ in 0..connections {
                    part.ask(port, bytes);
                }
            })
        });
        let of_bytes = |none: f64, short: f64, long: f64| (short - none, long - none);
        let allocations = of_bytes(none.allocations, short.allocations, long.allocations);
        let instructions = none.counted.zip(short.counted).zip(long.counted);
        let instructions = instructions.map(|((none, short), long)| of_bytes(none, short, long));
        let each = |(_, long): (f64, f64)| long / LONG as f64;
        println!(
            "{:28} {:>14} {:>14.3}",
            part.name,
            instructions.map_or("-".into(), |counts| format!("{:.1}", each(counts))),
            each(allocations)
        );
        // A few allocations are buffers that double.
        for (what, counts, slack) in
            [("instructions", instructions, 0.0), ("allocations", Some(allocations), 10.0)]
        {
            if let Some((short, long)) = counts
                && long > short * MOST + slack
            {
                more_than_linear.push(format!("{}: {short:.0} and {long:.0} {what}", part.name));
            }
        }
    }
    assert!(more_than_linear.is_empty(), "ten times the bytes cost more than that: {more_than_linear:#?}");
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

fn router() -> Router {
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

//! Negotiation, as the peer sees it: offers and answers over every transport.

use ignitia::{
    prelude::*,
    websocket::{Compression, WebSocketConfig},
};

use super::{
    all_echoes,
    peer::{OFFER, Peer, offering},
    prose, with,
};
use crate::support::{Frame, KEY, Request, TEXT, Transport, echo, everywhere, text};

/// Answer of a route without context takeover, without a window.
const NEITHER: &str = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

fn router() -> Router {
    all_echoes().websocket_with("/twelve", echo, with(Compression::dedicated()))
}

/// Every parameter, by itself and with others.
#[tokio::test]
async fn parameters_are_answered() {
    let shared = |rest: &str| format!("{NEITHER}{rest}");
    let plain = |rest: &str| format!("permessage-deflate{rest}");
    let rows = [
        ("/shared", "permessage-deflate", shared("")),
        ("/shared", OFFER, shared("")),
        ("/shared", "permessage-deflate; client_max_window_bits=8", shared("")),
        ("/shared", "permessage-deflate; server_no_context_takeover", shared("")),
        ("/shared", "permessage-deflate; client_no_context_takeover", shared("")),
        (
            "/shared",
            "permessage-deflate;server_max_window_bits=9;client_max_window_bits=15",
            shared("; server_max_window_bits=9"),
        ),
        ("/shared", "permessage-deflate; server_max_window_bits=15", shared("; server_max_window_bits=15")),
        ("/dedicated", "permessage-deflate", plain("")),
        ("/dedicated", OFFER, plain("; client_max_window_bits=15")),
        ("/dedicated", "permessage-deflate; client_max_window_bits=9", plain("; client_max_window_bits=9")),
        (
            "/dedicated",
            "permessage-deflate; server_no_context_takeover",
            plain("; server_no_context_takeover"),
        ),
        (
            "/dedicated",
            "permessage-deflate; client_no_context_takeover",
            plain("; client_no_context_takeover"),
        ),
        ("/dedicated", "permessage-deflate; server_max_window_bits=9", plain("; server_max_window_bits=9")),
        // A client whose window cannot be limited does not keep it.
        ("/twelve", "permessage-deflate", plain("; client_no_context_takeover")),
        ("/twelve", OFFER, plain("; client_max_window_bits=12")),
        (
            "/twelve",
            r#"permessage-deflate ; server_max_window_bits = "10";	client_max_window_bits="1\1" "#,
            plain("; server_max_window_bits=10; client_max_window_bits=11"),
        ),
    ];
    everywhere(router, async |server| {
        for (path, offer, expected) in &rows {
            let mut peer = Peer::open(&server, path, offer).await;
            assert_eq!(&peer.parameters, expected, "{path}: {offer}");
            let text = prose(0, 1_000);
            peer.send_text(&text).await;
            assert!(peer.expect_text(&text).await, "{path}: {offer}");
        }
    })
    .await;
}

/// The first offer that can be met counts, whatever stands before and behind it.
#[tokio::test]
async fn several_offers_are_taken_in_the_order_of_preference() {
    let tenth = "permessage-deflate; server_max_window_bits=10";
    let expected = format!("{NEITHER}; server_max_window_bits=10");
    everywhere(router, async |server| {
        for lines in [
            vec![format!("{tenth}, permessage-deflate")],
            vec![format!(",, {tenth} ,permessage-deflate; client_max_window_bits,")],
            vec![tenth.to_owned(), "permessage-deflate".to_owned()],
            vec![format!("x-webkit-deflate-frame, {tenth}"), "permessage-deflate".to_owned()],
            vec!["permessage-deflate; server_max_window_bits=8".to_owned(), String::new(), tenth.to_owned()],
            vec![format!("permessage-deflate; unknown=1, permessage-deflate; x, permessage-bzip2, {tenth}")],
        ] {
            let offers: Vec<&str> = lines.iter().map(|line| &**line).collect();
            let (head, _socket) = server.ask(&offering("/shared", &offers)).await;
            assert_eq!(head.status, 101, "{offers:?}: {head:?}");
            assert_eq!(head.get("sec-websocket-extensions"), Some(&*expected), "{offers:?}");
        }
    })
    .await;
}

/// Such an offer is no failure: the connection is one without compression.
#[tokio::test]
async fn an_offer_that_cannot_be_met_is_declined() {
    let unmet = [
        "permessage-deflate; server_max_window_bits=8",
        "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=09",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; client_max_window_bits=16",
        "permessage-deflate; client_max_window_bits=7",
        "permessage-deflate; client_max_window_bits=x",
        "permessage-deflate; client_max_window_bits; client_max_window_bits",
        "permessage-deflate; client_max_window_bits=10; client_max_window_bits=10",
        "permessage-deflate; server_max_window_bits=10; server_max_window_bits=11",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; client_no_context_takeover=\"true\"",
        "permessage-deflate; SERVER_NO_CONTEXT_TAKEOVER",
        "permessage-deflate; server_max_window_bits=184467440737095516169",
        "permessage-deflate; dictionary=zstd",
        "permessage-deflate-2",
        "perframe-deflate, x-webkit-deflate-frame, mux; max-channels=4",
        "",
    ];
    let long = prose(1, 1_000);
    everywhere(router, async |server| {
        for offer in unmet {
            for path in ["/shared", "/dedicated"] {
                let (head, mut socket) = server.ask(&offering(path, &[offer])).await;
                assert_eq!(head.status, 101, "{offer}: {head:?}");
                assert_eq!(head.get("sec-websocket-extensions"), None, "{offer}");
                socket.send(&text(&long)).await;
                socket.expect_text(&long).await;
            }
        }
    })
    .await;
}

/// Text that is no list of extensions is refused, wherever it stands and whether compression is on.
#[tokio::test]
async fn malformed_offers_are_refused() {
    let wrong = [
        "permessage-deflate;",
        "permessage-deflate;;client_max_window_bits",
        "permessage-deflate; =10",
        "permessage-deflate; server_max_window_bits=",
        "permessage-deflate; server_max_window_bits==10",
        "permessage-deflate; server_max_window_bits=1 0",
        "permessage-deflate; server_max_window_bits=\"10",
        "permessage-deflate; server_max_window_bits=\"\"",
        "permessage-deflate; server_max_window_bits=\"1,0\"",
        "permessage-deflate client_max_window_bits",
        "permessage-deflate=1",
        "; permessage-deflate",
        "permessage(deflate)",
        "permessage-deflate, b@d",
    ];
    everywhere(router, async |server| {
        for path in ["/shared", "/dedicated", "/ws"] {
            for wrong in wrong {
                let behind = format!("permessage-deflate, {wrong}");
                let several = [&[&*behind][..], &["permessage-deflate", wrong], &[wrong, OFFER]];
                let several = if path == "/shared" { &several[..] } else { &[] };
                for offers in [&[wrong][..]].iter().chain(several) {
                    let (head, _socket) = server.ask(&offering(path, offers)).await;
                    assert_eq!(head.status, 400, "{path}: {offers:?}");
                    assert_eq!(head.get("sec-websocket-extensions"), None);
                }
            }
        }
    })
    .await;
}

/// A refused handshake, and a client that offers nothing, are not answered with an extension.
#[tokio::test]
async fn without_an_offer_or_an_upgrade_no_extension_is_answered() {
    async fn refuses(_: WebSocketConnection) -> Response {
        Response::unauthorized("no")
    }
    let router = || router().websocket_with("/refuses", refuses, with(Compression::shared()));
    everywhere(router, async |server| {
        for (request, status) in [
            (Request::upgrade("/shared"), 101),
            (offering("/refuses", &[OFFER]), 401),
            (offering("/shared", &[OFFER]).set("Origin", &["https://evil.example"]), 403),
        ] {
            let (head, _socket) = server.ask(&request).await;
            assert_eq!((head.status, head.get("sec-websocket-extensions")), (status, None), "{request:?}");
        }
    })
    .await;
}

/// Nothing is accepted by default, on a server where other routes compress.
#[tokio::test]
async fn a_route_without_compression_accepts_no_extension() {
    everywhere(router, async |server| {
        let (head, mut socket) = server.ask(&offering("/ws", &[OFFER, "permessage-deflate"])).await;
        assert_eq!((head.status, head.get("sec-websocket-extensions")), (101, None));
        let long = prose(2, 5_000);
        socket.send(&text(&long)).await;
        socket.expect_text(&long).await;
        let (head, _socket) = server.ask(&offering("/shared", &[OFFER])).await;
        assert_eq!(head.get("sec-websocket-extensions"), Some(NEITHER));
    })
    .await;
    // A router that says so for all of its routes, but for one.
    let on = with(Compression::shared());
    let router = || {
        Router::new()
            .websocket("/on", echo)
            .websocket_with("/off", echo, WebSocketConfig::default())
            .websocket_config(on.clone())
    };
    everywhere(router, async |server| {
        for (path, answer) in [("/on", Some(NEITHER)), ("/off", None), ("/on", Some(NEITHER))] {
            let (head, _socket) = server.ask(&offering(path, &[OFFER])).await;
            assert_eq!(head.get("sec-websocket-extensions"), answer, "{path}");
        }
    })
    .await;
}

/// The answer's other headers are there as well, each once.
#[tokio::test]
async fn the_whole_answer_is_valid() {
    let config = with(Compression::shared()).subprotocols(["chat"]);
    let handler = async |headers: ResponseHeaders, ws: WebSocketConnection| {
        assert!(headers.insert("sec-websocket-extensions", "mine").unwrap_err().is_invalid_input());
        headers.append("x-own", "yes").unwrap();
        echo(ws).await
    };
    let router = || Router::new().websocket_with("/ws", handler, config.clone());
    everywhere(router, async |server| {
        let request = offering("/ws", &[OFFER]).set("Sec-WebSocket-Protocol", &["chat"]);
        let (head, mut socket) = server.ask(&request).await;
        assert_eq!(head.status, 101);
        assert_eq!(head.get("sec-websocket-extensions"), Some(NEITHER));
        assert_eq!(head.get("sec-websocket-protocol"), Some("chat"));
        assert_eq!(head.get("x-own"), Some("yes"));
        if server.transport != Transport::Http2 {
            assert_eq!(KEY, "dGhlIHNhbXBsZSBub25jZQ==");
            assert_eq!(head.get("sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
        }
        socket.send(&text("as it is")).await;
        assert_eq!(socket.any_frame().await, Frame::whole(TEXT, "as it is"));
    })
    .await;
}

/// The handler sees what was agreed on, and its text is that of the answer.
#[tokio::test]
async fn the_handler_knows_the_parameters() {
    async fn tells(ws: WebSocketConnection) -> Result<Response> {
        let told = ws.compression().map(|parameters| parameters.to_string());
        ws.send_text(told.unwrap_or_else(|| "none".into())).await?;
        if let Some(parameters) = ws.compression() {
            ws.send_text(format!(
                "{} {} {:?} {:?}",
                parameters.server_no_context_takeover,
                parameters.client_no_context_takeover,
                parameters.server_max_window_bits,
                parameters.client_max_window_bits
            ))
            .await?;
        }
        Ok(Response::ok())
    }
    let router = || {
        Router::new()
            .websocket("/off", tells)
            .websocket_with("/shared", tells, with(Compression::shared()))
            .websocket_with("/dedicated", tells, with(Compression::dedicated().window_bits(11)))
    };
    everywhere(router, async |server| {
        for (path, offer, fields) in [
            ("/shared", OFFER, "true true None None"),
            ("/shared", "permessage-deflate; server_max_window_bits=14", "true true Some(14) None"),
            ("/dedicated", OFFER, "false false None Some(11)"),
            ("/dedicated", "permessage-deflate; server_max_window_bits=9", "false true Some(9) None"),
        ] {
            let mut peer = Peer::open(&server, path, offer).await;
            let answer = peer.parameters.clone();
            peer.expect_text(&answer).await;
            peer.expect_text(fields).await;
        }
        for (path, offer) in [("/off", OFFER), ("/shared", "permessage-deflate; x"), ("/dedicated", "")] {
            let (_, mut socket) = server.ask(&offering(path, &[offer])).await;
            socket.expect_text("none").await;
        }
    })
    .await;
}

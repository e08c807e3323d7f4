//! Bodies of upgrade requests with two lengths, or none: one reader takes for a body what another
//! takes for a request or for frames. Such a request gets one answer, and no second one.

use ignitia::prelude::*;

use crate::support::{Bystander, End, Request, Transport, echo, over_http1, text};

type Row = (&'static str, Request, u16);

/// Returns a body whose bytes are a frame: taken for one, it would be echoed.
fn frames() -> Vec<u8> {
    text("smuggled")
}

/// A body that is a request: taken for one, it would be answered.
const REQUEST: &[u8] = b"GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn upgrade() -> Request {
    Request::upgrade("/ws")
}

fn lengths() -> Vec<Row> {
    let length = |lines: &[&str]| upgrade().set("Content-Length", lines).followed_by(&frames());
    vec![
        ("two lengths", length(&["14", "0"]), 400),
        ("two lengths, the first of nothing", length(&["0", "14"]), 400),
        ("the same length twice", length(&["14", "14"]), 400),
        ("two lengths in a line", length(&["14, 0"]), 400),
        ("the same length twice in a line", length(&["0, 0"]), 400),
        ("a length with a sign", length(&["+0"]), 400),
        ("a negative length", length(&["-0"]), 400),
        ("a length in hexadecimal", length(&["0x0"]), 400),
        ("a length with a fraction", length(&["0.0"]), 400),
        ("a length with spaces in it", length(&["0 0"]), 400),
        ("an empty length", length(&[""]), 400),
        ("a length of letters", length(&["none"]), 400),
        ("a length in other digits", length(&["\u{ff10}"]), 400),
        ("a length of 2^64", length(&["18446744073709551616"]), 400),
        ("a length of 2^64 and a bit", length(&["18446744073709551630"]), 400),
        ("a length of 2^63", length(&["9223372036854775808"]), 400),
        ("a length with a parameter", length(&["0;q=1"]), 400),
    ]
}

fn codings() -> Vec<Row> {
    let coding = |lines: &[&str]| {
        let chunked = [b"e\r\n", &frames()[..], b"\r\n0\r\n\r\n"].concat();
        upgrade().set("Transfer-Encoding", lines).followed_by(&chunked)
    };
    vec![
        ("a length and chunks", coding(&["chunked"]).set("Content-Length", &["0"]), 400),
        ("a length that is none and chunks", coding(&["chunked"]).set("Content-Length", &["none"]), 400),
        ("chunks in any case", coding(&["CHUNKED"]), 400),
        ("chunks twice", coding(&["chunked, chunked"]), 400),
        ("chunks twice in two lines", coding(&["chunked", "chunked"]), 400),
        ("chunks and then nothing", coding(&["chunked", "identity"]), 400),
        ("nothing and then chunks", coding(&["identity", "chunked"]), 400),
        ("chunks that are zipped", coding(&["gzip, chunked"]), 400),
        ("chunks before they are zipped", coding(&["chunked, gzip"]), 400),
        ("nothing", coding(&["identity"]), 400),
        ("an empty coding", coding(&[""]), 400),
        ("a coding that ends like chunks", coding(&["xchunked"]), 400),
        ("a coding that begins like chunks", coding(&["chunkedx"]), 400),
        ("chunks with a vertical tab", coding(&["\x0bchunked"]), 400),
        ("chunks in quotes", coding(&["\"chunked\""]), 400),
        ("chunks with a space before the colon", coding(&[]).set("Transfer-Encoding ", &["chunked"]), 400),
        ("chunks in HTTP/1.0", coding(&["chunked"]).line("GET /ws HTTP/1.0"), 400),
        ("chunks that do not come", upgrade().set("Transfer-Encoding", &["chunked"]), 400),
    ]
}

/// Bodies for a handler that reads them as JSON; `"Ada"` would be valid.
fn chunks() -> Vec<Row> {
    let chunks = |bytes: &[u8]| {
        upgrade()
            .line("POST /greets HTTP/1.1")
            .set("Content-Type", &["application/json"])
            .set("Transfer-Encoding", &["chunked"])
            .followed_by(bytes)
    };
    let extended = [b"5;".to_vec(), vec![b'x'; 20_000], b"\r\n\"Ada\"\r\n0\r\n\r\n".to_vec()].concat();
    let trailing =
        [b"5\r\n\"Ada\"\r\n0\r\n".to_vec(), b"X-Room: a\r\n".repeat(20_000), b"\r\n".to_vec()].concat();
    vec![
        ("a chunk of 2^64 and a bit", chunks(b"10000000000000005\r\n\"Ada\"\r\n0\r\n\r\n"), 400),
        ("a chunk of letters", chunks(b"five\r\n\"Ada\"\r\n0\r\n\r\n"), 400),
        ("a chunk of a negative length", chunks(b"-5\r\n\"Ada\"\r\n0\r\n\r\n"), 400),
        ("a chunk of a length with a sign", chunks(b"+5\r\n\"Ada\"\r\n0\r\n\r\n"), 400),
        ("a chunk of a length with 0x", chunks(b"0x5\r\n\"Ada\"\r\n0\r\n\r\n"), 400),
        ("a chunk of no length", chunks(b"\r\n\"Ada\"\r\n0\r\n\r\n"), 400),
        ("a chunk longer than it says", chunks(b"4\r\n\"Ada\"\r\n0\r\n\r\n"), 400),
        ("a chunk shorter than it says", chunks(b"6\r\n\"Ada\"\r\n0\r\n\r\n"), 400),
        ("a chunk whose length ends in a line feed", chunks(b"5\n\"Ada\"\r\n0\r\n\r\n"), 400),
        ("a chunk whose length ends in a carriage return", chunks(b"5\rX\"Ada\"\r\n0\r\n\r\n"), 400),
        ("a chunk that ends in a line feed", chunks(b"5\r\n\"Ada\"\n0\r\n\r\n"), 400),
        ("an extension of 20 KiB", chunks(&extended), 400),
        ("an extension with a line feed", chunks(b"5;a\nb\r\n\"Ada\"\r\n0\r\n\r\n"), 400),
        ("trailers of 200 KiB", chunks(&trailing), 400),
        ("a trailer that is none", chunks(b"5\r\n\"Ada\"\r\n0\r\nX Room: a\r\n\r\n"), 400),
        ("the end of a body of which half has come", chunks(b"5\r\n\"A"), 0),
    ]
}

fn router() -> Router {
    let greets = |Json(name): Json<String>, ws: WebSocketConnection| async move {
        ws.send_text(name).await?;
        echo(ws).await
    };
    Router::new().websocket("/ws", echo).websocket("/greets", greets).get("/page", || async { "a page" })
}

/// Expects one answer for each row, and the end of the connection.
async fn refuses(rows: fn() -> Vec<Row>) {
    over_http1(router, async |server| {
        let mut bystander = Bystander::of(&server).await;
        for (name, request, status) in rows() {
            println!("{name}");
            let mut socket = server.connect().await;
            socket.send(&[&request.to_bytes()[..], REQUEST].concat()).await;
            if status == 0 {
                socket.shut_down_write().await;
                continue;
            }
            let head = socket.head().await;
            assert_eq!(head.status, status, "{head:?}");
            socket.body(&head).await;
            // Unread bytes may turn the end into a reset; nothing may come before it.
            let end = socket.end().await;
            assert!(end != End::Truncated || server.transport == Transport::Tls, "{end:?}");
        }
        bystander.is_served().await;
    })
    .await;
}

#[tokio::test]
async fn malformed_or_ambiguous_lengths_are_refused() {
    refuses(lengths).await;
}

#[tokio::test]
async fn unknown_or_ambiguous_codings_are_refused() {
    refuses(codings).await;
}

#[tokio::test]
async fn malformed_chunks_are_refused() {
    refuses(chunks).await;
}

/// The bytes behind the handshake are frames, whatever they look like.
#[tokio::test]
async fn requests_behind_an_upgrade_are_frames() {
    over_http1(router, async |server| {
        let mut bystander = Bystander::of(&server).await;
        let again = upgrade().to_bytes();
        for (name, behind) in [
            ("a page", REQUEST),
            ("another upgrade", &again),
            ("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
            ("a TLS handshake", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
        ] {
            println!("{name}");
            // The same behind a complete empty body.
            let chunked = upgrade().set("Transfer-Encoding", &["chunked"]).followed_by(b"0\r\n\r\n");
            for request in [upgrade(), upgrade().set("Content-Length", &["0"]), chunked] {
                let (head, mut socket) = server.ask(&request.followed_by(behind)).await;
                assert_eq!(head.status, 101);
                socket.expect_close(1002).await;
                assert_eq!(socket.end().await, End::Eof);
            }
        }
        bystander.is_served().await;
    })
    .await;
}

/// A request for a page in the body of another request is not answered.
#[tokio::test]
async fn an_upgrade_in_the_body_of_a_page_is_its_body() {
    over_http1(router, async |server| {
        let mut socket = server.connect().await;
        socket.send(&Request::get("/page").body(&upgrade().to_bytes()).to_bytes()).await;
        let head = socket.head().await;
        assert_eq!((head.status, socket.body(&head).await), (200, "a page".to_owned()));
        // The connection still takes a real upgrade.
        socket.upgrade("/ws").await;
        socket.send(&text("not smuggled")).await;
        socket.expect_text("not smuggled").await;
    })
    .await;
}

//! HTTP connections between two requests: they may be silent for long, but a head has a short
//! deadline.

use std::{future::poll_fn, time::Duration};

use bytes::Bytes;
use h2::client::SendRequest;
use ignitia::{
    prelude::*,
    websocket::{Origin, WebSocketConfig},
};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};

use crate::support::{DEADLINE, End, RawSocket, Request, Running, Transport, close, echo, tcp, text, within};

/// Deadline of a head; with the grace period it is 450 ms.
const HEAD: Duration = Duration::from_millis(200);

/// Silence that is much longer than the deadline of a head.
const SILENCE: Duration = Duration::from_millis(1_500);

/// Timeout between requests: a connection that waits for it fails the test.
const KEPT: Duration = DEADLINE.saturating_mul(10);

fn routes() -> Router {
    Router::new()
        .get("/", || async { "a page" })
        .get("/slow", || async {
            sleep(SILENCE).await;
            "at last"
        })
        .post("/", |body: String| async move { body })
        .websocket("/ws", echo)
        .websocket_with("/own", echo, WebSocketConfig::default().origin(Origin::SameHost))
}

fn config() -> ServerConfig {
    ServerConfig { header_read_timeout: HEAD, keep_alive_timeout: KEPT, ..Default::default() }
}

async fn over_http1(test: impl AsyncFn(Running)) {
    for transport in [Transport::Plain, Transport::Tls] {
        println!("served by {transport:?}");
        test(transport.serve_with(routes(), config()).await).await;
    }
}

async fn is_served(socket: &mut RawSocket, request: &Request, status: u16) {
    let head = socket.ask(request).await;
    assert_eq!(head.status, status);
    socket.body(&head).await;
}

/// Returns the time until the server disconnects.
async fn cut_off_after(socket: &mut RawSocket) -> Duration {
    let start = Instant::now();
    within("the end of the connection", socket.drain()).await;
    start.elapsed()
}

fn post(body: &[u8]) -> Request {
    Request::get("/").line("POST / HTTP/1.1").set("Content-Type", &["text/plain"]).body(body)
}

fn chunked(chunks: &[u8]) -> Request {
    Request::get("/")
        .line("POST / HTTP/1.1")
        .set("Content-Type", &["text/plain"])
        .set("Transfer-Encoding", &["chunked"])
        .followed_by(chunks)
}

#[test]
fn by_default_an_idle_connection_outlasts_the_pools_of_load_balancers() {
    let config = ServerConfig::default();
    assert!(config.keep_alive_timeout >= Duration::from_secs(75));
    assert!(config.header_read_timeout <= Duration::from_secs(10));
}

#[tokio::test]
async fn a_connection_may_be_silent_between_requests() {
    over_http1(async |server| {
        let requests = [
            (Request::get("/"), 200),
            (Request::upgrade("/own").set("Origin", &["http://elsewhere.example"]), 403),
            (Request::upgrade("/ws").set("Sec-WebSocket-Version", &["12"]), 426),
            (post(b"a body\r\n\r\nwith an empty line"), 200),
            (post(b""), 200),
            (chunked(b"3\r\nabc\r\n0\r\n\r\n"), 200),
        ];
        let mut tasks = tokio::task::JoinSet::new();
        for (request, status) in requests {
            let mut socket = server.connect().await;
            tasks.spawn(async move {
                is_served(&mut socket, &request, status).await;
                sleep(SILENCE).await;
                is_served(&mut socket, &request, status).await;
                sleep(SILENCE).await;
                socket.upgrade("/ws").await;
                socket.send(&close(1000, "")).await;
                socket.expect_close(1000).await;
            });
        }
        tasks.join_all().await;
    })
    .await;
}

#[tokio::test]
async fn an_idle_connection_ends_after_its_timeout() {
    let config = ServerConfig { keep_alive_timeout: SILENCE, ..config() };
    for transport in [Transport::Plain, Transport::Tls] {
        let server = transport.serve_with(routes(), config.clone()).await;
        let mut socket = server.connect().await;
        is_served(&mut socket, &Request::get("/"), 200).await;
        let start = Instant::now();
        assert_eq!(socket.end().await, End::Eof);
        assert!(start.elapsed() >= SILENCE, "{:?}", start.elapsed());
    }
}

/// The second request begins in every way that it can.
#[tokio::test]
async fn a_later_head_has_no_more_time_than_the_first() {
    let half = b"GET / HTTP/1.1\r\nHost: localhost\r\n";
    let behind = |request: Request| [request.to_bytes(), half.to_vec()].concat();
    over_http1(async |server| {
        // Behind an answer.
        let mut after = server.connect().await;
        is_served(&mut after, &Request::get("/"), 200).await;
        sleep(2 * HEAD).await;
        after.send(b"G").await;
        let mut sockets = vec![("one byte".to_owned(), after)];
        // Together with the request before it, and with the last bytes of that request.
        let before = [
            behind(Request::get("/")),
            behind(post(b"body")),
            behind(post(b"\r\n\r\n")),
            behind(chunked(b"3\r\nabc\r\n0\r\n\r\n")),
            behind(Request::upgrade("/own").set("Origin", &["http://elsewhere.example"])),
            behind(Request::get("/").followed_by(&Request::get("/").to_bytes())),
        ];
        for bytes in before {
            let mut socket = server.connect().await;
            let (first, rest) = bytes.split_at(10);
            socket.send(first).await;
            tokio::task::yield_now().await;
            socket.send(rest).await;
            sockets.push((String::from_utf8(bytes).unwrap(), socket));
        }
        for (what, mut socket) in sockets {
            let time = cut_off_after(&mut socket).await;
            assert!(time < DEADLINE, "{what:?}: {time:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_head_that_trickles_is_cut_off() {
    over_http1(async |server| {
        let mut socket = server.connect().await;
        is_served(&mut socket, &Request::get("/"), 200).await;
        let start = Instant::now();
        for byte in Request::get("/").to_bytes().iter().cycle() {
            if socket.try_send(&[*byte]).await.is_err() {
                break;
            }
            assert!(start.elapsed() < DEADLINE, "it is listened to for {:?}", start.elapsed());
            // Never a whole request within the deadline.
            sleep(HEAD / 4).await;
        }
    })
    .await;
}

#[tokio::test]
async fn pipelined_requests_are_served_before_the_connection_is_idle() {
    over_http1(async |server| {
        let mut socket = server.connect().await;
        let three = Request::get("/").to_bytes().repeat(3);
        for _ in 0..2 {
            socket.send(&three).await;
            for _ in 0..3 {
                let head = socket.head().await;
                assert_eq!((head.status, socket.body(&head).await), (200, "a page".to_owned()));
            }
            sleep(SILENCE).await;
        }
        is_served(&mut socket, &Request::get("/"), 200).await;
    })
    .await;
}

#[tokio::test]
async fn a_request_that_is_being_answered_is_not_idle() {
    let config = ServerConfig { keep_alive_timeout: SILENCE / 4, ..config() };
    for transport in [Transport::Plain, Transport::Tls] {
        let server = transport.serve_with(routes(), config.clone()).await;
        let mut socket = server.connect().await;
        is_served(&mut socket, &Request::get("/slow"), 200).await;
        assert_eq!(socket.end().await, End::Eof);
    }
    let server = Transport::Http2.serve_with(routes(), config).await;
    assert_eq!(ask(&mut http2(&server).await.0, "/slow").await, 200);
}

/// Opens an HTTP/2 connection; returns a sender of requests, and a task that ends with the
/// connection.
async fn http2(server: &Running) -> (SendRequest<Bytes>, JoinHandle<Result<Instant, h2::Error>>) {
    let (requests, connection) = h2::client::handshake(tcp(server.addr, None).await).await.unwrap();
    (requests, tokio::spawn(async { connection.await.map(|()| Instant::now()) }))
}

async fn ask(requests: &mut SendRequest<Bytes>, path: &str) -> u16 {
    let request = http::Request::get(format!("http://localhost{path}")).body(()).unwrap();
    poll_fn(|cx| requests.poll_ready(cx)).await.unwrap();
    let (answer, _) = requests.send_request(request, true).unwrap();
    within("the answer", answer).await.unwrap().status().as_u16()
}

/// The end is announced: GOAWAY without an error, and no request is lost.
#[tokio::test]
async fn over_http2_the_timeout_counts_from_the_last_stream() {
    let config = ServerConfig { keep_alive_timeout: SILENCE, ..config() };
    let server = Transport::Http2.serve_with(routes(), config).await;
    let (mut requests, end) = http2(&server).await;
    for path in ["/", "/slow", "/"] {
        assert_eq!(ask(&mut requests, path).await, 200);
        sleep(SILENCE / 2).await;
    }
    assert_eq!(ask(&mut requests, "/slow").await, 200);
    let last = Instant::now();
    let end = within("the end of the connection", end).await.unwrap().unwrap();
    assert!(end - last >= SILENCE, "{:?}", end - last);
}

#[tokio::test]
async fn over_http2_a_websocket_is_not_idle() {
    let config = ServerConfig { keep_alive_timeout: SILENCE, ..config() };
    let server = Transport::Http2.serve_with(routes(), config).await;
    let mut socket = server.open("/ws").await;
    sleep(3 * SILENCE).await;
    socket.send(&text("hello")).await;
    socket.expect_text("hello").await;
}

/// A client that has sent everything but a request gets a GOAWAY.
#[tokio::test]
async fn over_http2_the_first_request_has_a_deadline_too() {
    let server = Transport::Http2.serve_with(routes(), config()).await;
    let start = Instant::now();
    let (_requests, end) = http2(&server).await;
    let end = within("the end of the connection", end).await.unwrap().unwrap();
    assert!(end - start < DEADLINE, "{:?}", end - start);
}

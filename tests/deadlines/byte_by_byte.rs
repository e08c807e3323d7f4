//! Peers that send a byte now and then, or stop. The whole of each request or message has a
//! deadline; progress does not extend it.

use std::time::Duration;

use ignitia::{
    TlsConfig,
    prelude::*,
    testing::TestClient,
    websocket::{CloseKind, WebSocketConfig},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, interval, sleep},
};

use crate::support::{
    Bystander, RawSocket, Request, Running, Transport, echo, frame, loopback, over_http1, tcp, text, within,
};

/// Deadline of the server in these tests.
const LIMIT: Duration = Duration::from_millis(300);

/// Interval between two bytes: so short that the last byte is always recent.
const DRIP: Duration = Duration::from_millis(20);

/// Sends these bytes one by one until the server disconnects; returns everything that the server
/// has sent.
async fn drip(mut stream: TcpStream, bytes: &[u8]) -> Vec<u8> {
    assert!(DRIP * bytes.len() as u32 > 2 * LIMIT, "it would be over in time");
    let mut bytes = bytes.iter();
    let mut beat = interval(DRIP);
    let (mut read, mut write) = stream.split();
    let mut said = Vec::new();
    let ended = async {
        loop {
            tokio::select! {
                read = read.read_buf(&mut said) => {
                    if !matches!(read, Ok(1..)) {
                        return;
                    }
                }
                _ = beat.tick() => {
                    let byte = bytes.next().expect("it has taken everything");
                    let _ = write.write_all(&[*byte]).await;
                }
            }
        }
    };
    within("the end of the connection", ended).await;
    said
}

async fn serve(tls: bool) -> Running {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let tls = tls.then(|| TlsConfig {
        cert: made.cert.pem().into_bytes(),
        key: made.signing_key.serialize_pem().into_bytes(),
        handshake_timeout: LIMIT,
        ..Default::default()
    });
    let config =
        ServerConfig { tls, header_read_timeout: LIMIT, keep_alive_timeout: LIMIT, ..Default::default() };
    let router = Router::new().websocket("/ws", echo).get("/page", || async { "a page" });
    Running::of(Server::new(router, loopback()).with_server_config(config)).await
}

#[tokio::test]
async fn a_head_byte_by_byte_is_cut_off() {
    let server = serve(false).await;
    let mut bystander = Bystander::of(&server).await;
    let long = "x".repeat(60);
    for (name, bytes) in [
        ("a request line", format!("GET /{long}")),
        ("a header", format!("GET /ws HTTP/1.1\r\nX-Slow: {long}")),
        ("header after header", format!("GET /ws HTTP/1.1\r\n{}", "X: y\r\n".repeat(10))),
        ("empty lines before the request", "\r\n".repeat(30)),
        ("an HTTP/2 preface, and then none", format!("PRI * HTTP/2.0\r\n\r\n{long}")),
    ] {
        println!("{name}");
        let said = drip(tcp(server.addr, None).await, bytes.as_bytes()).await;
        let said = String::from_utf8_lossy(&said);
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 400"), "{said}");
        bystander.is_served().await;
    }
}

/// The first request was in time; the second has the same deadline.
#[tokio::test]
async fn a_second_head_byte_by_byte_is_cut_off() {
    let server = serve(false).await;
    let mut bystander = Bystander::of(&server).await;
    for (name, bytes) in
        [("nothing", String::new()), ("a header", format!("GET /ws HTTP/1.1\r\nX: {}", "x".repeat(60)))]
    {
        println!("{name}");
        let mut stream = tcp(server.addr, None).await;
        let page = Request::get("/page").to_bytes();
        stream.write_all(&page).await.unwrap();
        let mut said = vec![0; 8];
        within("an answer", stream.read_exact(&mut said)).await.unwrap();
        assert_eq!(said, b"HTTP/1.1");
        if bytes.is_empty() {
            within("the end", stream.read_to_end(&mut said)).await.unwrap();
        } else {
            let said = drip(stream, bytes.as_bytes()).await;
            assert!(said.ends_with(b"a page"), "{:?}", String::from_utf8_lossy(&said));
        }
        bystander.is_served().await;
    }
}

/// The beginning of a real handshake: a record is announced, and comes byte by byte.
#[tokio::test]
async fn a_tls_handshake_byte_by_byte_is_cut_off() {
    let server = serve(true).await;
    let announced = [&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..], &[7; 60]].concat();
    let said = drip(tcp(server.addr, None).await, &announced).await;
    assert!(said.is_empty(), "{said:02x?}");
}

/// HTTP/2 has begun and no request comes: only settings, or a head that never ends.
#[tokio::test]
async fn http2_byte_by_byte_is_cut_off() {
    let server = serve(false).await;
    let mut bystander = Bystander::of(&server).await;
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    for (name, begun, more) in [
        ("the preface", &b""[..], [&preface[..], &[0; 30]].concat()),
        ("empty settings", preface, b"\0\0\0\x04\0\0\0\0\0".repeat(10)),
        ("half a frame", preface, [&b"\0\x01\0\x00\0\0\0\0\x01"[..], &[0; 60]].concat()),
        ("half a head", preface, [&b"\0\x01\0\x01\0\0\0\0\x01"[..], &[0x82; 60]].concat()),
    ] {
        println!("{name}");
        let mut stream = tcp(server.addr, None).await;
        stream.write_all(begun).await.unwrap();
        drip(stream, &more).await;
        bystander.is_served().await;
    }
}

/// The handler reads the body of the handshake: the answer is 503, and the connection ends.
#[tokio::test]
async fn a_body_byte_by_byte_is_a_503() {
    let config = WebSocketConfig::default().handshake_timeout(LIMIT);
    let swallows = |_: String, ws: WebSocketConnection| echo(ws);
    let server = Transport::Plain
        .serve(Router::new().websocket("/ws", echo).websocket_with("/slow", swallows, config))
        .await;
    let mut bystander = Bystander::of(&server).await;
    let chunks = |_: usize| "1\r\nx\r\n".repeat(10);
    for (name, request, body) in [
        ("with its length", Request::upgrade("/slow").set("Content-Length", &["1000"]), "x".repeat(60)),
        ("in chunks", Request::upgrade("/slow").set("Transfer-Encoding", &["chunked"]), chunks(0)),
    ] {
        println!("{name}");
        let mut stream = tcp(server.addr, None).await;
        stream.write_all(&request.to_bytes()).await.unwrap();
        let said = drip(stream, body.as_bytes()).await;
        let said = String::from_utf8_lossy(&said);
        assert!(said.starts_with("HTTP/1.1 503"), "{said}");
        bystander.is_served().await;
    }
}

/// Any byte keeps the connection alive; only `idle_timeout` demands whole messages.
#[tokio::test(start_paused = true)]
async fn a_frame_byte_by_byte_is_ended_by_the_idle_timeout_only() {
    const SECOND: Duration = Duration::from_secs(1);
    for (name, bytes) in [
        ("a text", text(&"x".repeat(100))),
        ("fragments", [frame(0x01, b"x"), frame(0x00, b"x").repeat(20)].concat()),
        ("pings", frame(0x89, b"alive").repeat(10)),
        ("pongs", frame(0x8a, b"alive").repeat(10)),
    ] {
        println!("{name}");
        let (log, mut causes) = tokio::sync::mpsc::unbounded_channel();
        let handler = move |mut ws: WebSocketConnection| {
            let log = log.clone();
            async move {
                while ws.recv().await.is_some() {}
                log.send((ws.closed().await.kind, Instant::now())).unwrap();
                Response::ok()
            }
        };
        let config = WebSocketConfig::default().idle_timeout(60 * SECOND);
        let router = Router::new().websocket_with("/", handler, config);
        let client = TestClient::new(router).unwrap().deadline(200 * SECOND);
        let start = Instant::now();
        let mut socket = client.connect("/").await;
        let dripping = async {
            for byte in &bytes {
                socket.send_bytes(&[*byte]).await;
                sleep(2 * SECOND).await;
            }
            panic!("it has taken everything");
        };
        let (kind, ended) = tokio::select! {
            cause = causes.recv() => cause.unwrap(),
            () = dripping => unreachable!(),
        };
        assert_eq!(kind, CloseKind::IdleTimeout);
        // The closing handshake, in which the peer takes no part, adds 5 s.
        assert_eq!((ended - start).as_secs(), 60 + 5);
    }
}

/// No client reads the answer to its handshake.
#[tokio::test]
async fn a_hundred_answers_that_are_not_read_harm_no_other_client() {
    over_http1(
        || Router::new().websocket("/ws", echo),
        async |server| {
            let mut bystander = Bystander::of(&server).await;
            let mut sockets: Vec<RawSocket> = Vec::new();
            for _ in 0..100 {
                let mut socket = server.connect_narrow().await;
                socket.request(&Request::upgrade("/ws").followed_by(&text("early"))).await;
                sockets.push(socket);
            }
            bystander.is_served().await;
            for socket in &mut sockets {
                assert_eq!(socket.head().await.status, 101);
                socket.expect_text("early").await;
            }
        },
    )
    .await;
}

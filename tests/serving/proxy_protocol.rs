//! The PROXY protocol, byte by byte.

use std::{net::SocketAddr, time::Duration};

use axum::extract::ConnectInfo;
use ignitia::{ProxyProtocol, limits::Limits, prelude::*};
use tokio::time::Instant;

use crate::support::{DEADLINE, End, RawSocket, Request, Running, Transport, echo, tcp, tls, within};

/// Deadline of a header; with the grace period it is 550 ms.
const TERM: Duration = Duration::from_millis(300);

/// The bytes before the length, for TCP over IPv4.
const V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x21\x11";

fn routes() -> Router {
    Router::new()
        .get("/", |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() })
        .websocket("/ws", echo)
        .limits(Limits::default().max_connections_per_peer(1))
}

async fn serve(transport: Transport, from: &[&str]) -> Running {
    let from = from.iter().map(|network| network.parse().unwrap()).collect();
    let proxy_protocol = Some(ProxyProtocol { from, timeout: TERM });
    // Only the deadline of the header may end a connection.
    let (header_read_timeout, keep_alive_timeout) = (100 * DEADLINE, 100 * DEADLINE);
    let config =
        ServerConfig { proxy_protocol, header_read_timeout, keep_alive_timeout, ..Default::default() };
    transport.serve_with(routes(), config).await
}

fn v2(start: &[u8], rest: &[u8]) -> Vec<u8> {
    [start, &(rest.len() as u16).to_be_bytes(), rest].concat()
}

/// Returns the address 192.0.2.7:4711 in a header.
fn address_v4() -> Vec<u8> {
    [&[192, 0, 2, 7, 198, 51, 100, 1][..], &4711_u16.to_be_bytes(), &443_u16.to_be_bytes()].concat()
}

/// Returns the address [2001:db8::7]:4711 in a header.
fn address_v6() -> Vec<u8> {
    let addr = |last| [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last];
    [&addr(7)[..], &addr(1), &4711_u16.to_be_bytes(), &443_u16.to_be_bytes()].concat()
}

/// Returns the address that a handler sees behind this header, however it is split.
async fn peer_behind(server: &Running, header: &[u8], in_pieces: bool) -> String {
    let mut socket = RawSocket::from(tcp(server.addr, None).await);
    if in_pieces {
        socket.trickle(header).await;
        socket.trickle(&Request::get("/").to_bytes()).await;
    } else {
        socket.send(&[header, &Request::get("/").to_bytes()].concat()).await;
    }
    let head = socket.head().await;
    assert_eq!(head.status, 200, "{:?}", String::from_utf8_lossy(header));
    socket.body(&head).await
}

#[tokio::test]
async fn the_peer_address_is_that_of_the_header() {
    let server = serve(Transport::Plain, &["10.0.0.0/8", "127.0.0.0/8"]).await;
    let tlvs = [&address_v4()[..], b"\x04\0\x03abc", b"\x20\0\x02xy"].concat();
    let headers: &[(&[u8], &str)] = &[
        (b"PROXY TCP4 192.0.2.7 198.51.100.1 4711 443\r\n", "192.0.2.7:4711"),
        (b"PROXY TCP6 2001:db8::7 2001:db8::1 4711 443\r\n", "[2001:db8::7]:4711"),
        (&v2(V2, &address_v4()), "192.0.2.7:4711"),
        (&v2(V2, &tlvs), "192.0.2.7:4711"),
        (&v2(b"\r\n\r\n\0\r\nQUIT\n\x21\x21", &address_v6()), "[2001:db8::7]:4711"),
    ];
    for (header, peer) in headers {
        for in_pieces in [false, true] {
            assert_eq!(peer_behind(&server, header, in_pieces).await, *peer);
        }
    }
}

#[tokio::test]
async fn a_network_of_mapped_addresses_counts_as_ipv4() {
    let server = serve(Transport::Plain, &["::ffff:127.0.0.0/104"]).await;
    let header = b"PROXY TCP4 192.0.2.7 198.51.100.1 4711 443\r\n";
    assert_eq!(peer_behind(&server, header, false).await, "192.0.2.7:4711");
}

/// The proxy's own connections have such headers, for instance those of its health checks.
#[tokio::test]
async fn a_header_without_an_address_keeps_that_of_the_socket() {
    let server = serve(Transport::Plain, &["127.0.0.1/32"]).await;
    let local = [b"\r\n\r\n\0\r\nQUIT\n\x20\x11", &[][..]].concat();
    let headers: &[&[u8]] = &[
        b"PROXY UNKNOWN\r\n",
        b"PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n",
        &v2(b"\r\n\r\n\0\r\nQUIT\n\x20\x00", &[]),
        &v2(&local, &address_v4()),
        &v2(b"\r\n\r\n\0\r\nQUIT\n\x21\x00", b"\x04\0\x03abc"),
        &v2(b"\r\n\r\n\0\r\nQUIT\n\x21\x31", &[0; 216]),
    ];
    for header in headers {
        for in_pieces in [false, true] {
            let peer = peer_behind(&server, header, in_pieces).await;
            assert!(peer.starts_with("127.0.0.1:"), "{peer}");
        }
    }
}

#[tokio::test]
async fn limits_count_by_the_address_of_the_header() {
    let server = serve(Transport::Plain, &["127.0.0.1/32"]).await;
    let open = async |last: u8| {
        let mut socket = RawSocket::from(tcp(server.addr, None).await);
        let header = format!("PROXY TCP4 192.0.2.{last} 198.51.100.1 4711 443\r\n");
        socket.send(header.as_bytes()).await;
        let status = socket.ask(&Request::upgrade("/ws")).await.status;
        (status, socket)
    };
    let (status, mut socket) = open(1).await;
    assert_eq!(status, 101);
    assert_eq!(open(1).await.0, 429);
    assert_eq!(open(2).await.0, 101);
    socket.send(&crate::support::text("hello")).await;
    socket.expect_text("hello").await;
}

#[tokio::test]
async fn the_header_stands_before_tls_and_before_http2() {
    let server = serve(Transport::Tls, &["127.0.0.1/32"]).await;
    let mut stream = tcp(server.addr, None).await;
    tokio::io::AsyncWriteExt::write_all(&mut stream, &v2(V2, &address_v4())).await.unwrap();
    let mut socket = RawSocket::from(tls(stream, b"http/1.1").await);
    let head = socket.ask(&Request::get("/")).await;
    assert_eq!(socket.body(&head).await, "192.0.2.7:4711");
    socket.upgrade("/ws").await;

    let server = serve(Transport::Http2, &["127.0.0.1/32"]).await;
    let mut stream = tcp(server.addr, None).await;
    tokio::io::AsyncWriteExt::write_all(&mut stream, &v2(V2, &address_v4())).await.unwrap();
    let mut socket = RawSocket::from(crate::support::Http2Stream::connect(stream, None).await);
    let head = socket.ask(&Request::get("/")).await;
    assert_eq!(socket.body(&head).await, "192.0.2.7:4711");
}

/// Returns the time until the server disconnects without an answer.
async fn hangs_up_after(server: &Running, bytes: &[u8]) -> Duration {
    let mut socket = RawSocket::from(tcp(server.addr, None).await);
    let start = Instant::now();
    let _ = socket.try_send(bytes).await;
    let end = within("the end of the connection", socket.end()).await;
    assert!(matches!(end, End::Eof | End::Reset));
    start.elapsed()
}

#[tokio::test]
async fn from_a_trusted_address_nothing_else_is_served() {
    let server = serve(Transport::Plain, &["127.0.0.1/32"]).await;
    let too_long = [b"PROXY UNKNOWN ", &b"x".repeat(200)[..], b"\r\n"].concat();
    let wrong: &[&[u8]] = &[
        &Request::get("/").to_bytes(),
        &Request::upgrade("/ws").to_bytes(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 4711\r\n",
        b"PROXY TCP4 192.0.2.256 198.51.100.1 4711 443\r\n",
        b"PROXY TCP4 2001:db8::7 198.51.100.1 4711 443\r\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 4711 66666\r\n",
        b"PROXY UDP4 192.0.2.7 198.51.100.1 4711 443\r\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 4711 443 \n",
        b"PROXYTCP4 192.0.2.7 198.51.100.1 4711 443\r\n",
        &too_long,
        &v2(b"\r\n\r\n\0\r\nQUIT\n\x11\x11", &address_v4()),
        &v2(b"\r\n\r\n\0\r\nQUIT\n\x22\x11", &address_v4()),
        &v2(b"\r\n\r\n\0\r\nQUIT\n\x21\x41", &address_v4()),
        &v2(V2, &address_v4()[..8]),
        &v2(b"\r\n\r\n\0\r\nQUIT\n\x21\x21", &address_v4()),
        &v2(V2, &[0; 5_000]),
    ];
    for bytes in wrong {
        let time = hangs_up_after(&server, bytes).await;
        assert!(time < TERM, "{:?}: {time:?}", String::from_utf8_lossy(bytes));
    }
}

#[tokio::test]
async fn a_header_that_does_not_come_in_time_ends_the_connection() {
    let server = serve(Transport::Plain, &["127.0.0.1/32"]).await;
    let slow: &[&[u8]] = &[
        b"",
        b"P",
        b"\r\n\r\n\0\r\nQUIT",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 47",
        &[V2, &[0, 200]].concat(),
        &v2(V2, &address_v4())[..20],
    ];
    for bytes in slow {
        let time = hangs_up_after(&server, bytes).await;
        assert!(time >= TERM && time < DEADLINE, "{bytes:?}: {time:?}");
    }
}

#[tokio::test]
async fn from_other_addresses_a_header_is_a_400() {
    let strangers: &[&[&str]] = &[&[], &["10.0.0.0/8", "2001:db8::/32"]];
    for from in strangers {
        let server = serve(Transport::Plain, from).await;
        for header in [&b"PROXY TCP4 192.0.2.7 198.51.100.1 4711 443\r\n"[..], &v2(V2, &address_v4())] {
            let mut socket = RawSocket::from(tcp(server.addr, None).await);
            socket.send(&[header, &Request::get("/").to_bytes()].concat()).await;
            assert_eq!(socket.head().await.status, 400);
        }
        let mut socket = RawSocket::from(tcp(server.addr, None).await);
        let head = socket.ask(&Request::get("/")).await;
        assert!(socket.body(&head).await.starts_with("127.0.0.1:"));
    }
}

#[tokio::test]
async fn the_proxy_protocol_is_off_by_default() {
    assert_eq!(ServerConfig::default().proxy_protocol, None);
    assert_eq!(ProxyProtocol::default().from, []);
    let server = Transport::Plain.serve(routes()).await;
    let mut socket = server.connect().await;
    socket.send(b"PROXY TCP4 192.0.2.7 198.51.100.1 4711 443\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(socket.head().await.status, 400);
}

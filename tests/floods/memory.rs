//! Floods of every kind: the memory of the server does not grow.
//!
//! The heap belongs to the process. Each of these tests runs alone and compares the heap after a
//! flood with the heap before it. The memory of the client counts too, so it is allocated before.

use std::sync::Arc;

use futures_util::future::join_all;
use ignitia::{prelude::*, websocket::WebSocketConfig};

use crate::support::{
    Bystander, End, Frame, PING, PONG, RawSocket, Request, Running, TEXT, Transport, echo, frame, header,
    heap, is_alone, over_http1, text, until,
};

/// Number of bytes that a flood may leave on the heap.
const LEFT: usize = 1 << 20;

/// Number of bytes that a peer tries to send.
const FLOOD: usize = 128 << 20;

/// A handler that receives nothing.
async fn deaf(ws: WebSocketConnection) -> Result<Response> {
    ws.accept().await?;
    ws.closed().await;
    Ok(Response::ok())
}

fn router() -> Router {
    Router::new().websocket("/ws", echo).websocket("/deaf", deaf).get("/page", || async { "a page" })
}

fn ping() -> Vec<u8> {
    frame(0x80 | PING, &[b'x'; 125])
}

/// Returns the number of bytes by which the heap has grown.
async fn growth(what: impl Future<Output = ()>) -> usize {
    let before = heap();
    what.await;
    heap().saturating_sub(before)
}

/// Sends with all peers at the same time until they are stuck, which must happen before half of the
/// bytes are taken. Returns the growth of the heap per peer.
async fn stuck(peers: &mut [(String, RawSocket, Arc<[u8]>)]) -> usize {
    let count = peers.len();
    let sending = peers.iter_mut().map(async |(name, socket, flood)| {
        let sent = socket.send_until_stuck(flood).await;
        assert!(sent < flood.len() / 2, "{name}: {} MiB are taken", sent >> 20);
    });
    growth(async { drop(join_all(sending).await) }).await / count
}

/// Returns whole copies of a piece, about as many bytes as this.
fn flood(of: &[u8], bytes: usize) -> Arc<[u8]> {
    of.repeat(bytes / of.len()).into()
}

/// Returns one server per transport, and a bystander on each.
async fn servers(router: impl Fn() -> Router) -> (Vec<Running>, Vec<Bystander>) {
    let (mut servers, mut bystanders) = (Vec::new(), Vec::new());
    for transport in Transport::ALL {
        let server = transport.serve(router()).await;
        bystanders.push(Bystander::of(&server).await);
        servers.push(server);
    }
    (servers, bystanders)
}

async fn are_served(bystanders: &mut [Bystander]) {
    for bystander in bystanders {
        bystander.is_served().await;
    }
}

/// 128 MiB of pings by peers that never read: the server stops reading long before.
#[tokio::test]
async fn pings_of_a_peer_that_never_reads_are_not_read_without_bound() {
    if !is_alone("floods::memory::pings_of_a_peer_that_never_reads_are_not_read_without_bound") {
        return;
    }
    let pings = flood(&ping(), FLOOD);
    let (servers, mut bystanders) = servers(router).await;
    let mut peers = Vec::new();
    for server in &servers {
        for path in ["/ws", "/deaf"] {
            let mut socket = server.connect_narrow().await;
            socket.upgrade(path).await;
            peers.push((format!("{path} over {:?}", server.transport), socket, pings.clone()));
        }
    }
    let grown = stuck(&mut peers).await;
    assert!(grown < LEFT, "{} KiB", grown >> 10);
    are_served(&mut bystanders).await;
}

/// A quarter of that by a peer that reads, to a handler that does not receive: every ping is
/// answered.
#[tokio::test]
async fn pings_to_a_handler_that_never_receives_leave_nothing_behind() {
    if !is_alone("floods::memory::pings_to_a_handler_that_never_receives_leave_nothing_behind") {
        return;
    }
    const BATCH: usize = 500;
    let server = Transport::Plain.serve(router()).await;
    let mut bystander = Bystander::of(&server).await;
    let mut socket = server.open("/deaf").await;
    let batch = ping().repeat(BATCH);
    let pongs = [&b"\x8a\x7d"[..], &[b'x'; 125]].concat().repeat(BATCH);
    let grown = growth(async {
        for _ in 0..FLOOD / 4 / batch.len() {
            socket.send(&batch).await;
            socket.expect_bytes(&pongs).await;
        }
    })
    .await;
    assert!(grown < LEFT, "{} KiB", grown >> 10);
    bystander.is_served().await;
}

/// Frames that need no answer, to a handler that receives and to one that does not.
#[tokio::test]
async fn frames_that_ask_for_nothing_leave_nothing_behind() {
    if !is_alone("floods::memory::frames_that_ask_for_nothing_leave_nothing_behind") {
        return;
    }
    const FRAMES: usize = 40_000;
    for transport in [Transport::Plain, Transport::Http2] {
        println!("served by {transport:?}");
        let server = transport.serve(router()).await;
        let mut bystander = Bystander::of(&server).await;
        for (name, begin, one, end) in [
            ("pongs", Vec::new(), frame(0x80 | PONG, b"unasked"), Vec::new()),
            ("empty pongs", Vec::new(), frame(0x80 | PONG, b""), Vec::new()),
            ("empty fragments", frame(0x02, b"x"), frame(0x00, b""), frame(0x80, b"")),
            ("pongs in a message", frame(0x02, b"x"), frame(0x80 | PONG, b"unasked"), frame(0x80, b"")),
        ] {
            for path in ["/ws", "/deaf"] {
                println!("{name}, {path}");
                let mut socket = server.open(path).await;
                let burst = one.repeat(FRAMES / 100);
                let grown = growth(async {
                    socket.send(&begin).await;
                    for _ in 0..100 {
                        socket.send(&burst).await;
                    }
                    // The pong shows that all of it was read.
                    socket.send(&ping()).await;
                    assert_eq!(socket.frame().await.opcode, PONG);
                })
                .await;
                assert!(grown < LEFT, "{} KiB", grown >> 10);
                socket.send(&end).await;
                if path == "/ws" && !end.is_empty() {
                    assert_eq!(socket.frame().await.payload, b"x");
                }
            }
        }
        bystander.is_served().await;
    }
}

/// By default a message may have 131,072 fragments. Neither such a message nor one with a fragment
/// more takes memory.
#[tokio::test]
async fn empty_fragments_take_no_memory_and_one_too_many_is_refused() {
    if !is_alone("floods::memory::empty_fragments_take_no_memory_and_one_too_many_is_refused") {
        return;
    }
    const ALLOWED: usize = 131_072;
    let server = Transport::Plain.serve(router()).await;
    let mut bystander = Bystander::of(&server).await;
    let allowed = [frame(0x01, b""), frame(0x00, b"").repeat(ALLOWED - 2), frame(0x80, b"")].concat();
    let refused = [frame(0x01, b""), frame(0x00, b"").repeat(ALLOWED - 1), frame(0x80, b"")].concat();
    let mut socket = server.open("/ws").await;
    let grown = growth(async {
        socket.send(&allowed).await;
        socket.expect_text("").await;
        socket.send(&refused).await;
        socket.expect_close(1008).await;
        assert_eq!(socket.end().await, End::Eof);
    })
    .await;
    assert!(grown < LEFT, "{} KiB", grown >> 10);
    bystander.is_served().await;
}

/// Their handlers only read, and their peers fall silent.
#[tokio::test]
async fn fragmented_messages_leave_nothing_behind() {
    const PEERS: usize = 20;

    if !is_alone("floods::memory::fragmented_messages_leave_nothing_behind") {
        return;
    }
    let (read, mut messages) = tokio::sync::mpsc::unbounded_channel();
    let handler = move |mut ws: WebSocketConnection| {
        let read = read.clone();
        async move {
            while let Some(message) = ws.recv().await {
                read.send(message.as_text().map_or(0, str::len)).unwrap();
            }
            Response::ok()
        }
    };
    let config = WebSocketConfig::default().keepalive_interval(None);
    let router = Router::new().websocket("/", handler).websocket_config(config);
    let server = Transport::Plain.serve(router).await;
    let mut peers = Vec::new();
    for _ in 0..PEERS {
        let mut peer = server.open("/").await;
        peer.send(&text("x")).await;
        assert_eq!(messages.recv().await, Some(1));
        peers.push(peer);
    }
    let fragment = [b'x'; 20 << 10];
    let message = [frame(TEXT, &fragment), frame(0x80, &fragment)].concat();
    let before = heap();
    for peer in &mut peers {
        peer.send(&message).await;
        assert_eq!(messages.recv().await, Some(40 << 10));
    }
    // The handler has the message before its task goes idle.
    until("the memory is given back", || heap().saturating_sub(before) / PEERS < 4 << 10).await;
}

/// Messages to a handler that receives none: a few wait for it, the others in the kernel and in the
/// client.
#[tokio::test]
async fn messages_that_are_not_received_are_not_read_without_bound() {
    if !is_alone("floods::memory::messages_that_are_not_received_are_not_read_without_bound") {
        return;
    }
    let (servers, mut bystanders) = servers(router).await;
    let mut peers = Vec::new();
    for (name, one) in [
        ("empty texts", text("")),
        ("texts of one byte", text("x")),
        ("messages of 1 KiB", frame(0x82, &[7; 1 << 10])),
        ("messages of 60 KiB", frame(0x82, &[7; 60 << 10])),
    ] {
        let flood = flood(&one, 32 << 20);
        for server in &servers {
            let socket = server.open("/deaf").await;
            peers.push((format!("{name} over {:?}", server.transport), socket, flood.clone()));
        }
    }
    let grown = stuck(&mut peers).await;
    assert!(grown < LEFT, "{} KiB", grown >> 10);
    are_served(&mut bystanders).await;
}

/// Hundreds of connections announce a length and send no bytes.
#[tokio::test]
async fn announced_lengths_take_no_memory() {
    if !is_alone("floods::memory::announced_lengths_take_no_memory") {
        return;
    }
    const CONNECTIONS: usize = 200;
    let config = WebSocketConfig::default().max_message_size(64 << 20);
    for (name, first) in [("a text", 0x81), ("a binary", 0x82), ("a fragment", 0x02)] {
        println!("{name}");
        let server = Transport::Plain.serve(Router::new().websocket_with("/ws", echo, config.clone())).await;
        let mut sockets = Vec::new();
        for _ in 0..CONNECTIONS {
            sockets.push(server.open("/ws").await);
        }
        let grown = growth(async {
            for socket in &mut sockets {
                socket.send(&[frame(0x89, b""), header(first, 64 << 20), vec![0; 1_000]].concat()).await;
                assert_eq!(socket.frame().await, Frame::whole(PONG, ""));
            }
        })
        .await;
        assert!(grown / CONNECTIONS < 32 << 10, "{} bytes for each", grown / CONNECTIONS);
    }
}

/// The handler has not decided, and the peer already sends.
#[tokio::test]
async fn frames_before_the_decision_are_not_read_without_bound() {
    if !is_alone("floods::memory::frames_before_the_decision_are_not_read_without_bound") {
        return;
    }
    let config = WebSocketConfig::default().decision_window(None);
    async fn undecided(_ws: WebSocketConnection) -> Response {
        std::future::pending().await
    }
    let pings = flood(&ping(), 32 << 20);
    let (servers, mut bystanders) =
        servers(|| router().websocket_with("/undecided", undecided, config.clone())).await;
    let mut peers = Vec::new();
    for server in &servers {
        let mut socket = server.connect().await;
        socket.request(&Request::upgrade("/undecided")).await;
        peers.push((format!("over {:?}", server.transport), socket, pings.clone()));
    }
    let grown = stuck(&mut peers).await;
    assert!(grown < LEFT, "{} KiB", grown >> 10);
    are_served(&mut bystanders).await;
}

/// A head without end is refused as soon as it is too large.
#[tokio::test]
async fn a_head_without_end_is_refused_with_431() {
    if !is_alone("floods::memory::a_head_without_end_is_refused_with_431") {
        return;
    }
    const MOST: usize = 8 << 20;
    over_http1(router, async |server| {
        let mut bystander = Bystander::of(&server).await;
        for (name, begin, more) in [
            ("a target", &b"GET /"[..], &b"xxxxxxxxxxxxxxxx"[..]),
            ("a header's value", b"GET /ws HTTP/1.1\r\nX-Room: ", b"xxxxxxxxxxxxxxxx"),
            ("a header's name", b"GET /ws HTTP/1.1\r\nX-", b"xxxxxxxxxxxxxxxx"),
            ("spaces before a value", b"GET /ws HTTP/1.1\r\nX-Room:", b"                "),
        ] {
            println!("{name}");
            let mut socket = server.connect().await;
            let piece = more.repeat(1_024);
            let before = heap();
            socket.send(begin).await;
            let (mut sent, mut held) = (0, 0);
            while sent < MOST && socket.try_send(&piece).await.is_ok() {
                sent += piece.len();
                tokio::task::yield_now().await;
                held = held.max(heap().saturating_sub(before));
            }
            assert!(sent < MOST, "no end of it is too much");
            assert!(held < LEFT, "{} KiB", held >> 10);
            let head = socket.head().await;
            assert_eq!(head.status, 431, "{head:?}");
        }
        bystander.is_served().await;
    })
    .await;
}

/// Requests without a pause, whose answers are not read.
#[tokio::test]
async fn requests_whose_answers_are_not_read_are_not_served_without_bound() {
    if !is_alone("floods::memory::requests_whose_answers_are_not_read_are_not_served_without_bound") {
        return;
    }
    let (servers, mut bystanders) = servers(router).await;
    let mut peers = Vec::new();
    for (name, request) in [
        ("pages", Request::get("/page")),
        ("refused upgrades", Request::upgrade("/ws").set("Sec-WebSocket-Version", &["8"])),
    ] {
        let flood = flood(&request.to_bytes(), 64 << 20);
        for server in servers.iter().filter(|server| server.transport != Transport::Http2) {
            let socket = server.connect_narrow().await;
            peers.push((format!("{name} over {:?}", server.transport), socket, flood.clone()));
        }
    }
    let grown = stuck(&mut peers).await;
    assert!(grown < 2 * LEFT, "{} KiB", grown >> 10);
    are_served(&mut bystanders).await;
}

/// A thousand refusals on one connection, and then a WebSocket.
#[tokio::test]
async fn a_thousand_refused_handshakes_leave_nothing_behind() {
    if !is_alone("floods::memory::a_thousand_refused_handshakes_leave_nothing_behind") {
        return;
    }
    over_http1(router, async |server| {
        let mut socket = server.connect().await;
        let refused = Request::upgrade("/ws").set("Origin", &["https://evil.example"]);
        let grown = growth(async {
            for _ in 0..1_000 {
                let head = socket.ask(&refused).await;
                assert_eq!(head.status, 403);
                socket.body(&head).await;
            }
        })
        .await;
        assert!(grown < LEFT, "{} KiB", grown >> 10);
        socket.upgrade("/ws").await;
        socket.send(&text("at last")).await;
        socket.expect_text("at last").await;
    })
    .await;
}

//! Abandoned connections, in every state by the hundred and in one by the thousand: the server
//! keeps nothing of them.

use std::time::Duration;

use futures_util::future::join_all;
use ignitia::{DrainConfig, Shutdown, prelude::*, websocket::WebSocketConfig};

use crate::support::{
    Bystander, Departure, RawSocket, Request, Running, RunningCount, Transport, close, frame, header, heap,
    is_alone, leave, tcp, text, until, within,
};

/// Number of bytes that all of them together may leave on the heap.
const LEFT: usize = 512 << 10;

fn router(handlers: &RunningCount) -> Router {
    let config = WebSocketConfig::default()
        .decision_window(Duration::from_millis(100))
        .close_timeout(Duration::from_millis(100))
        .linger(Duration::from_millis(100))
        .handshake_timeout(Duration::from_millis(300));
    let echoing = handlers.clone();
    let echo = move |mut ws: WebSocketConnection| {
        let one = echoing.guard();
        async move {
            let _one = one;
            while let Some(message) = ws.recv().await {
                if message.is_data() {
                    ws.send(message).await?;
                }
            }
            Ok::<_, Error>(Response::ok())
        }
    };
    let flooding = handlers.clone();
    let flood = move |ws: WebSocketConnection| {
        let one = flooding.guard();
        async move {
            let _one = one;
            while ws.send_binary(vec![0; 1_000]).await.is_ok() {}
            Response::ok()
        }
    };
    let deciding = handlers.clone();
    let undecided = move |ws: WebSocketConnection| {
        let one = deciding.guard();
        async move {
            let _one = one;
            ws.closed().await;
            Response::ok()
        }
    };
    let swallows = |_: String, ws: WebSocketConnection| async move {
        ws.accept().await?;
        Ok::<_, Error>(Response::ok())
    };
    Router::new()
        .websocket_config(config)
        .websocket("/ws", echo)
        .websocket("/flood", flood)
        .websocket("/undecided", undecided)
        .websocket("/swallows", swallows)
}

/// State in which a connection is abandoned: the bytes sent of its request and behind it.
#[derive(Debug, Clone)]
enum State {
    /// The first bytes of a handshake, as many as this.
    Head(usize),
    /// A handshake whose answer is not read, and the bytes behind it.
    Asked(&'static str, Vec<u8>),
    /// A WebSocket, and the bytes sent on it.
    Open(&'static str, Vec<u8>),
}

fn states() -> Vec<(&'static str, State)> {
    vec![
        ("connected", State::Head(0)),
        ("in the request line", State::Head(6)),
        ("in a header", State::Head(40)),
        ("in front of the last line end", State::Head(usize::MAX)),
        ("before the answer", State::Asked("/ws", Vec::new())),
        ("before the answer, frames behind it", State::Asked("/ws", text("early").repeat(100))),
        ("before the decision", State::Asked("/undecided", Vec::new())),
        ("in the body", State::Asked("/swallows", b"half".to_vec())),
        ("open", State::Open("/ws", Vec::new())),
        ("in a header of a frame", State::Open("/ws", header(0x82, 100_000)[..5].to_vec())),
        ("in a frame", State::Open("/ws", frame(0x82, &[7; 100_000])[..50_000].to_vec())),
        ("in a message", State::Open("/ws", frame(0x02, &[7; 10_000]))),
        ("in a text, in a character", State::Open("/ws", frame(0x01, b"\xf0\x9f"))),
        ("with an echo unread", State::Open("/ws", text(&"x".repeat(1_000)).repeat(100))),
        ("with pongs unread", State::Open("/ws", frame(0x89, b"x").repeat(1_000))),
        ("with a flood unread", State::Open("/flood", Vec::new())),
        ("behind a close frame", State::Open("/ws", close(1000, ""))),
        ("behind a violation", State::Open("/ws", b"\x81\x01x".to_vec())),
        ("behind a frame too big", State::Open("/ws", header(0x82, 1 << 40))),
    ]
}

/// Brings a connection to this state; `None` if HTTP/2 has no such state.
async fn bring(server: &Running, state: &State) -> Option<RawSocket> {
    let mut socket = server.connect().await;
    match state {
        State::Head(_) if server.transport == Transport::Http2 => return None,
        State::Head(bytes) => {
            let request = Request::upgrade("/ws").to_bytes();
            socket.send(&request[..(*bytes).min(request.len() - 2)]).await;
        }
        State::Asked("/swallows", _) if server.transport == Transport::Http2 => return None,
        State::Asked("/swallows", half) => {
            socket
                .request(&Request::upgrade("/swallows").set("Content-Length", &["8"]).followed_by(half))
                .await;
        }
        State::Asked(path, behind) => {
            socket.request(&Request::upgrade(path)).await;
            socket.send(behind).await;
        }
        State::Open(path, behind) => {
            socket.upgrade(path).await;
            socket.send(behind).await;
        }
    }
    Some(socket)
}

#[tokio::test]
async fn connections_abandoned_in_every_state_leave_nothing_behind() {
    if !is_alone("floods::abandoned::connections_abandoned_in_every_state_leave_nothing_behind") {
        return;
    }
    const EACH: usize = 5;
    for transport in [Transport::Plain, Transport::Tls, Transport::Http2] {
        println!("served by {transport:?}");
        let handlers = RunningCount::default();
        let server = transport.serve(router(&handlers)).await;
        let mut bystander = Bystander::of(&server).await;
        let mut before = 0;
        // The first round allocates everything that is kept for good.
        for round in 0..2 {
            for goes in [Departure::Reset, Departure::Close, Departure::HalfClose] {
                println!("{goes:?}");
                let mut sockets = Vec::new();
                for (name, state) in states() {
                    // A handler that floods a reader never ends.
                    if name == "with a flood unread" && goes == Departure::HalfClose {
                        continue;
                    }
                    for _ in 0..EACH {
                        sockets.extend(bring(&server, &state).await);
                    }
                }
                join_all(sockets.into_iter().map(|socket| leave(socket, goes))).await;
                until("the handlers have ended", || handlers.get() == 1).await;
                bystander.is_served().await;
            }
            if round == 0 {
                before = heap();
            }
        }
        let grown = heap().saturating_sub(before);
        println!("{} KiB are left", grown >> 10);
        assert!(grown < LEFT, "{} KiB are left", grown >> 10);
        drop(bystander);
        let report = within("the end of the server", server.stop()).await.unwrap();
        assert_eq!(report.aborted, 0);
    }
}

/// A thousand WebSockets open at once and leave at once.
#[tokio::test]
async fn a_thousand_abandoned_connections_leave_nothing_behind() {
    if !is_alone("floods::abandoned::a_thousand_abandoned_connections_leave_nothing_behind") {
        return;
    }
    const CONNECTIONS: usize = 1_000;
    let handlers = RunningCount::default();
    let drain = DrainConfig::default().notice(Duration::ZERO).jitter(Duration::ZERO);
    let server = Transport::Plain.serve_until(router(&handlers), Shutdown::with_config(drain)).await;
    let mut bystander = Bystander::of(&server).await;
    let mut before = 0;
    for round in 0..3 {
        let mut sockets = Vec::new();
        for _ in 0..CONNECTIONS {
            sockets.push(server.open("/ws").await);
        }
        assert_eq!(handlers.get(), CONNECTIONS + 1);
        for (n, mut socket) in sockets.into_iter().enumerate() {
            if n % 3 == 0 {
                socket.send(&frame(0x82, &[7; 1_000])[..500]).await;
            }
            if n % 2 == 0 { socket.reset() } else { drop(socket) }
        }
        until("the handlers have ended", || handlers.get() == 1).await;
        bystander.is_served().await;
        if round == 0 {
            before = heap();
        }
    }
    let grown = heap().saturating_sub(before);
    assert!(grown < LEFT, "{} KiB are left of {}", grown >> 10, 2 * CONNECTIONS);
    // Connections on which nothing is ever sent, and the end of the server.
    let mut silent = Vec::new();
    for _ in 0..CONNECTIONS {
        silent.push(tcp(server.addr, None).await);
    }
    bystander.is_served().await;
    let done = server.stop();
    drop(bystander);
    let report = within("the end of the server", done).await.unwrap();
    assert_eq!(report.aborted, 0);
}

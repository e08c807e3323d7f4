//! Control frames and the keepalive over real sockets: both work without the handler.

use std::time::{Duration, Instant};

use ignitia::{
    prelude::*,
    testing::TestClient,
    websocket::{CloseCause, CloseKind, WebSocketConfig},
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::support::{
    End, Frame, PING, PONG, RawSocket, Running, close, echo, everywhere, frame, next, reporting_echo, text,
};

/// A control frame is answered within 50 ms, whatever the handler does.
const AT_ONCE: Duration = Duration::from_millis(50);

/// Number of attempts. The fastest counts: a busy machine may have delayed the others.
const ATTEMPTS: usize = 10;

async fn busy(ws: WebSocketConnection) -> Result<Response> {
    ws.accept().await?;
    tokio::time::sleep(Duration::from_secs(10)).await;
    Ok(Response::ok())
}

/// Opens a connection whose handler is busy: it has upgraded.
async fn open(server: &Running) -> RawSocket {
    server.open("/busy").await
}

#[tokio::test]
async fn a_ping_is_answered_while_the_handler_awaits_something_else() {
    everywhere(
        || Router::new().websocket("/busy", busy),
        async |server| {
            let mut socket = open(&server).await;
            let mut fastest = Duration::MAX;
            for n in 0..ATTEMPTS as u8 {
                let start = Instant::now();
                socket.send(&frame(0x80 | PING, &[n])).await;
                assert_eq!(socket.frame().await, Frame::whole(PONG, [n]));
                fastest = fastest.min(start.elapsed());
            }
            assert!(fastest < AT_ONCE, "{fastest:?}");
        },
    )
    .await;
}

#[tokio::test]
async fn a_close_is_answered_while_the_handler_awaits_something_else() {
    everywhere(
        || Router::new().websocket("/busy", busy),
        async |server| {
            let mut fastest = Duration::MAX;
            for _ in 0..ATTEMPTS {
                let mut socket = open(&server).await;
                let start = Instant::now();
                socket.send(&close(1001, "")).await;
                socket.expect_close(1001).await;
                fastest = fastest.min(start.elapsed());
                assert_eq!(socket.end().await, End::Eof);
            }
            assert!(fastest < AT_ONCE, "{fastest:?}");
        },
    )
    .await;
}

/// Returns a route that pings after 50 ms and reports the cause of its ends.
fn pinging(pong_timeout: Duration) -> (impl Fn() -> Router, UnboundedReceiver<CloseCause>) {
    let (log, reports) = unbounded_channel();
    let config = WebSocketConfig::default()
        .keepalive_interval(Duration::from_millis(50))
        .pong_timeout(pong_timeout)
        .close_timeout(Duration::from_millis(50));
    let router = move || {
        let log = log.clone();
        let handler = move |ws: WebSocketConnection| reporting_echo(ws, log.clone());
        Router::new().websocket_with("/ws", handler, config.clone())
    };
    (router, reports)
}

async fn expect_ping(socket: &mut RawSocket) -> Vec<u8> {
    let ping = socket.frame().await;
    assert_eq!(ping.opcode, PING, "{ping:?}");
    ping.payload
}

#[tokio::test]
async fn a_silent_peer_is_closed_with_3008() {
    let (router, mut causes) = pinging(Duration::from_millis(100));
    everywhere(router, async |server| {
        let mut socket = server.open("/ws").await;
        expect_ping(&mut socket).await;
        socket.expect_close(3008).await;
        let cause = next(&mut causes).await;
        assert_eq!((cause.kind, cause.clean), (CloseKind::KeepaliveTimeout, false));
    })
    .await;
}

/// The pong timeout is much longer than this machine may stall.
#[tokio::test]
async fn a_peer_that_answers_is_kept() {
    let (router, mut causes) = pinging(Duration::from_secs(30));
    everywhere(router, async |server| {
        let mut socket = server.open("/ws").await;
        let mut last = None;
        for _ in 0..4 {
            let payload = expect_ping(&mut socket).await;
            assert_ne!(last.as_ref(), Some(&payload), "two pings with one payload");
            socket.send(&frame(0x80 | PONG, &payload)).await;
            last = Some(payload);
        }
        socket.send(&close(1000, "")).await;
        let end = loop {
            let frame = socket.frame().await;
            if frame.opcode != PING {
                break frame;
            }
        };
        assert_eq!(end.close_code().0, 1000);
        assert_eq!(next(&mut causes).await.kind, CloseKind::Peer);
    })
    .await;
}

/// The defaults: a ping after 25 s of silence, and 20 s to answer it.
#[tokio::test(start_paused = true)]
async fn by_default_a_silent_peer_is_pinged_after_25_seconds() {
    let client =
        TestClient::new(Router::new().websocket("/ws", echo)).unwrap().deadline(Duration::from_secs(60));
    let mut socket = client.connect("/ws").await;
    let start = tokio::time::Instant::now();
    assert!(matches!(socket.recv().await, Some(Message::Ping(_))));
    let seconds = start.elapsed().as_secs_f64().round();
    assert_eq!(seconds, 25.0);
}

/// Messages that wait for the handler do not hold back other answers while there is room.
#[tokio::test]
async fn undelivered_messages_do_not_hold_back_pongs() {
    everywhere(
        || Router::new().websocket("/busy", busy),
        async |server| {
            let mut socket = open(&server).await;
            for n in 0..60_u8 {
                socket.send(&[text("not taken"), frame(0x80 | PING, &[n])].concat()).await;
                assert_eq!(socket.frame().await, Frame::whole(PONG, [n]));
            }
        },
    )
    .await;
}

/// The handler receives nothing, so nothing more is read: only writing reveals that the peer has
/// left.
#[tokio::test]
async fn a_reset_behind_messages_that_are_not_received_is_noticed() {
    let (log, mut causes) = unbounded_channel();
    let config =
        WebSocketConfig::default().read_ahead_messages(1).keepalive_interval(Duration::from_millis(50));
    let router = || {
        let log = log.clone();
        let handler = move |ws: WebSocketConnection| {
            let log = log.clone();
            async move {
                ws.accept().await?;
                log.send(ws.closed().await).unwrap();
                Ok::<_, Error>(Response::ok())
            }
        };
        Router::new().websocket_with("/ws", handler, config.clone())
    };
    everywhere(router, async |server| {
        let mut socket = server.open("/ws").await;
        // Both are decoded at once: with the pong, the receive queue is full.
        socket.send(&[frame(0x80 | PING, b"both"), text("not taken")].concat()).await;
        while socket.frame().await != Frame::whole(PONG, *b"both") {}
        socket.reset();
        assert_eq!(next(&mut causes).await.kind, CloseKind::Lost);
    })
    .await;
}

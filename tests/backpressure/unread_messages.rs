//! Control frames are handled although the handler leaves messages unread.

use std::time::Duration;

use ignitia::{
    prelude::*,
    websocket::{CloseKind, WebSocketConfig},
};
use tokio::{
    sync::mpsc::unbounded_channel,
    time::{Instant, sleep},
};

use crate::support::{Frame, PING, PONG, client_of, close, everywhere, frame, text};

const SECOND: Duration = Duration::from_secs(1);

/// Sends, and never receives.
async fn ticker(ws: WebSocketConnection) -> Response {
    while ws.send_text("tick").await.is_ok() {
        sleep(3_600 * SECOND).await;
    }
    Response::ok()
}

#[tokio::test]
async fn pings_behind_messages_that_are_not_received_are_answered() {
    everywhere(
        || Router::new().websocket("/", ticker),
        async |server| {
            let mut socket = server.open("/").await;
            socket.expect_text("tick").await;
            for round in 0..3 {
                for _ in 0..300 {
                    socket.send(&text("a message")).await;
                }
                socket.send(&frame(0x80 | PING, &[round])).await;
                assert_eq!(socket.frame().await, Frame::whole(PONG, [round]));
            }
        },
    )
    .await;
}

#[tokio::test]
async fn a_close_frame_behind_messages_that_are_not_received_is_answered() {
    everywhere(
        || {
            let config = WebSocketConfig::default().close_timeout(SECOND);
            Router::new().websocket("/", ticker).websocket_config(config)
        },
        async |server| {
            let mut socket = server.open("/").await;
            socket.expect_text("tick").await;
            for _ in 0..300 {
                socket.send(&text("a message")).await;
            }
            socket.send(&close(1000, "")).await;
            socket.expect_close(1000).await;
        },
    )
    .await;
}

/// The connection has been open for so long that no first receive is expected any more.
#[tokio::test(start_paused = true)]
async fn a_close_frame_is_answered_at_once_when_all_handles_are_dropped() {
    let client = client_of(WebSocketConfig::default(), ticker);
    let mut socket = client.connect("/").await;
    assert_eq!(socket.recv_text().await, "tick");
    socket.send_text("a message").await;
    sleep(6 * SECOND).await;
    let start = Instant::now();
    socket.close(1000, "").await;
    socket.expect_close(1000).await;
    assert!(start.elapsed() < SECOND / 10, "{:?}", start.elapsed());
}

/// A late receiver gets every message.
#[tokio::test(start_paused = true)]
async fn messages_that_were_read_ahead_are_received_in_order() {
    const MESSAGES: usize = 1_000;
    let (log, mut received) = unbounded_channel();
    let client = client_of(WebSocketConfig::default(), move |mut ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            ws.accept().await.unwrap();
            sleep(60 * SECOND).await;
            while let Some(message) = ws.recv().await {
                if let Message::Text(text) = message {
                    log.send(text).unwrap();
                }
            }
            Response::ok()
        }
    });
    let mut socket = client.connect("/").await;
    for number in 0..MESSAGES {
        socket.send_text(number.to_string()).await;
    }
    socket.send(Message::Ping("p".into())).await;
    assert_eq!(socket.recv().await, Some(Message::Pong("p".into())));
    for number in 0..MESSAGES {
        assert_eq!(received.recv().await, Some(number.to_string()));
    }
    socket.close(1000, "").await;
    socket.expect_close(1000).await;
}

/// A peer that floods a handler which receives nothing has to wait: memory is bounded.
#[tokio::test(start_paused = true)]
async fn the_read_ahead_is_bounded() {
    let config = WebSocketConfig::default().keepalive_interval(None).read_stall(1_000 * SECOND);
    let client = client_of(config, ticker).pipe_capacity(1_024);
    let mut socket = client.connect("/").await;
    assert_eq!(socket.recv_text().await, "tick");
    socket.set_deadline(1_000 * SECOND);
    let message = "x".repeat(1_000);
    let flood = async {
        for sent in 0.. {
            if tokio::time::timeout(60 * SECOND, socket.send_text(message.clone())).await.is_err() {
                return sent;
            }
        }
        unreachable!()
    };
    let sent: usize = flood.await;
    assert!((300..400).contains(&sent), "{sent} messages of 1,000 bytes");
}

/// The handler has never received: receiving was probably forgotten.
#[tokio::test(start_paused = true)]
async fn a_handler_that_never_receives_is_closed_with_1011_after_the_read_stall() {
    let (log, mut causes) = unbounded_channel();
    let client = client_of(WebSocketConfig::default(), move |ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            ws.accept().await.unwrap();
            log.send(ws.closed().await).unwrap();
            Response::ok()
        }
    });
    let mut socket = client.connect("/").await;
    for _ in 0..320 {
        socket.send_text("x".repeat(1_000)).await;
    }
    let start = Instant::now();
    socket.set_deadline(60 * SECOND);
    socket.expect_close(1011).await;
    assert!((30..40).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
    let cause = causes.recv().await.unwrap();
    assert_eq!(cause.kind, CloseKind::NotReceiving);
    assert!(cause.unhandled >= 300, "{cause}");
}

/// Backpressure: the server waits for a handler that has received once.
#[tokio::test(start_paused = true)]
async fn a_busy_handler_is_not_given_up() {
    let (log, mut received) = unbounded_channel();
    let client = client_of(WebSocketConfig::default(), move |mut ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            let mut count = 0;
            while ws.recv().await.is_some_and(|message| message.is_data()) {
                if count == 0 {
                    sleep(3_600 * SECOND).await;
                }
                count += 1;
            }
            log.send(count).unwrap();
            Response::ok()
        }
    });
    let mut socket = client.connect("/").await;
    socket.set_deadline(7_200 * SECOND);
    for _ in 0..2_000 {
        socket.send_text("x".repeat(1_000)).await;
    }
    socket.close(1000, "").await;
    socket.expect_close(1000).await;
    assert_eq!(received.recv().await, Some(2_000));
}

#[tokio::test]
async fn messages_that_are_ignored_are_dropped_and_counted() {
    const MESSAGES: usize = 2_000;
    let (log, mut causes) = unbounded_channel();
    let router = move || {
        let log = log.clone();
        Router::new().websocket("/", move |mut ws: WebSocketConnection| {
            let log = log.clone();
            async move {
                ws.ignore_messages();
                while let Some(message) = ws.recv().await {
                    assert!(!message.is_data(), "{message:?}");
                }
                log.send(ws.closed().await).unwrap();
                Response::ok()
            }
        })
    };
    everywhere(router, async |server| {
        let mut socket = server.open("/").await;
        for _ in 0..MESSAGES {
            socket.send(&text(&"x".repeat(1_000))).await;
        }
        socket.send(&frame(0x80 | PING, b"p")).await;
        assert_eq!(socket.frame().await, Frame::whole(PONG, b"p"));
        socket.send(&close(1000, "")).await;
        socket.expect_close(1000).await;
        let cause = causes.recv().await.unwrap();
        assert_eq!((cause.kind, cause.unhandled), (CloseKind::Peer, MESSAGES));
    })
    .await;
}

//! The closing handshake, from both sides, and its effect on handlers.

use std::{
    pin::pin,
    task::{Context, Waker},
    time::Duration,
};

use ignitia::{
    prelude::*,
    testing::TestClient,
    websocket::{CloseKind, WebSocketConfig},
};
use tokio::{
    sync::mpsc::unbounded_channel,
    time::{Instant, sleep, timeout},
};

use crate::support::{client_of, echo, forever};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn the_peers_close_is_answered_while_the_handler_is_busy() {
    let client = client_of(WebSocketConfig::default(), |ws: WebSocketConnection| async move {
        ws.accept().await.unwrap();
        forever().await
    });
    let mut socket = client.connect("/").await;
    socket.close(4001, "enough").await;
    let frame = socket.expect_close(4001).await;
    assert_eq!(frame.reason, "enough");
    socket.expect_end().await;
}

/// Both texts are answered before the reply, although the close frame came before the first was
/// handled.
#[tokio::test]
async fn messages_before_the_close_are_answered_before_the_reply() {
    let client = client_of(WebSocketConfig::default(), echo);
    let mut socket = client.connect("/").await;
    let mask = [0; 4];
    let mut segment = Vec::new();
    for payload in [b"one", b"two"] {
        segment.extend([0x81, 0x83]);
        segment.extend(mask);
        segment.extend(payload);
    }
    segment.extend([0x88, 0x82]);
    segment.extend(mask);
    segment.extend([0x03, 0xe8]);
    socket.send_bytes(&segment).await;
    assert_eq!(socket.recv_text().await, "one");
    assert_eq!(socket.recv_text().await, "two");
    socket.expect_close(1000).await;
}

/// A batch that is still being collected when the close frame comes is answered before the reply
/// too.
#[tokio::test]
async fn the_last_batch_is_answered_before_the_reply() {
    let receipts = ignitia::websocket::websocket_batch_handler(
        |ws, batch| async move {
            ws.send_text(format!("{} received", batch.len())).await?;
            Ok::<_, Error>(Response::ok())
        },
        10,
        60_000,
    );
    let client = TestClient::new(Router::new().websocket("/", receipts)).unwrap();
    let mut socket = client.connect("/").await;
    socket.send_bytes(b"\x81\x81\0\0\0\0a\x81\x81\0\0\0\0b\x88\x82\0\0\0\0\x03\xe8").await;
    assert_eq!(socket.recv_text().await, "3 received");
    socket.expect_close(1000).await;
    // The same in pieces: the handler has received the messages when the close frame comes.
    let mut socket = client.connect("/").await;
    socket.send_text("a").await;
    socket.send(Message::Ping("are you there?".into())).await;
    assert!(matches!(socket.recv().await, Some(Message::Pong(_))));
    socket.close(4000, "").await;
    assert_eq!(socket.recv_text().await, "2 received");
    socket.expect_close(4000).await;
}

#[tokio::test(start_paused = true)]
async fn the_reply_does_not_wait_for_ever_for_a_handler_that_receives_nothing() {
    let (log, mut sends) = unbounded_channel();
    let client = client_of(WebSocketConfig::default(), move |mut ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            ws.accept().await.unwrap();
            let cause = ws.closed().await;
            log.send((
                cause,
                ws.send_text("late").await.is_err(),
                ws.recv().await,
                ws.recv().await,
                ws.recv().await,
            ))
            .unwrap();
            Response::ok()
        }
    });
    let mut socket = client.connect("/").await;
    socket.set_deadline(Duration::from_secs(60));
    socket.send_text("untaken").await;
    let start = Instant::now();
    socket.close(1000, "bye").await;
    socket.expect_close(1000).await;
    let waited = start.elapsed();
    assert!((Duration::from_secs(5)..Duration::from_secs(6)).contains(&waited), "{waited:?}");
    let (cause, refused, first, second, third) = sends.recv().await.unwrap();
    assert_eq!((cause.kind, cause.clean), (CloseKind::Peer, true));
    assert!(refused, "a send after the end was accepted");
    // No message before the end is lost.
    assert_eq!(first, Some(Message::from("untaken")));
    assert!(matches!(second, Some(Message::Close(Some(frame))) if frame.reason == "bye"));
    assert_eq!(third, None);
}

#[tokio::test]
async fn the_close_frame_is_received_once_and_then_nothing() {
    let (log, mut seen) = unbounded_channel();
    let client = client_of(WebSocketConfig::default(), move |mut ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            for _ in 0..3 {
                log.send(ws.recv().await).unwrap();
            }
            Response::ok()
        }
    });
    let mut socket = client.connect("/").await;
    socket.close(1001, "leaving").await;
    socket.expect_close(1001).await;
    let frame = CloseFrame { code: 1001, reason: "leaving".into() };
    assert_eq!(seen.recv().await, Some(Some(Message::Close(Some(frame)))));
    assert_eq!(seen.recv().await, Some(None));
    assert_eq!(seen.recv().await, Some(None));
}

/// After `close`, messages of the peer are received until its close frame.
#[tokio::test]
async fn receiving_goes_on_after_our_close() {
    let (log, mut seen) = unbounded_channel();
    let client = client_of(WebSocketConfig::default(), move |mut ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            ws.close(Some(CloseFrame { code: 4000, reason: "done".into() })).await.unwrap();
            assert!(ws.send_text("more").await.unwrap_err().is_closed());
            assert!(ws.is_closed());
            ws.close(Some(CloseFrame { code: 4001, reason: "again".into() })).await.unwrap();
            while let Some(message) = ws.recv().await {
                log.send(message).unwrap();
            }
            log.send(Message::from(ws.closed().await.to_string())).unwrap();
            Response::unauthorized("is not said any more")
        }
    });
    let mut socket = client.connect("/").await;
    socket.send_bytes(b"\x81\x84\0\0\0\0late\x88\x82\0\0\0\0\x0f\xa0").await;
    socket.expect_close(4000).await;
    socket.expect_end().await;
    assert_eq!(seen.recv().await, Some(Message::from("late")));
    let reply = CloseFrame { code: 4000, reason: String::new() };
    assert_eq!(seen.recv().await, Some(Message::Close(Some(reply))));
    assert_eq!(seen.recv().await, Some(Message::from("closed by this side, close frame 4000 (done)")));
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_does_not_answer_our_close_is_disconnected_after_close_timeout() {
    let (log, mut end) = unbounded_channel();
    let client = client_of(WebSocketConfig::default(), move |mut ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            let start = Instant::now();
            ws.close(None).await.unwrap();
            assert_eq!(ws.recv().await, None);
            log.send((start.elapsed(), ws.closed().await)).unwrap();
            Response::ok()
        }
    });
    // The test client answers close frames when it reads; so it does not read.
    let mut socket = client.connect("/").await;
    let (waited, cause) = end.recv().await.unwrap();
    assert!((Duration::from_secs(5)..Duration::from_secs(6)).contains(&waited), "{waited:?}");
    assert_eq!((cause.kind, cause.frame, cause.clean), (CloseKind::Local, None, false));
    socket.expect_close(1005).await;
}

#[tokio::test]
async fn an_end_without_a_close_frame_is_answered_with_one() {
    let (log, mut end) = unbounded_channel();
    let client = client_of(WebSocketConfig::default(), move |mut ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            let first = ws.recv().await;
            ws.send_text("answer").await.unwrap();
            assert_eq!(ws.recv().await, None, "no close frame is made up");
            log.send((first, ws.closed().await)).unwrap();
            Response::ok()
        }
    });
    let mut socket = client.connect("/").await;
    socket.send_text("question").await;
    socket.half_close().await;
    assert_eq!(socket.recv_text().await, "answer");
    socket.expect_close(1002).await;
    let (first, cause) = end.recv().await.unwrap();
    assert_eq!(first, Some(Message::from("question")));
    assert_eq!((cause.kind, cause.clean), (CloseKind::Lost, false));
}

#[tokio::test]
async fn a_reset_ends_the_connection_and_counts_unsent_messages() {
    let (log, mut end) = unbounded_channel();
    let client = client_of(WebSocketConfig::default(), move |ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            ws.accept().await.unwrap();
            // More than the pipe holds, so that the last messages stay in the queue.
            for _ in 0..10 {
                ws.send_binary(vec![0; 32 << 10]).await.unwrap();
            }
            log.send(None).unwrap();
            log.send(Some(ws.closed().await)).unwrap();
            assert!(ws.flush().await.unwrap_err().is_closed());
            Response::ok()
        }
    });
    let mut socket = client.connect("/").await;
    assert_eq!(end.recv().await, Some(None));
    socket.recv_binary().await;
    socket.reset();
    let cause = end.recv().await.unwrap().unwrap();
    assert_eq!((cause.kind, cause.clean), (CloseKind::Lost, false));
    assert!((5..=9).contains(&cause.unsent), "{} unsent", cause.unsent);
}

#[tokio::test]
async fn handles_that_outlive_their_handler_are_closed() {
    let (log, mut kept) = unbounded_channel();
    let client = client_of(WebSocketConfig::default(), move |ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            ws.send_text("hi").await.unwrap();
            log.send(ws.clone()).unwrap();
            Response::ok()
        }
    });
    let mut socket = client.connect("/").await;
    let mut ws = kept.recv().await.unwrap();
    let receiver = tokio::spawn(async move { (ws.recv().await, ws) });
    assert_eq!(socket.recv_text().await, "hi");
    socket.expect_close(1000).await;
    let (received, ws) = receiver.await.unwrap();
    assert_eq!(received, None);
    assert!(ws.is_closed() && ws.send_text("x").await.unwrap_err().is_closed());
}

#[tokio::test]
async fn cancel_on_close_drops_the_handler() {
    struct Guard(tokio::sync::mpsc::UnboundedSender<&'static str>);
    impl Drop for Guard {
        fn drop(&mut self) {
            self.0.send("dropped").unwrap();
        }
    }
    let (log, mut dropped) = unbounded_channel();
    let config = WebSocketConfig::default().cancel_on_close(true);
    let client = client_of(config, move |ws: WebSocketConnection| {
        let guard = Guard(log.clone());
        async move {
            ws.accept().await.unwrap();
            forever().await;
            drop(guard);
            Response::ok()
        }
    });
    let mut socket = client.connect("/").await;
    socket.close(1000, "").await;
    socket.expect_close(1000).await;
    assert_eq!(dropped.recv().await, Some("dropped"));
}

/// All handles are dropped and the handler runs on: nothing can be received, and the close must not
/// wait for it.
#[tokio::test]
async fn without_handles_the_peer_can_still_close() {
    let client = client_of(WebSocketConfig::default(), |ws: WebSocketConnection| async move {
        ws.accept().await.unwrap();
        drop(ws);
        forever().await
    });
    let mut socket = client.connect("/").await;
    for _ in 0..200 {
        socket.send_text("x".repeat(1_000)).await;
    }
    socket.close(1000, "").await;
    socket.expect_close(1000).await;
}

/// Begins an end of a connection.
type BeginEnd = fn(&WebSocketConnection);

/// The deadlines of an end that comes together with a message for the handler are set, too.
#[tokio::test(start_paused = true)]
async fn an_end_beside_a_message_has_its_deadlines() {
    let ends: [(BeginEnd, CloseKind); 2] = [
        (|ws| drop(pin!(ws.close(None)).poll(&mut Context::from_waker(Waker::noop()))), CloseKind::Local),
        (|ws| ws.expires_at(SECOND), CloseKind::Expired),
    ];
    for (end, kind) in ends {
        let (log, mut opened) = unbounded_channel();
        let config = WebSocketConfig::default().keepalive_interval(None);
        let client = client_of(config, move |mut ws: WebSocketConnection| {
            let log = log.clone();
            async move {
                log.send(ws.clone()).unwrap();
                while ws.recv().await.is_some() {}
                Response::ok()
            }
        });
        let mut socket = client.connect("/").await;
        let ws = opened.recv().await.unwrap();
        sleep(SECOND).await;
        socket.send_text("x").await;
        end(&ws);
        // The peer does not answer the close frame.
        let cause = timeout(1_000 * SECOND, ws.closed()).await.expect("it ends");
        assert_eq!(cause.kind, kind);
        drop(socket);
    }
}

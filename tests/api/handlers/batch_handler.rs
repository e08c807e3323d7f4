//! `websocket_batch_handler`: a closure that is called with several messages at a time.

use std::time::Duration;

use ignitia::{
    prelude::*,
    websocket::{WebSocketConfig, websocket_batch_handler},
};
use tokio::{
    sync::mpsc::{self, UnboundedReceiver},
    time::{Instant, sleep},
};

use crate::support::{client, next};

const HOUR: u64 = 3_600_000;

/// Returns a router that reports every batch and the time of its call.
fn batches(size: usize, timeout_ms: u64) -> (Router, UnboundedReceiver<(Instant, Vec<Message>)>) {
    let (report, reports) = mpsc::unbounded_channel();
    let handler = websocket_batch_handler(
        move |_, batch| {
            report.send((Instant::now(), batch)).unwrap();
            async { Response::ok() }
        },
        size,
        timeout_ms,
    );
    (Router::new().websocket("/ws", handler), reports)
}

async fn batch(reports: &mut UnboundedReceiver<(Instant, Vec<Message>)>) -> Vec<Message> {
    next(reports).await.1
}

fn texts(all: &[&str]) -> Vec<Message> {
    all.iter().copied().map(Message::from).collect()
}

#[tokio::test]
async fn types_of_arguments_are_inferred() {
    let handler = websocket_batch_handler(
        |ws, batch| async move {
            let texts: Vec<&str> = batch.iter().filter_map(Message::as_text).collect();
            ws.send_text(texts.join("+")).await?;
            Ok::<_, Error>(Response::ok())
        },
        2,
        HOUR,
    );
    let mut socket = client(Router::new().websocket("/ws", handler)).connect("/ws").await;
    for word in ["a", "b", "c", "d"] {
        socket.send_text(word).await;
    }
    assert_eq!(socket.recv_text().await, "a+b");
    assert_eq!(socket.recv_text().await, "c+d");
}

#[tokio::test]
async fn types_of_arguments_may_be_written() {
    let handler = websocket_batch_handler(
        |ws: WebSocketConnection, messages: Vec<Message>| async move {
            for message in messages {
                ws.send(message).await.ok();
            }
            Response::ok()
        },
        1,
        HOUR,
    );
    let mut socket = client(Router::new().websocket("/ws", handler)).connect("/ws").await;
    socket.send_text("hello").await;
    assert_eq!(socket.recv_text().await, "hello");
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_full_at_its_size() {
    let (router, mut reports) = batches(3, HOUR);
    let mut socket = client(router).connect("/ws").await;
    for word in ["1", "2", "3", "4", "5", "6", "7"] {
        socket.send_text(word).await;
    }
    assert_eq!(batch(&mut reports).await, texts(&["1", "2", "3"]));
    assert_eq!(batch(&mut reports).await, texts(&["4", "5", "6"]));
    assert!(reports.try_recv().is_err());
}

/// The sleeps set the time of each message: the clock is paused.
#[tokio::test(start_paused = true)]
async fn a_batch_is_handed_over_when_its_first_message_is_old_enough() {
    let (router, mut reports) = batches(100, 100);
    let mut socket = client(router).connect("/ws").await;
    sleep(Duration::from_millis(500)).await;
    let first = Instant::now();
    socket.send_text("1").await;
    sleep(Duration::from_millis(60)).await;
    socket.send_text("2").await;
    sleep(Duration::from_millis(30)).await;
    socket.send_text("3").await;
    let (at, batch) = next(&mut reports).await;
    assert_eq!(batch, texts(&["1", "2", "3"]));
    assert_eq!((at - first).as_millis(), 100);

    let second = Instant::now();
    socket.send_text("4").await;
    let (at, batch) = next(&mut reports).await;
    assert_eq!(batch, texts(&["4"]));
    assert_eq!((at - second).as_millis(), 100);
}

#[tokio::test(start_paused = true)]
async fn messages_pending_at_a_close_are_delivered_with_the_close_last() {
    let (router, mut reports) = batches(3, HOUR);
    let mut socket = client(router).connect("/ws").await;
    for word in ["1", "2", "3", "4"] {
        socket.send_text(word).await;
    }
    socket.close(4000, "bye").await;
    let close = Message::Close(Some(CloseFrame { code: 4000, reason: "bye".into() }));
    assert_eq!(batch(&mut reports).await, texts(&["1", "2", "3"]));
    assert_eq!(batch(&mut reports).await, [Message::from("4"), close]);
    socket.expect_close(4000).await;
    socket.expect_end().await;
    // The batch with the close is the last one.
    drop(socket);
    assert!(reports.try_recv().is_err());
}

#[tokio::test]
async fn a_close_without_pending_messages_comes_alone() {
    let (router, mut reports) = batches(3, HOUR);
    let mut socket = client(router).connect("/ws").await;
    socket.send(Message::Close(None)).await;
    assert_eq!(batch(&mut reports).await, [Message::Close(None)]);
    socket.expect_close(1005).await;
}

#[tokio::test]
async fn messages_pending_when_the_peer_is_lost_are_delivered_without_a_close() {
    let (router, mut reports) = batches(3, HOUR);
    let client = client(router);
    let mut socket = client.connect("/ws").await;
    socket.send_text("1").await;
    drop((socket, client));
    assert_eq!(batch(&mut reports).await, texts(&["1"]));
    assert_eq!(reports.recv().await, None);
}

#[tokio::test]
async fn pings_and_pongs_are_in_no_batch() {
    let (router, mut reports) = batches(2, HOUR);
    let mut socket = client(router).connect("/ws").await;
    socket.send(Message::Ping("ping".into())).await;
    socket.send_text("1").await;
    socket.send(Message::Pong("pong".into())).await;
    socket.send_binary(&b"2"[..]).await;
    assert_eq!(batch(&mut reports).await, [Message::from("1"), Message::Binary("2".into())]);
}

#[tokio::test]
async fn a_size_of_zero_counts_as_one() {
    let (router, mut reports) = batches(0, HOUR);
    let mut socket = client(router).connect("/ws").await;
    socket.send_text("1").await;
    socket.send_text("2").await;
    assert_eq!(batch(&mut reports).await, texts(&["1"]));
    assert_eq!(batch(&mut reports).await, texts(&["2"]));
}

#[tokio::test(start_paused = true)]
async fn the_timeout_may_be_zero_or_the_maximum() {
    let (router, mut reports) = batches(10, 0);
    let mut socket = client(router).connect("/ws").await;
    let sent = Instant::now();
    socket.send_text("at once").await;
    let (at, batch) = next(&mut reports).await;
    assert_eq!(batch, texts(&["at once"]));
    assert_eq!(at, sent);

    let (router, mut reports) = batches(2, u64::MAX);
    let mut socket = client(router).connect("/ws").await;
    socket.send_text("1").await;
    socket.send_text("2").await;
    let (_, batch) = next(&mut reports).await;
    assert_eq!(batch, texts(&["1", "2"]));
}

#[tokio::test]
async fn outcomes_are_those_of_a_message_handler() {
    let handler = websocket_batch_handler(
        |_, batch: Vec<Message>| async move {
            match batch[0].as_text() {
                Some("go on") => "not sent".into_response(),
                Some("refuse") => Response::forbidden("no seat"),
                Some("close") => CloseFrame { code: 4000, reason: "as told".into() }.into_response(),
                _ => panic!("as told"),
            }
        },
        1,
        HOUR,
    );
    let client = client(Router::new().websocket("/ws", handler));
    for (order, code, reason) in
        [("refuse", 3003, "no seat"), ("close", 4000, "as told"), ("panic", 1011, "")]
    {
        let mut socket = client.connect("/ws").await;
        socket.send_text("go on").await;
        socket.send_text(order).await;
        assert_eq!(socket.expect_close(code).await.reason, reason, "{order}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_upgrade_does_not_wait_for_a_message() {
    let (router, _reports) = batches(10, HOUR);
    let config = WebSocketConfig::default().decision_window(None);
    let started = Instant::now();
    client(router.websocket_config(config)).connect("/ws").await;
    assert_eq!(started.elapsed().as_millis(), 0);
}

struct Total(std::sync::atomic::AtomicUsize);

#[tokio::test]
async fn the_closure_need_not_be_clone() {
    let total = Total(0.into());
    let handler = websocket_batch_handler(
        move |ws, batch| {
            let Total(total) = &total;
            let before = total.fetch_add(batch.len(), std::sync::atomic::Ordering::Relaxed);
            async move {
                ws.send_json(&(before + batch.len())).await.ok();
                Response::ok()
            }
        },
        2,
        HOUR,
    );
    let mut socket = client(Router::new().websocket("/ws", handler)).connect("/ws").await;
    for total in [2, 4] {
        socket.send_text("a").await;
        socket.send_text("b").await;
        assert_eq!(socket.recv_json::<usize>().await, total);
    }
}

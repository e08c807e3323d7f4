//! Keepalive pings and the idle timeout, on paused time.

use std::time::Duration;

use ignitia::{
    prelude::*,
    websocket::{CloseKind, WebSocketConfig},
};
use tokio::{sync::mpsc::unbounded_channel, time::Instant};

use crate::support::{client_of, echo, forever};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn a_quiet_peer_is_pinged() {
    let client = client_of(WebSocketConfig::default(), echo);
    let mut socket = client.connect("/").await;
    socket.set_deadline(MINUTE);
    let start = Instant::now();
    for round in 1..=10 {
        // The test client answers pings by itself while it receives.
        assert!(matches!(socket.recv().await, Some(Message::Ping(_))));
        assert_eq!(start.elapsed().as_secs(), round * 25);
    }
    socket.send_text("alive").await;
    assert_eq!(socket.recv_text().await, "alive");
}

#[tokio::test(start_paused = true)]
async fn a_silent_peer_is_closed() {
    let (log, mut end) = unbounded_channel();
    let client = client_of(WebSocketConfig::default(), move |ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            ws.accept().await.unwrap();
            log.send(ws.closed().await).unwrap();
            Response::ok()
        }
    });
    let mut socket = client.connect("/").await;
    socket.set_deadline(MINUTE);
    let start = Instant::now();
    let cause = end.recv().await.unwrap();
    // 25 s until the ping, 20 s for the pong, 5 s for an answer to the close frame.
    assert_eq!(start.elapsed().as_secs(), 50);
    assert_eq!((cause.kind, cause.clean), (CloseKind::KeepaliveTimeout, false));
    assert!(matches!(socket.recv().await, Some(Message::Ping(_))));
    socket.expect_close(3008).await;
}

/// The peer is silent for almost the interval and the pong timeout together, and then answers.
#[tokio::test(start_paused = true)]
async fn a_peer_that_answers_just_in_time_stays_open() {
    let client = client_of(WebSocketConfig::default(), echo);
    let mut socket = client.connect("/").await;
    socket.set_deadline(MINUTE);
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_secs(44)).await;
        assert!(matches!(socket.recv().await, Some(Message::Ping(_))));
        socket.send_text("alive").await;
        assert_eq!(socket.recv_text().await, "alive");
    }
}

/// Any byte counts as life, even one of an incomplete frame.
#[tokio::test(start_paused = true)]
async fn a_trickle_of_bytes_keeps_the_connection_open() {
    let client = client_of(WebSocketConfig::default(), echo);
    let mut socket = client.connect("/").await;
    socket.set_deadline(MINUTE);
    for byte in b"\x81\x85\0\0\0\0he" {
        socket.send_bytes(&[*byte]).await;
        tokio::time::sleep(Duration::from_secs(24)).await;
    }
    socket.send_bytes(b"llo").await;
    assert_eq!(socket.recv_text().await, "hello");
}

/// While the handler receives nothing, nothing is read, so the silence is not the peer's.
#[tokio::test(start_paused = true)]
async fn the_pong_timeout_stands_still_while_the_receive_queue_is_full() {
    let config = WebSocketConfig::default().read_ahead_messages(1);
    let client = client_of(config, |mut ws: WebSocketConnection| async move {
        ws.accept().await.unwrap();
        tokio::time::sleep(10 * MINUTE).await;
        let mut got = 0;
        while got < 3 {
            got += usize::from(ws.recv().await.is_some_and(|message| message.is_data()));
        }
        CloseFrame { code: 4000, reason: String::new() }
    });
    let mut socket = client.connect("/").await;
    socket.set_deadline(20 * MINUTE);
    for _ in 0..3 {
        socket.send_text("x").await;
    }
    socket.expect_close(4000).await;
}

/// Pongs to the keepalive are not delivered; others are.
#[tokio::test(start_paused = true)]
async fn pongs_to_pings_of_the_keepalive_are_not_delivered() {
    let (log, mut seen) = unbounded_channel();
    let client = client_of(WebSocketConfig::default(), move |mut ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            ws.send_ping("mine").await.unwrap();
            while let Some(message) = ws.recv().await {
                log.send(message).unwrap();
            }
            Response::ok()
        }
    });
    let mut socket = client.connect("/").await;
    socket.set_deadline(MINUTE);
    assert_eq!(socket.recv().await, Some(Message::Ping("mine".into())));
    // The next receive sends the pong; it then waits for the keepalive's ping, and the one after
    // it.
    assert!(matches!(socket.recv().await, Some(Message::Ping(_))));
    assert!(matches!(socket.recv().await, Some(Message::Ping(_))));
    socket.send(Message::Pong("unasked".into())).await;
    socket.send(Message::Ping("theirs".into())).await;
    socket.send_text("end").await;
    assert_eq!(seen.recv().await, Some(Message::Pong("mine".into())));
    assert_eq!(seen.recv().await, Some(Message::Pong("unasked".into())));
    assert_eq!(seen.recv().await, Some(Message::Ping("theirs".into())));
    assert_eq!(seen.recv().await, Some(Message::from("end")));
}

/// The peer answers the first ping after the second was sent.
#[tokio::test(start_paused = true)]
async fn late_pongs_to_the_keepalive_are_not_delivered() {
    let (log, mut seen) = unbounded_channel();
    let client = client_of(WebSocketConfig::default(), move |mut ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            while let Some(message) = ws.recv().await {
                log.send(message).unwrap();
            }
            Response::ok()
        }
    });
    let mut socket = client.connect("/").await;
    for text in ["after the first ping", "after the second"] {
        tokio::time::sleep(Duration::from_secs(26)).await;
        socket.send_text(text).await;
        assert_eq!(seen.recv().await, Some(Message::from(text)));
    }
    // Each ping is answered when it is received.
    for _ in 0..2 {
        assert!(matches!(socket.recv().await, Some(Message::Ping(_))));
    }
    socket.send_text("end").await;
    assert_eq!(seen.recv().await, Some(Message::from("end")));
}

#[tokio::test(start_paused = true)]
async fn an_idle_peer_is_closed_if_the_route_has_an_idle_timeout() {
    let config = WebSocketConfig::default().idle_timeout(MINUTE);
    let client = client_of(config, |ws: WebSocketConnection| async move {
        ws.accept().await.unwrap();
        forever().await
    });
    let mut socket = client.connect("/").await;
    socket.set_deadline(2 * MINUTE);
    let start = Instant::now();
    // Pongs keep the connection alive, but they are no messages.
    socket.expect_close(3008).await;
    assert_eq!(start.elapsed().as_secs(), 60);
}

#[tokio::test(start_paused = true)]
async fn no_pings_are_sent_without_a_keepalive_interval() {
    let config = WebSocketConfig::default().keepalive_interval(None);
    let client = client_of(config, |ws: WebSocketConnection| async move {
        ws.accept().await.unwrap();
        tokio::time::sleep(60 * MINUTE).await;
        ws.send_text("still here").await.unwrap();
        Response::ok()
    });
    let mut socket = client.connect("/").await;
    socket.set_deadline(120 * MINUTE);
    assert_eq!(socket.recv().await, Some(Message::from("still here")));
}

/// A proxy cuts off a connection that is silent in one direction, whatever goes in the other.
#[tokio::test(start_paused = true)]
async fn a_peer_that_only_sends_is_pinged() {
    let client = client_of(WebSocketConfig::default(), |mut ws: WebSocketConnection| async move {
        while ws.recv().await.is_some() {}
        Response::ok()
    });
    let mut socket = client.connect("/").await;
    let start = Instant::now();
    for round in 1..=5 {
        while start.elapsed().as_secs() < 25 * round {
            socket.send_text("upload").await;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        assert!(matches!(socket.recv().await, Some(Message::Ping(_))));
        assert_eq!(start.elapsed().as_secs(), 25 * round);
    }
}

//! A heartbeat of the application: `select!` over `recv` and an interval.

use std::time::Duration;

use ignitia::prelude::*;
use tokio::{
    sync::mpsc,
    time::{Instant, interval},
};

use crate::support::{client, next};

async fn with_heartbeat(
    Extension(acknowledged): Extension<mpsc::UnboundedSender<Instant>>,
    mut ws: WebSocketConnection,
) -> Response {
    let mut heartbeat = interval(Duration::from_secs(30));
    loop {
        tokio::select! {
            _ = heartbeat.tick() => {
                if ws.send_ping(b"heartbeat").await.is_err() {
                    break;
                }
            }
            message = ws.recv() => {
                let Some(message) = message else { break };
                match message {
                    Message::Text(text) => {
                        ws.send_text(format!("Got: {text}")).await.ok();
                    }
                    Message::Pong(payload) => {
                        assert_eq!(payload, "heartbeat", "pongs to the keepalive are not delivered");
                        acknowledged.send(Instant::now()).ok();
                    }
                    Message::Close(_) => break,
                    _ => {}
                }
            }
        }
    }
    Response::ok()
}

#[tokio::test(start_paused = true)]
async fn every_heartbeat_is_acknowledged() {
    let (acknowledged, mut reports) = mpsc::unbounded_channel();
    let router = Router::new().websocket("/ws", with_heartbeat).extension(acknowledged);
    let mut socket = client(router).connect("/ws").await;
    socket.set_deadline(Duration::from_secs(60));
    let started = Instant::now();
    // The client answers pings while it receives: it continues until the fourth heartbeat.
    let mut beats = Vec::new();
    while beats.len() < 4 {
        let message = socket.recv().await.expect("the connection stays open");
        if message == Message::Ping("heartbeat".into()) {
            beats.push(started.elapsed().as_secs());
        }
    }
    assert_eq!(beats, [0, 30, 60, 90]);
    for beat in [0, 30, 60] {
        let acknowledged: Instant = next(&mut reports).await;
        assert_eq!((acknowledged - started).as_secs(), beat);
    }
    socket.send_text("hello").await;
    assert_eq!(socket.recv_text().await, "Got: hello");
    socket.close(1000, "").await;
    socket.expect_close(1000).await;
}

/// `recv` is dropped half-way again and again, and loses nothing.
#[tokio::test(start_paused = true)]
async fn no_message_is_lost_between_heartbeats() {
    async fn restless(mut ws: WebSocketConnection) -> Result<Response> {
        let mut beat = interval(Duration::from_micros(10));
        loop {
            tokio::select! {
                biased;
                _ = beat.tick() => tokio::task::yield_now().await,
                message = ws.recv() => match message {
                    Some(Message::Text(text)) => ws.send_text(text).await?,
                    Some(_) => {}
                    None => return Ok(Response::ok()),
                },
            }
        }
    }
    let mut socket = client(Router::new().websocket("/ws", restless)).connect("/ws").await;
    for n in 0..200 {
        socket.send_text(n.to_string()).await;
    }
    for n in 0..200 {
        assert_eq!(socket.recv_text().await, n.to_string());
    }
}

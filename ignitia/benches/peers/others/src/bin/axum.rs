//! axum, used as in its own examples.

use axum::{
    Router,
    extract::ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade},
    response::Response,
    routing::any,
};
use futures_util::{SinkExt, StreamExt};
use others::MAX_MESSAGE;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

async fn echo(upgrade: WebSocketUpgrade) -> Response {
    let upgrade = upgrade.max_message_size(MAX_MESSAGE).max_frame_size(MAX_MESSAGE);
    upgrade.on_upgrade(|mut socket| async move {
        while let Some(Ok(message)) = socket.recv().await {
            if matches!(message, Message::Text(_) | Message::Binary(_)) && socket.send(message).await.is_err()
            {
                return;
            }
        }
    })
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum JsonRequest {
    Chat { room: String, user: u64, text: String },
    Ping { ts: u64 },
    Join { room: String },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum JsonReply {
    Ack { room: String, user: u64, len: usize, seq: u64 },
    Pong { ts: u64 },
}

async fn json(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(|mut socket| async move {
        let mut seq = 0;
        while let Some(Ok(message)) = socket.recv().await {
            let Message::Text(text) = message else { continue };
            let Ok(request) = serde_json::from_str(&text) else { return };
            seq += 1;
            let answer = match request {
                JsonRequest::Chat { room, user, text } => JsonReply::Ack { room, user, len: text.len(), seq },
                JsonRequest::Ping { ts } => JsonReply::Pong { ts },
                JsonRequest::Join { room } => JsonReply::Ack { room, user: 0, len: 0, seq },
            };
            let answer = serde_json::to_string(&answer).expect("plain fields");
            if socket.send(Message::Text(answer.into())).await.is_err() {
                return;
            }
        }
    })
}

/// Broadcasts over a channel, with two tasks for each connection.
async fn fan_out(socket: WebSocket, all: broadcast::Sender<Utf8Bytes>) {
    let (mut sink, mut stream) = socket.split();
    let mut messages = all.subscribe();
    let sending = tokio::spawn(async move {
        while let Ok(text) = messages.recv().await {
            if sink.send(Message::Text(text)).await.is_err() {
                return;
            }
        }
    });
    while let Some(Ok(message)) = stream.next().await {
        if let Message::Text(text) = message {
            let _ = all.send(text);
        }
    }
    sending.abort();
}

#[tokio::main]
async fn main() {
    let all = broadcast::Sender::new(1_024);
    let fan_out =
        move |upgrade: WebSocketUpgrade| async move { upgrade.on_upgrade(|socket| fan_out(socket, all)) };
    let router = Router::new().route("/", any(echo)).route("/json", any(json)).route("/fan", any(fan_out));
    let endpoints = 1..=others::number("ENDPOINTS").unwrap_or(0);
    let router = endpoints.fold(router, |router, i| router.route(&format!("/endpoint/{i}"), any(echo)));
    axum::serve(others::listen().await, router).await.expect("it serves until it is killed");
}

//! Connections that go on until the page ends them.

use std::{sync::Arc, time::Duration};

use ignitia::prelude::*;
use serde::Deserialize;
use tokio::sync::Notify;

use super::witness::Seen;

pub(super) const PONG_TIMEOUT: Duration = Duration::from_secs(2);

#[derive(Deserialize)]
pub(super) struct Count {
    count: usize,
}

pub(super) async fn echo(seen: Seen, mut ws: WebSocketConnection) -> Result<Response> {
    seen.follow(&ws);
    while let Some(message) = ws.recv().await {
        if message.is_data() {
            ws.send(message).await?;
        }
    }
    Ok(Response::ok())
}

pub(super) async fn echo_one(ws: WebSocketConnection, message: Message) -> Result<Response> {
    if message.is_data() {
        ws.send(message).await?;
    }
    Ok(Response::ok())
}

pub(super) async fn echo_all(ws: WebSocketConnection, batch: Vec<Message>) -> Result<Response> {
    for message in batch.into_iter().filter(Message::is_data) {
        ws.send(message).await?;
    }
    Ok(Response::ok())
}

/// Says something before it is asked.
pub(super) async fn push(
    seen: Seen,
    Query(push): Query<Count>,
    mut ws: WebSocketConnection,
) -> Result<Response> {
    seen.follow(&ws);
    for number in 0..push.count {
        ws.send_text(format!("unasked {number}")).await?;
    }
    while ws.recv().await.is_some() {}
    Ok(Response::ok())
}

/// Pings of every length that there is, each when the one before has been answered; then it says how many pongs it got.
pub(super) async fn pings(seen: Seen, mut ws: WebSocketConnection) -> Result<Response> {
    seen.follow(&ws);
    let mut pongs = 0;
    for length in 0..=125_u8 {
        let payload: Vec<u8> = (0..length).map(|byte| byte.wrapping_mul(251)).collect();
        ws.send_ping(&payload).await?;
        match ws.recv().await {
            Some(Message::Pong(answer)) if answer == payload => pongs += 1,
            other => return Ok(Response::bad_request(format!("{other:?}"))),
        }
    }
    ws.send_text(format!("{pongs} pongs")).await?;
    while ws.recv().await.is_some() {}
    Ok(Response::ok())
}

/// Says something after a time in which a peer that answered no ping would have been given up long ago.
pub(super) async fn idle(seen: Seen, mut ws: WebSocketConnection) -> Result<Response> {
    seen.follow(&ws);
    ws.accept().await?;
    tokio::select! {
        () = tokio::time::sleep(PONG_TIMEOUT * 5 / 2) => ws.send_text("still here").await?,
        message = ws.recv() => return Ok(Response::bad_request(format!("{message:?}"))),
    }
    while ws.recv().await.is_some() {}
    Ok(Response::ok())
}

/// Receives only when it is released; then it can say how many bytes it got.
pub(super) async fn late(
    seen: Seen,
    Extension(released): Extension<Arc<Notify>>,
    mut ws: WebSocketConnection,
) -> Result<Response> {
    seen.follow(&ws);
    ws.accept().await?;
    released.notified().await;
    let mut bytes = 0;
    while let Some(message) = ws.recv().await {
        match message {
            Message::Binary(payload) => bytes += payload.len(),
            Message::Text(_) => ws.send_text(bytes.to_string()).await?,
            _ => {}
        }
    }
    Ok(Response::ok())
}

pub(super) async fn release(Extension(released): Extension<Arc<Notify>>) -> Response {
    released.notify_one();
    Response::ok()
}

/// Neither decides nor receives.
pub(super) async fn stalled(seen: Seen, ws: WebSocketConnection) -> Response {
    seen.follow(&ws);
    ws.closed().await;
    Response::ok()
}

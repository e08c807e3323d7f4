//! Endpoints whose connections stay open until the page closes them.

use std::{sync::Arc, time::Duration};

use ignitia::prelude::*;
use serde::Deserialize;
use tokio::sync::Notify;

use super::event_log::LoggedConnection;

pub(super) const PONG_TIMEOUT: Duration = Duration::from_secs(2);

#[derive(Deserialize)]
pub(super) struct CountQuery {
    count: usize,
}

pub(super) async fn echo(logged: LoggedConnection, mut ws: WebSocketConnection) -> Result<Response> {
    logged.follow(&ws);
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

/// Sends texts without a request.
pub(super) async fn push(
    logged: LoggedConnection,
    Query(push): Query<CountQuery>,
    mut ws: WebSocketConnection,
) -> Result<Response> {
    logged.follow(&ws);
    for number in 0..push.count {
        ws.send_text(format!("unasked {number}")).await?;
    }
    while ws.recv().await.is_some() {}
    Ok(Response::ok())
}

/// Sends pings of every possible length, each after the pong of the last one, then the number of
/// pongs.
pub(super) async fn pings(logged: LoggedConnection, mut ws: WebSocketConnection) -> Result<Response> {
    logged.follow(&ws);
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

/// Sends a text after a time in which a peer without pongs would have been closed.
pub(super) async fn idle(logged: LoggedConnection, mut ws: WebSocketConnection) -> Result<Response> {
    logged.follow(&ws);
    ws.accept().await?;
    tokio::select! {
        () = tokio::time::sleep(PONG_TIMEOUT * 5 / 2) => ws.send_text("still here").await?,
        message = ws.recv() => return Ok(Response::bad_request(format!("{message:?}"))),
    }
    while ws.recv().await.is_some() {}
    Ok(Response::ok())
}

/// Receives only once it is released. Then it answers a text with the number of received bytes.
pub(super) async fn late(
    logged: LoggedConnection,
    Extension(released): Extension<Arc<Notify>>,
    mut ws: WebSocketConnection,
) -> Result<Response> {
    logged.follow(&ws);
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

/// Releases [`late`].
pub(super) async fn release(Extension(released): Extension<Arc<Notify>>) -> Response {
    released.notify_one();
    Response::ok()
}

/// Neither accepts nor receives.
pub(super) async fn stalled(logged: LoggedConnection, ws: WebSocketConnection) -> Response {
    logged.follow(&ws);
    ws.closed().await;
    Response::ok()
}

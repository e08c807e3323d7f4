//! Handlers of the server, one for each way to end a connection.

use ignitia::prelude::*;

/// Message of the intended panic.
pub(super) const INTENDED_PANIC: &str = "on purpose";

/// Sends a text, and ends with a response.
pub(super) async fn returns(ws: WebSocketConnection) -> Result<Response> {
    ws.send_text("x").await?;
    Ok(Response::forbidden("that is all"))
}

/// Sends a text, and ends with an error.
pub(super) async fn fails(ws: WebSocketConnection) -> Result<Response> {
    ws.send_text("x").await?;
    Err(std::io::Error::other("the database is away").into())
}

/// Sends a text, and panics.
pub(super) async fn panics(ws: WebSocketConnection) -> Response {
    ws.send_text("x").await.unwrap();
    panic!("{INTENDED_PANIC}");
}

/// Sends until the write stall ends the connection.
pub(super) async fn stalls(ws: WebSocketConnection) -> Result<Response> {
    loop {
        ws.send_binary(vec![0; 64 << 10]).await?;
    }
}

pub(super) async fn keeps_headers(headers: Headers, ws: WebSocketConnection) -> Result<Response> {
    let end = echo(ws).await;
    drop(headers);
    end
}

pub(super) async fn keeps_cookies(cookies: Cookies, ws: WebSocketConnection) -> Result<Response> {
    let end = echo(ws).await;
    drop(cookies);
    end
}

/// Waits for the end with `closed` only, in another task.
pub(super) async fn sleeps(ws: WebSocketConnection) -> Response {
    let clone = ws.clone();
    let watcher = tokio::spawn(async move { clone.closed().await });
    ws.accept().await.unwrap();
    watcher.await.unwrap();
    Response::ok()
}

pub(super) async fn echo(mut ws: WebSocketConnection) -> Result<Response> {
    while let Some(message) = ws.recv().await {
        if message.is_data() {
            ws.send(message).await?;
        }
    }
    Ok(Response::ok())
}

/// Answers every message with the same text.
pub(super) async fn fixed(mut ws: WebSocketConnection) -> Result<Response> {
    while let Some(message) = ws.recv().await {
        if message.is_data() {
            ws.send_text(REPLY).await?;
        }
    }
    Ok(Response::ok())
}

/// Answers every message with new bytes, if there is room for them.
pub(super) async fn tries(mut ws: WebSocketConnection) -> Result<Response> {
    while let Some(message) = ws.recv().await {
        if message.is_data() {
            ws.try_send(Message::Binary(vec![b'x'; 100].into()))?;
        }
    }
    Ok(Response::ok())
}

static REPLY: &str = match str::from_utf8(&[b'x'; 100]) {
    Ok(reply) => reply,
    Err(_) => panic!("x is UTF-8"),
};

//! Handlers that many tests use.

use std::future::pending;

use ignitia::{
    prelude::*,
    websocket::{CloseCause, WebSocketConfig},
};
use tokio::sync::mpsc::UnboundedSender;

/// Sends back every text and binary message.
pub(crate) async fn echo(mut ws: WebSocketConnection) -> Result<Response> {
    while let Some(message) = ws.recv().await {
        if message.is_data() {
            ws.send(message).await?;
        }
    }
    Ok(Response::ok())
}

/// Does as [`echo`], and reports the cause of its end.
pub(crate) async fn reporting_echo(ws: WebSocketConnection, causes: UnboundedSender<CloseCause>) -> Response {
    let _ = echo(ws.clone()).await;
    causes.send(ws.closed().await).unwrap();
    Response::ok()
}

/// Routes with an echo at `/ws`.
pub(crate) fn echoes(config: WebSocketConfig) -> Router {
    Router::new().websocket("/ws", echo).websocket_config(config)
}

/// Receives until the connection ends.
pub(crate) async fn until_closed(mut ws: WebSocketConnection) -> Response {
    while ws.recv().await.is_some() {}
    Response::ok()
}

/// Never returns.
pub(crate) async fn forever() -> Response {
    pending().await
}

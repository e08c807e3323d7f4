//! Handlers that many tests use.

use std::future::pending;

use ignitia::{prelude::*, websocket::WebSocketConfig};

/// Sends back every text and binary message.
pub(crate) async fn echo(mut ws: WebSocketConnection) -> Result<Response> {
    while let Some(message) = ws.recv().await {
        if message.is_data() {
            ws.send(message).await?;
        }
    }
    Ok(Response::ok())
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

//! Shortcuts for `ignitia::testing::TestClient`.

use std::future::Future;

use ignitia::{
    IntoRouter,
    prelude::*,
    testing::{TestClient, TestSocket},
    websocket::WebSocketConfig,
};
use serde_json::Value;

/// Returns a client of routes that have no mistakes.
pub(crate) fn client(router: impl IntoRouter) -> TestClient {
    TestClient::new(router).unwrap()
}

/// Returns a client of one handler at `/`.
pub(crate) fn client_of<F, Fut, R>(config: WebSocketConfig, handler: F) -> TestClient
where
    F: Fn(WebSocketConnection) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = R> + Send + 'static,
    R: IntoResponse,
{
    client(route(config, handler))
}

/// Returns routes with one handler at `/`.
pub(crate) fn route<F, Fut, R>(config: WebSocketConfig, handler: F) -> Router
where
    F: Fn(WebSocketConnection) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = R> + Send + 'static,
    R: IntoResponse,
{
    let handler = move |ws: WebSocketConnection| {
        let session = handler(ws);
        async move { session.await.into_response() }
    };
    Router::new().websocket("/", handler).websocket_config(config)
}

/// Sends a text and returns the answer.
pub(crate) async fn ask(socket: &mut TestSocket, text: impl Into<String>) -> Value {
    socket.send_text(text).await;
    socket.recv_json().await
}

/// Asserts that the connection works and that the server has sent nothing before the pong.
pub(crate) async fn nothing_came(socket: &mut TestSocket) {
    socket.send(Message::Ping("still there?".into())).await;
    let next = socket.recv().await;
    assert!(matches!(next, Some(Message::Pong(_))), "{next:?}");
}

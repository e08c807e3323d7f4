//! Typed messages: derives, decoding, replies, malformed input.

mod attributes;
mod budget;
mod errors;
mod fidelity;
mod ids;
mod later;
mod liveness;
mod malformed;
mod mangler;
mod order;
mod policies;
mod replies;
mod representations;
mod typed_connection;

use ignitia::{
    IntoRouter,
    prelude::*,
    testing::{TestClient, TestSocket},
};
use serde_json::Value;

fn client(router: impl IntoRouter) -> TestClient {
    TestClient::new(router).unwrap()
}

/// Sends a text and waits for the answer.
async fn ask(socket: &mut TestSocket, text: impl Into<String>) -> Value {
    socket.send_text(text).await;
    socket.recv_json().await
}

/// Shows that a connection works still, and that nothing was sent meanwhile.
async fn nothing_came(socket: &mut TestSocket) {
    socket.send(Message::Ping("still there?".into())).await;
    let next = socket.recv().await;
    assert!(matches!(next, Some(Message::Pong(_))), "{next:?}");
}

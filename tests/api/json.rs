//! JSON both ways: values go out as text and come in as text.

use std::collections::HashMap;

use ignitia::prelude::*;
use serde::{Deserialize, Serialize};

use crate::support::client;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct ChatMessage {
    user: String,
    text: String,
    timestamp: u64,
}

async fn shout(mut ws: WebSocketConnection) -> Result<Response> {
    while let Some(message) = ws.recv().await {
        if let Message::Text(text) = message {
            let mut said: ChatMessage = serde_json::from_str(&text)?;
            said.text = said.text.to_uppercase();
            ws.send_json(&said).await?;
        }
    }
    Ok(Response::ok())
}

/// Sends an unsized value, a borrowed value, and a value that cannot be JSON.
async fn edges(ws: WebSocketConnection) -> Result<Response> {
    ws.send_json("a str").await?;
    ws.send_json(&[1, 2, 3][1..]).await?;
    ws.send_json(&None::<u8>).await?;
    ws.send_json(&json!({ "nested": [{}] })).await?;
    let no_json = HashMap::from([((1, 2), "keys must be strings")]);
    let error = ws.send_json(&no_json).await.unwrap_err();
    ws.send_text(format!("is_json: {}", error.is_json())).await?;
    Ok(Response::ok())
}

#[tokio::test]
async fn a_struct_is_sent_and_received_as_json() {
    let mut socket = client(Router::new().websocket("/ws", shout)).connect("/ws").await;
    let said = ChatMessage { user: "Alice".into(), text: "hello \"you\"".into(), timestamp: 1_234_567_890 };
    socket.send_json(&said).await;
    assert_eq!(socket.recv_json::<ChatMessage>().await, ChatMessage { text: "HELLO \"YOU\"".into(), ..said });
}

#[tokio::test]
async fn json_is_sent_as_a_text_frame() {
    let mut socket = client(Router::new().websocket("/ws", edges)).connect("/ws").await;
    for expected in [r#""a str""#, "[2,3]", "null", r#"{"nested":[{}]}"#, "is_json: true"] {
        assert_eq!(socket.recv().await, Some(Message::from(expected)));
    }
    socket.expect_close(1000).await;
}

#[tokio::test]
async fn malformed_json_ends_a_handler_that_passes_the_error_on() {
    let mut socket = client(Router::new().websocket("/ws", shout)).connect("/ws").await;
    socket.send_text("no json").await;
    assert_eq!(socket.expect_close(1011).await.reason, "");
}

//! What the sending methods take. Their futures are `Send`, also while they borrow.

use std::{borrow::Cow, future::Future};

use ignitia::prelude::*;

fn spawnable(future: impl Future<Output = Result<()>> + Send) -> impl Future<Output = Result<()>> + Send {
    future
}

async fn everything(ws: WebSocketConnection) -> Result<Response> {
    let text = String::from("text");
    spawnable(ws.send_text("text")).await?;
    spawnable(ws.send_text(text.as_str())).await?;
    spawnable(ws.send_text(&text)).await?;
    ws.send_text(Cow::from("text")).await?;
    ws.send_text(text.into_boxed_str()).await?;
    ws.send_text(format!("{} {}", 1, 2)).await?;

    ws.send_binary(vec![1, 2, 3]).await?;
    ws.send_binary(b"bytes").await?;
    ws.send_binary(&b"bytes"[..]).await?;
    ws.send_binary(axum::body::Bytes::from_static(b"bytes")).await?;

    let payload = [1, 2, 3];
    spawnable(ws.send_ping(b"ping")).await?;
    ws.send_ping(&payload).await?;
    ws.send_pong("pong").await?;
    ws.send_pong([]).await?;

    ws.send_json(&json!({ "a": 1 })).await?;
    spawnable(ws.send_json("text")).await?;
    ws.send_json(&payload[..]).await?;

    ws.send(Message::Text("text".into())).await?;
    ws.send("text".into()).await?;
    ws.send(Message::Binary(vec![1, 2, 3].into())).await?;
    ws.send(Message::Close(Some(CloseFrame { code: 1000, reason: "bye".into() }))).await?;
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().websocket("/everything", everything);
}

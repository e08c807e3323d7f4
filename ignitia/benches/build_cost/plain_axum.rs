//! README's first program, on plain axum.

/// Source code of the program.
pub(super) const PROGRAM: &str = r#"use std::net::SocketAddr;

use axum::{
    Router,
    extract::{
        Path, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket},
    },
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ClientMsg {
    Say { text: String }, // {"type":"say","text":"hello"}
    Leave,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ServerMsg {
    Welcome { room: String },
    Said { text: String, count: u32 },
    Error { message: String },
}

async fn chat(Path(room): Path<String>, headers: HeaderMap, upgrade: WebSocketUpgrade) -> Response {
    match headers.get("authorization") {
        Some(token) if token == "Bearer let-me-in" => upgrade.on_upgrade(|ws| session(room, ws)),
        _ => StatusCode::UNAUTHORIZED.into_response(),
    }
}

async fn session(room: String, mut ws: WebSocket) {
    let mut count = 0;
    let why = run(&room, &mut count, &mut ws).await;
    println!("{room}: {count} messages; {why:?}");
}

async fn run(room: &str, count: &mut u32, ws: &mut WebSocket) -> Result<(), axum::Error> {
    send(ws, &ServerMsg::Welcome { room: room.to_owned() }).await?;
    while let Some(message) = ws.recv().await {
        let Message::Text(text) = message? else { continue };
        match serde_json::from_str(&text) {
            Ok(ClientMsg::Say { text }) => {
                *count += 1;
                send(ws, &ServerMsg::Said { text, count: *count }).await?;
            }
            Ok(ClientMsg::Leave) => {
                let frame = CloseFrame { code: 1000, reason: "goodbye".into() };
                return ws.send(Message::Close(Some(frame))).await;
            }
            Err(error) => send(ws, &ServerMsg::Error { message: error.to_string() }).await?,
        }
    }
    Ok(())
}

async fn send(ws: &mut WebSocket, message: &ServerMsg) -> Result<(), axum::Error> {
    let text = serde_json::to_string(message).map_err(axum::Error::new)?;
    ws.send(Message::Text(text.into())).await
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let router = Router::new().route("/rooms/{room}", get(chat));
    let address: SocketAddr = "127.0.0.1:3000".parse()?;
    let listener = tokio::net::TcpListener::bind(address).await?;
    axum::serve(listener, router).await?;
    Ok(())
}
"#;

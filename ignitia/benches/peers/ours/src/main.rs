//! Ignitia as a user would run it: its own router and server, with the default configuration except
//! for the maximum message size.

use ignitia::{
    prelude::*,
    rooms::Rooms,
    websocket::{Compression, WebSocketConfig},
};
use serde::{Deserialize, Serialize};

async fn echo(mut ws: WebSocketConnection) -> Result<Response> {
    while let Some(message) = ws.recv().await {
        if message.is_data() {
            ws.send(message).await?;
        }
    }
    Ok(Response::ok())
}

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum RoomRequest {
    Chat { room: String, user: u64, text: String },
    Ping { ts: u64 },
    Join { room: String },
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum RoomReply {
    Ack { room: String, user: u64, len: usize, seq: u64 },
    Pong { ts: u64 },
}

struct JsonSession {
    seq: u64,
}

#[websocket("/json", message = RoomRequest, reply = RoomReply)]
impl JsonSession {
    async fn accept() -> Self {
        Self { seq: 0 }
    }

    #[on(Chat { room, user, text })]
    async fn chat(&mut self, room: String, user: u64, text: String) -> RoomReply {
        self.seq += 1;
        RoomReply::Ack { room, user, len: text.len(), seq: self.seq }
    }

    #[on(Ping { ts })]
    async fn ping(&mut self, ts: u64) -> RoomReply {
        self.seq += 1;
        RoomReply::Pong { ts }
    }

    #[on(Join { room })]
    async fn join(&mut self, room: String) -> RoomReply {
        self.seq += 1;
        RoomReply::Ack { room, user: 0, len: 0, seq: self.seq }
    }
}

async fn fan_out(State(rooms): State<Rooms<Message>>, mut ws: WebSocketConnection) -> Result<Response> {
    let membership = rooms.join("fan_out", &ws)?;
    while let Some(message) = ws.recv().await {
        if message.is_data() {
            membership.broadcast(&message)?;
        }
    }
    Ok(Response::ok())
}

/// Returns a number from the environment.
fn number(name: &str) -> Option<u16> {
    std::env::var(name).ok()?.parse().ok()
}

/// Returns the compression that the environment names, if any.
fn compression() -> Option<Compression> {
    let level = || number("COMPRESSION_LEVEL").expect("the measuring program sets COMPRESSION_LEVEL") as u8;
    match std::env::var("COMPRESSION").as_deref() {
        Err(_) | Ok("off") => None,
        Ok("shared") => Some(Compression::shared().level(level())),
        Ok("dedicated") => Some(Compression::dedicated().level(level())),
        Ok(other) => panic!("COMPRESSION is {other}, not off, shared or dedicated"),
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let port = number("PORT").unwrap_or(9001);
    let mut config = WebSocketConfig::default().max_message_size(64 << 20);
    config.compression = compression();
    let router = Router::new()
        .state(Rooms::<Message>::new())
        .websocket("/", echo)
        .websocket("/fan", fan_out)
        .mount_session::<JsonSession>()
        .websocket_config(config);
    let endpoints = 1..=number("ENDPOINTS").unwrap_or(0);
    let router = endpoints.fold(router, |router, i| router.websocket(format!("/endpoint/{i}"), echo));
    Server::new(router, ([127, 0, 0, 1], port).into()).ignitia().await
}

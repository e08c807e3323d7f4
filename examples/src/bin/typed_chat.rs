//! Shows a chat with Ignitia's `Rooms`: typed messages, presence and history. All members receive
//! the same messages in the same order, know the other members, and miss nothing when they
//! reconnect. `chat.rs` is a version written by hand.
//!
//! ```text
//! cargo run -p examples --bin typed_chat
//! ```
//!
//! On several machines, or here on two ports, the rooms are on a Redis or Valkey server:
//!
//! ```text
//! STORE=redis://127.0.0.1:6379 PORT=3000 cargo run -p examples --bin typed_chat
//! STORE=redis://127.0.0.1:6379 PORT=3001 cargo run -p examples --bin typed_chat
//! ```
//!
//! Open <http://127.0.0.1:3000> in two tabs. The page uses the client that Ignitia generates, which
//! reconnects and resumes without loss like this:
//!
//! ```text
//! < {"type":"said","name":"bob","key":"b1","text":"hi","$at":"4f1d.7"}
//! > {"type":"say","key":"a1","text":"here","id":1}
//!   .. the connection is lost; /ws/lobby/ann?$at=4f1d.7 sends the events since then ..
//! > {"type":"say","key":"a1","text":"here","id":1}             again, as it has no reply
//! < {"type":"$resumed","room":"lobby","recovered":2}
//! < {"type":"left","who":1,"name":"ann","$at":"4f1d.8"}
//! < {"type":"said","name":"bob","key":"b2","text":"ann?","$at":"4f1d.9"}
//! < {"type":"welcome","you":3,"members":[[2,"bob"],[3,"ann"]]}
//! ```
//!
//! `$at` is the position of an event in the room's history.
//!
//! Other members may have received the repeated message already, so its sender gives it a `key`: a
//! receiver ignores a message with a known key.

use std::{borrow::Cow, fmt};

use ignitia::{
    engine::{EngineConfig, RedisEngine},
    prelude::*,
    rooms::{History, Resume, RoomConfig},
    websocket::{CloseCause, CloseCode, WebSocketConfig},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Message from a member. It may have an `id`, which its reply or its error repeats.
#[derive(Deserialize, JsonSchema, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ClientMsg {
    Say { key: String, text: String },
    Leave,
}

/// Message to a member: the welcome, a reply, or an event of the room, its own events included.
///
/// Membership ids identify members: names may repeat, and a member whose connection was lost is
/// listed twice until the server notices the loss.
///
/// Only a new member receives the welcome, after the events that it missed. The list of members is
/// newer than these events, so a client applies the welcome first.
#[derive(Serialize, JsonSchema, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ServerMsg {
    Welcome { you: u64, members: Vec<(u64, String)> },
    Joined { who: u64, name: String },
    Left { who: u64, name: String },
    Said { name: String, key: String, text: String },
    Delivered { to: usize }, // the reply to `Say`
}

/// Data of a member that the others see, on all machines.
#[derive(Serialize, Deserialize)]
struct Presence {
    name: String,
}

struct Chat {
    room: Membership<ServerMsg, Presence>,
    name: String,
    resume: Resume,
}

#[websocket("/ws/<room>/<name>", message = ClientMsg, reply = ServerMsg, id = "id")]
impl Chat {
    /// Checks the request before the upgrade: a refusal is a plain HTTP response.
    async fn accept(
        room: String,
        name: String,
        resume: Resume,
        rooms: Rooms<ServerMsg, Presence>,
    ) -> Result<Self, Response> {
        let refusal = |error: BadLength| Response::bad_request(error.to_string());
        check("room", &room, 32).and(check("name", &name, 24)).map_err(refusal)?;
        Ok(Self { room: rooms.reserve(room), name, resume })
    }

    async fn on_open(&mut self, ws: &WebSocketConnection) -> Result<()> {
        // Queues the missed events and joins in one step, so that none is lost in between.
        let presence = Presence { name: self.name.clone() };
        self.room.resume(ws, presence, std::mem::take(&mut self.resume)).await?;
        let Some(you) = self.room.id() else { return Ok(()) };
        let members = self.room.members().iter().map(|it| (it.id.get(), it.presence.name.clone())).collect();
        let welcome = ServerMsg::Welcome { you: you.get(), members };
        // Sent through the room: a reply could overtake missed events that are still queued.
        self.room.send_to(you, &welcome)?;
        self.room.broadcast(&ServerMsg::Joined { who: you.get(), name: self.name.clone() })?;
        Ok(())
    }

    /// Broadcasts without waiting: a member that is too slow is closed, and can resume later.
    #[on(Say { key, text })]
    async fn say(&mut self, key: String, text: String) -> Result<ServerMsg, SayError> {
        check("key", &key, 64).and(check("text", &text, 500))?;
        let said = ServerMsg::Said { name: self.name.clone(), key, text };
        self.room.broadcast(&said).map_err(|_| SayError::Unavailable)?;
        // All but the sender. A reply waits for space in the queue, which slows down a member that
        // sends more than it receives.
        Ok(ServerMsg::Delivered { to: self.room.len().saturating_sub(1) })
    }

    #[on(Leave)]
    async fn leave(&mut self) -> CloseFrame {
        CloseFrame { code: CloseCode::NORMAL, reason: "you left".into() }
    }

    /// Runs after every end of the connection: a closed page, a lost network, a shutdown of the
    /// server. The member has left the room already.
    async fn on_close(self, cause: CloseCause) {
        tracing::info!(room = self.room.name(), name = self.name, %cause, "left");
        if let Some(who) = self.room.id() {
            let _ = self.room.broadcast(&ServerMsg::Left { who: who.get(), name: self.name });
        }
    }
}

fn check(what: &'static str, text: &str, max: usize) -> Result<(), BadLength> {
    if (1..=max).contains(&text.chars().count()) { Ok(()) } else { Err(BadLength(what, max)) }
}

/// A text of a bad length. Before the upgrade it refuses the request.
#[derive(Debug)]
struct BadLength(&'static str, usize);

impl fmt::Display for BadLength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a {} has 1 to {} characters", self.0, self.1)
    }
}

/// The reason for not saying something. The member receives it as an error, and the connection
/// stays open.
#[derive(Debug)]
enum SayError {
    BadLength(BadLength),
    /// The store of the rooms is away.
    Unavailable,
}

impl From<BadLength> for SayError {
    fn from(error: BadLength) -> Self {
        Self::BadLength(error)
    }
}

impl MessageError for SayError {
    fn code(&self) -> &'static str {
        match self {
            Self::BadLength(_) => "bad_length",
            Self::Unavailable => "unavailable",
        }
    }

    fn public_message(&self) -> Cow<'_, str> {
        self.to_string().into()
    }

    fn codes() -> &'static [&'static str] {
        &["bad_length", "unavailable"]
    }
}

impl fmt::Display for SayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadLength(error) => error.fmt(f),
            Self::Unavailable => f.write_str("the chat is not available at the moment: try again"),
        }
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    examples::init_logging();
    let limits = WebSocketConfig::default()
        .max_message_size(8 << 10) // more closes with 1009
        .outbox_bytes(64 << 10) // bytes queued for a member; broadcasts beyond wait for 10 s,
        .outbox_burst(8); // and at most as many as the history holds
    // By default the history holds 1,000 messages for five minutes.
    let config = RoomConfig::default().history(History::default());
    let mut rooms = Rooms::<ServerMsg, Presence>::with_config(config);
    // With a store, the members of a room may be on any machine.
    let engine = match std::env::var("STORE") {
        Ok(url) => Some(RedisEngine::connect(url, EngineConfig::new("typed-chat")).await?),
        Err(_) => None,
    };
    if let Some(engine) = &engine {
        rooms = rooms.on(engine, "chat")?;
    }
    let router = Router::new().state(rooms).mount_session_with::<Chat>(limits);
    let contract = router.contract();
    let router = router
        .get("/", || async { Response::html(include_str!("typed_chat.html")) })
        .serve_javascript("/client.js", &contract)
        .merge(examples::assets());
    let server = Server::new(router, examples::address()?).bind().await?;
    examples::announce("http", server.local_addr());
    server.ignitia().await?;
    match engine {
        Some(engine) => engine.close().await,
        None => Ok(()),
    }
}

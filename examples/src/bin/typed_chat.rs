//! Rooms with typed messages, presence and a memory: all hear the same in the same order, know who is here, and miss
//! nothing when their connection is cut.
//!
//! ```text
//! cargo run -p examples --bin typed_chat
//! ```
//!
//! Open the page in two tabs. What a client does so that nothing is lost:
//!
//! ```text
//! < {"type":"said","name":"bob","key":"b1","text":"hi","$at":"4f1d.7"}     $at: where it stands in the room's history
//!   .. the connection is cut; /ws/lobby/ann?after=4f1d.7 brings what happened since, then the welcome ..
//! < {"type":"left","who":1,"name":"ann","$at":"4f1d.8"}
//! < {"type":"said","name":"bob","key":"b2","text":"ann?","$at":"4f1d.9"}
//! < {"type":"welcome","you":3,"members":[[2,"bob"],[3,"ann"]],"lost":false}
//! > {"type":"say","id":"a1","key":"a1","text":"here"}                      again what it has not heard back
//! ```
//!
//! Others may have heard it already, so a message has a `key` of its sender's choice: what comes with a key that was seen
//! before is no news.

use std::{borrow::Cow, fmt};

use ignitia::{
    prelude::*,
    rooms::{History, NoPosition, Position, Resumed, RoomConfig},
    websocket::{CloseCause, CloseCode, WebSocketConfig},
};
use serde::{Deserialize, Serialize};

/// What members send, with an `id` if they like: the reply, or the error that answers it, has the same one.
#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ClientMsg {
    Say { key: String, text: String },
    Leave,
}

/// What members receive: all that happens in the room, what they say themselves included. They know each other by the
/// numbers of their memberships: names need not differ, and who was cut off is here twice until that is found out.
///
/// The welcome is for the newcomer only, and behind what it missed. What it says of the members is newer than that, so
/// a client takes the welcome first.
#[derive(Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ServerMsg {
    Welcome { you: u64, members: Vec<(u64, String)>, lost: bool },
    Joined { who: u64, name: String },
    Left { who: u64, name: String },
    Said { name: String, key: String, text: String },
    Delivered { to: usize }, // the reply to `Say`
}

/// What there is to know about a member.
struct Presence {
    name: String,
}

/// How a client comes back: with the last `$at` that it saw.
#[derive(Deserialize)]
struct Back {
    after: Option<String>,
}

struct Chat {
    room: Membership<ServerMsg, Presence>,
    name: String,
    after: Option<Position>,
}

#[websocket("/ws/<room>/<name>", message = ClientMsg, reply = ServerMsg, id = "id")]
impl Chat {
    /// Before the upgrade: a refusal is a plain HTTP response.
    async fn accept(
        room: String,
        name: String,
        Query(Back { after }): Query<Back>,
        rooms: Rooms<ServerMsg, Presence>,
    ) -> Result<Self, Response> {
        let refusal = |error: BadLength| Response::bad_request(error.to_string());
        check("room", &room, 32).and(check("name", &name, 24)).map_err(refusal)?;
        let no_position = |error: NoPosition| Response::bad_request(error.to_string());
        let after = after.map(|after| after.parse()).transpose().map_err(no_position)?;
        Ok(Self { room: rooms.reserve(room), name, after })
    }

    async fn on_open(&mut self, ws: &WebSocketConnection) -> Result<()> {
        // What was missed is queued here, in one step with joining: nothing falls in between.
        let resumed = self.room.resume(ws, Presence { name: self.name.clone() }, self.after)?;
        let Some(you) = self.room.id() else { return Ok(()) };
        let members = self.room.members().iter().map(|it| (it.id.get(), it.presence.name.clone())).collect();
        let lost = matches!(resumed, Resumed::Lost(_));
        let welcome = ServerMsg::Welcome { you: you.get(), members, lost };
        // By way of the room, as a reply could overtake what is still waiting of what was missed.
        self.room.send_to(you, &welcome)?;
        self.room.broadcast(&ServerMsg::Joined { who: you.get(), name: self.name.clone() })?;
        Ok(())
    }

    /// It waits for nobody: a member that is too slow is closed, and may come back for the rest.
    #[on(Say { key, text })]
    async fn say(&mut self, key: String, text: String) -> Result<ServerMsg, BadLength> {
        check("key", &key, 64).and(check("text", &text, 500))?;
        let said = ServerMsg::Said { name: self.name.clone(), key, text };
        let heard = self.room.broadcast(&said).expect("texts are always JSON");
        // All but the speaker. A reply waits until there is room for it: who says more than it can hear is slowed down.
        Ok(ServerMsg::Delivered { to: (heard.queued + heard.lagging).saturating_sub(1) })
    }

    #[on(Leave)]
    async fn leave(&mut self) -> CloseFrame {
        CloseFrame { code: CloseCode::NORMAL, reason: "you left".into() }
    }

    /// Runs whatever ended the connection: a page that was closed, a network that failed, the end of the server. It is
    /// out of the room already.
    async fn on_close(self, why: CloseCause) {
        tracing::info!(room = self.room.name(), name = self.name, %why, "left");
        if let Some(who) = self.room.id() {
            let _ = self.room.broadcast(&ServerMsg::Left { who: who.get(), name: self.name });
        }
    }
}

fn check(what: &'static str, text: &str, max: usize) -> Result<(), BadLength> {
    if (1..=max).contains(&text.chars().count()) { Ok(()) } else { Err(BadLength(what, max)) }
}

/// What a member did wrong. It is told, and the connection goes on.
#[derive(Debug)]
struct BadLength(&'static str, usize);

impl MessageError for BadLength {
    fn code(&self) -> &'static str {
        "bad_length"
    }

    fn public_message(&self) -> Cow<'_, str> {
        self.to_string().into()
    }
}

impl fmt::Display for BadLength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a {} has 1 to {} characters", self.0, self.1)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    examples::init_logging();
    let limits = WebSocketConfig {
        max_message_size: 8 << 10, // more closes with 1009
        outbox_bytes: 64 << 10,    // what is queued for a member; broadcasts beyond it wait for 10 s,
        outbox_burst: 8,           // and no more of them than the room remembers
        ..Default::default()
    };
    // By default it remembers 1,000 messages, for five minutes.
    let rules = RoomConfig { history: Some(History::default()), ..Default::default() };
    let router = Router::new()
        .state(Rooms::<ServerMsg, Presence>::with_config(rules))
        .mount_session_with::<Chat>(limits)
        .get("/", || async { Response::html(include_str!("typed_chat.html")) })
        .merge(examples::assets());
    let server = Server::new(router, examples::address()?).bind().await?;
    examples::announce("http", server.local_addr());
    server.ignitia().await
}

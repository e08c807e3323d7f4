//! Rooms with typed messages: a session for each member, a method for each kind of message, and pushes to the
//! connections of the others.
//!
//! ```text
//! cargo run -p examples --bin typed_chat
//! ```
//!
//! Open the page in two tabs. In `chat`, who is too slow misses events and is told so; here the connection is closed.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{Arc, Mutex},
};

use ignitia::{
    prelude::*,
    websocket::{CloseCause, CloseCode, WebSocketConfig},
};
use serde::{Deserialize, Serialize};

/// What members send, with an `id` if they like: the reply, or the error that answers it, has the same one.
#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

/// What members receive. They know each other by the numbers of their connections: names need not differ.
///
/// The welcome says who is there already; that one has joined is the next event, for the newcomer too.
#[derive(Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ServerMsg {
    Welcome { you: u64, members: BTreeMap<u64, String> },
    Joined { who: u64, name: String },
    Left { who: Vec<u64> },
    Said { who: u64, text: String },
    Delivered { to: usize }, // the reply to `Say`
}

struct Chat {
    rooms: Rooms,
    room: String,
    name: String,
}

#[websocket("/ws/<room>/<name>", message = ClientMsg, reply = ServerMsg, id = "id")]
impl Chat {
    /// Before the upgrade: a refusal is a plain HTTP response.
    async fn accept(room: String, name: String, State(rooms): State<Rooms>) -> Result<Self, Response> {
        let refusal = |error: BadLength| Response::bad_request(error.to_string());
        check("room", &room, 32).and(check("name", &name, 24)).map_err(refusal)?;
        Ok(Self { rooms, room, name })
    }

    async fn on_open(&mut self, ws: &WebSocketConnection) {
        self.rooms.within(&self.room, |room| room.join(&self.name, ws));
    }

    #[on(Say { text })]
    async fn say(&mut self, text: String, ws: &WebSocketConnection) -> Result<ServerMsg, BadLength> {
        check("text", &text, 500)?;
        let to = self.rooms.within(&self.room, |room| room.say(ws.id().get(), text));
        // A reply waits until there is room for it: who says more than it can hear is slowed down.
        Ok(ServerMsg::Delivered { to })
    }

    #[on(Leave)]
    async fn leave(&mut self) -> CloseFrame {
        CloseFrame { code: CloseCode::NORMAL, reason: "you left".into() }
    }

    /// Runs whatever ended the connection: a page that was closed, a network that failed, the end of the server.
    async fn on_close(self, why: CloseCause, ws: &WebSocketConnection) {
        tracing::info!(room = self.room, name = self.name, %why, "left");
        self.rooms.within(&self.room, |room| room.leave(ws.id().get()));
    }
}

/// The rooms by name. The lock is held for moments and never over an await, so it is std's.
#[derive(Clone, Default)]
struct Rooms(Arc<Mutex<HashMap<String, Room>>>);

impl Rooms {
    /// Does something in a room, which exists for as long as it has members.
    fn within<T>(&self, name: &str, act: impl FnOnce(&mut Room) -> T) -> T {
        let mut rooms = self.0.lock().expect("nothing panics while it holds the lock");
        let room = rooms.entry(name.to_owned()).or_default();
        let done = act(room);
        if room.0.is_empty() {
            rooms.remove(name);
        }
        done
    }
}

/// The members by number. What happens in a room happens under the lock, so that all hear it in the same order.
#[derive(Default)]
struct Room(BTreeMap<u64, Member>);

struct Member {
    name: String,
    ws: WebSocketConnection,
}

impl Room {
    fn join(&mut self, name: &str, ws: &WebSocketConnection) {
        let (you, name) = (ws.id().get(), name.to_owned());
        let members = self.0.iter().map(|(who, member)| (*who, member.name.clone())).collect();
        let newcomer = Member { name: name.clone(), ws: ws.clone() };
        // Not as the reply of `on_open`: that is queued after the lock is released, so perhaps behind later events.
        newcomer.hears(&encode(&ServerMsg::Welcome { you, members }));
        self.0.insert(you, newcomer);
        self.tell(None, ServerMsg::Joined { who: you, name });
    }

    /// Says it to the others; how many they are.
    fn say(&mut self, who: u64, text: String) -> usize {
        // Who was too slow is no member any more, yet what it said before may still come in.
        if !self.0.contains_key(&who) {
            return 0;
        }
        self.tell(Some(who), ServerMsg::Said { who, text });
        self.0.len() - 1
    }

    fn leave(&mut self, who: u64) {
        if self.0.remove(&who).is_some() {
            self.tell(None, ServerMsg::Left { who: vec![who] });
        }
    }

    /// Pushes an event to all but one. It is written once, and waits for nobody: who has no room for it must leave,
    /// and that is the next event.
    fn tell(&mut self, except: Option<u64>, event: ServerMsg) {
        let text = encode(&event);
        let slow = self.0.extract_if(.., |who, member| Some(*who) != except && !member.hears(&text));
        let who: Vec<_> = slow.map(|(who, _)| who).collect();
        if !who.is_empty() {
            self.tell(None, ServerMsg::Left { who });
        }
    }
}

impl Member {
    /// `false` if its outbox is full: from here on it would be deaf, without knowing.
    fn hears(&self, text: &str) -> bool {
        // Any other error means that the connection is closed, and that its `on_close` is to come.
        let full = self.ws.try_send(text.into()).is_err_and(|error| error.is_full());
        if full {
            let reason = "too slow: you missed what was said from here on".into();
            let frame = CloseFrame { code: CloseCode::TRY_AGAIN_LATER, reason };
            let _ = self.ws.try_send(Message::Close(Some(frame))); // has room always, behind what is queued
        }
        !full
    }
}

fn encode(event: &ServerMsg) -> String {
    serde_json::to_string(event).expect("texts and numbers are always JSON")
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
        outbox_bytes: 64 << 10,    // what is queued for a member before it is too slow
        ..Default::default()
    };
    let router = Router::new()
        .state(Rooms::default())
        .mount_session_with::<Chat>(limits)
        .get("/", || async { Response::html(include_str!("typed_chat.html")) })
        .merge(examples::assets());
    let server = Server::new(router, examples::address()?).bind().await?;
    examples::announce("http", server.local_addr());
    server.ignitia().await
}

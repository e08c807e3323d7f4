//! Rooms: whoever connects to `/ws/{room}?name=..` hears what is said there.
//!
//! ```text
//! cargo run -p examples --bin chat
//! ```
//!
//! Open the page in two tabs.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use ignitia::{prelude::*, websocket::WebSocketConfig};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::{self, error::RecvError};

/// How many events a member may be behind before the oldest are lost to it.
const BACKLOG: usize = 64;

#[derive(Deserialize)]
struct Guest {
    name: String,
}

/// What members send.
#[derive(Deserialize)]
struct Say {
    /// Made up by the sender, who knows by it that the message got through, and may safely say it again if not.
    key: String,
    text: String,
}

/// What members receive.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event<'a> {
    Welcome { members: usize },
    Joined { name: &'a str, members: usize },
    Left { name: &'a str, members: usize },
    Said { name: &'a str, key: &'a str, text: &'a str },
    Missed { count: u64 },
}

#[websocket("/ws/<room>")]
async fn chat(
    room: String,
    Query(Guest { name }): Query<Guest>,
    State(rooms): State<Rooms>,
    mut ws: WebSocketConnection,
) -> Result<Response> {
    // Nothing is upgraded before the first send or receive: up to there a refusal is a plain HTTP response.
    if !is_acceptable(&room, 32) || !is_acceptable(&name, 24) {
        return Ok(Response::bad_request("a room has 1 to 32 characters, a name 1 to 24"));
    }
    let (mut seat, members) = rooms.join(room, name);
    ws.send_json(&Event::Welcome { members }).await?;
    loop {
        tokio::select! {
            // First what others said: a member that says more than it can hear is slowed down, not deafened.
            biased;
            event = seat.events.recv() => match event {
                // This waits when the member's queue is full: that is when it falls behind.
                Ok(event) => ws.send_text(&*event).await?,
                // It fell behind by too much. It is told, so that it knows that it has not heard everything. (Where
                // a gap is fatal, end with `CloseFrame { code: CloseCode::TRY_AGAIN_LATER, .. }` instead.)
                Err(RecvError::Lagged(count)) => ws.send_json(&Event::Missed { count }).await?,
                Err(RecvError::Closed) => break, // not while our seat holds a sender
            },
            message = ws.recv() => match message {
                Some(Message::Text(text)) => match serde_json::from_str(&text) {
                    Ok(say) => seat.say(&say),
                    // After the upgrade a 4xx closes, with its text as the reason: here 1008.
                    Err(_) => return Ok(Response::bad_request("not a message of the chat")),
                },
                Some(Message::Binary(_)) => return Ok(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response()),
                Some(Message::Ping(_) | Message::Pong(_)) => {}
                Some(Message::Close(_)) | None => break,
            },
        }
    }
    Ok(Response::ok())
}

fn is_acceptable(name: &str, max: usize) -> bool {
    (1..=max).contains(&name.chars().count()) && !name.chars().any(char::is_control)
}

/// The rooms that have members. The lock is held for moments and never over an await, so it is std's.
#[derive(Clone, Default)]
struct Rooms(Arc<Mutex<HashMap<String, Room>>>);

struct Room {
    members: usize,
    /// Every event, as JSON: encoded once, whatever the number of members.
    events: broadcast::Sender<Arc<str>>,
}

/// A member's place in a room. It is left when this is dropped, so on every way out of the handler, panic included.
struct Seat {
    rooms: Rooms,
    room: String,
    name: String,
    sender: broadcast::Sender<Arc<str>>,
    events: broadcast::Receiver<Arc<str>>,
}

impl Rooms {
    /// Takes a seat, and says how many are taken now.
    fn join(&self, room: String, name: String) -> (Seat, usize) {
        let mut rooms = self.lock();
        let entry = rooms
            .entry(room.clone())
            .or_insert_with(|| Room { members: 0, events: broadcast::Sender::new(BACKLOG) });
        entry.members += 1;
        let members = entry.members;
        // An error only means that nobody is there yet.
        let _ = entry.events.send(Event::Joined { name: &name, members }.encode());
        let sender = entry.events.clone();
        let events = sender.subscribe();
        (Seat { rooms: self.clone(), room, name, sender, events }, members)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Room>> {
        self.0.lock().expect("nothing panics while it holds the lock")
    }
}

impl Seat {
    fn say(&self, Say { key, text }: &Say) {
        // An error would mean that nobody listens, but this seat does.
        let _ = self.sender.send(Event::Said { name: &self.name, key, text }.encode());
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut rooms = self.rooms.lock();
        let Some(room) = rooms.get_mut(&self.room) else { return };
        room.members -= 1;
        if room.members == 0 {
            rooms.remove(&self.room);
        } else {
            let _ = room.events.send(Event::Left { name: &self.name, members: room.members }.encode());
        }
    }
}

impl Event<'_> {
    fn encode(&self) -> Arc<str> {
        serde_json::to_string(self).expect("texts and numbers are always JSON").into()
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    examples::init_logging();
    let limits = WebSocketConfig {
        max_message_size: 8 << 10, // more closes with 1009
        outbox_bytes: 64 << 10,    // what is queued for a member that reads slowly, before it falls behind
        ..Default::default()
    };
    let router = Router::new()
        .state(Rooms::default())
        .mount(chat)
        .websocket_config(limits)
        .get("/", || async { Response::html(include_str!("chat.html")) })
        .merge(examples::assets());
    let server = Server::new(router, examples::address()?).bind().await?;
    examples::announce("http", server.local_addr());
    server.ignitia().await
}

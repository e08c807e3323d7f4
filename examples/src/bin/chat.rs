//! Shows a chat with rooms written by hand, over tokio's broadcast channels: a client that connects
//! to `/ws/{room}?name=..` receives all messages of that room. `typed_chat.rs` is the version with
//! Ignitia's own `Rooms`.
//!
//! ```text
//! cargo run -p examples --bin chat
//! ```
//!
//! Open <http://127.0.0.1:3000> in two tabs.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use ignitia::{prelude::*, websocket::WebSocketConfig};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::{self, error::RecvError};

/// Number of events by which a member may lag before it misses the oldest ones.
const BACKLOG: usize = 64;

#[derive(Deserialize)]
struct NameQuery {
    name: String,
}

/// Message from a member.
#[derive(Deserialize)]
struct SayMessage {
    /// Key that the sender chooses. It recognizes its own message by it, and can safely send the
    /// message again if it does not come back.
    key: String,
    text: String,
}

/// Message to a member.
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
    Query(NameQuery { name }): Query<NameQuery>,
    State(hub): State<Hub>,
    mut ws: WebSocketConnection,
) -> Result<Response> {
    // The upgrade happens at the first send or receive. Until then a refusal is a plain HTTP
    // response.
    if !is_acceptable(&room, 32) || !is_acceptable(&name, 24) {
        return Ok(Response::bad_request("a room has 1 to 32 characters, a name 1 to 24"));
    }
    let (mut subscription, members) = hub.join(room, name);
    ws.send_json(&Event::Welcome { members }).await?;
    loop {
        tokio::select! {
            // Others' messages first: a member that sends more than it receives is slowed down
            // instead of losing messages.
            biased;
            event = subscription.events.recv() => match event {
                // Waits while the member's queue is full. Meanwhile it lags.
                Ok(event) => ws.send_text(&*event).await?,
                // It lagged too far, so it is told how many events it missed. (If a gap is fatal,
                // end with `CloseFrame { code: CloseCode::TRY_AGAIN_LATER, .. }` instead.)
                Err(RecvError::Lagged(count)) => ws.send_json(&Event::Missed { count }).await?,
                Err(RecvError::Closed) => break, // impossible while the subscription holds a sender
            },
            message = ws.recv() => match message {
                Some(Message::Text(text)) => match serde_json::from_str(&text) {
                    Ok(say) => subscription.say(&say),
                    // After the upgrade a 4xx closes with its text as the reason, here 1008.
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

/// All rooms that have members. The lock is never held across an await, so it is std's.
#[derive(Clone, Default)]
struct Hub(Arc<Mutex<HashMap<String, Channel>>>);

/// A room with members.
struct Channel {
    members: usize,
    /// Events as JSON, encoded once for all members.
    events: broadcast::Sender<Arc<str>>,
}

/// A member's subscription to a room. Dropping it leaves the room, so the member leaves on every
/// way out of the handler, a panic included.
struct Subscription {
    hub: Hub,
    room: String,
    name: String,
    sender: broadcast::Sender<Arc<str>>,
    events: broadcast::Receiver<Arc<str>>,
}

impl Hub {
    /// Joins a room, and returns the subscription and the number of members.
    fn join(&self, room: String, name: String) -> (Subscription, usize) {
        let mut hub = self.lock();
        let entry = hub
            .entry(room.clone())
            .or_insert_with(|| Channel { members: 0, events: broadcast::Sender::new(BACKLOG) });
        entry.members += 1;
        let members = entry.members;
        // An error only means that the room has no receivers yet.
        let _ = entry.events.send(Event::Joined { name: &name, members }.encode());
        let sender = entry.events.clone();
        let events = sender.subscribe();
        (Subscription { hub: self.clone(), room, name, sender, events }, members)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Channel>> {
        self.0.lock().expect("nothing panics while it holds the lock")
    }
}

impl Subscription {
    fn say(&self, SayMessage { key, text }: &SayMessage) {
        // An error would mean that there are no receivers, but this subscription is one.
        let _ = self.sender.send(Event::Said { name: &self.name, key, text }.encode());
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut hub = self.hub.lock();
        let Some(room) = hub.get_mut(&self.room) else { return };
        room.members -= 1;
        if room.members == 0 {
            hub.remove(&self.room);
        } else {
            let _ = room.events.send(Event::Left { name: &self.name, members: room.members }.encode());
        }
    }
}

impl Event<'_> {
    fn encode(&self) -> Arc<str> {
        serde_json::to_string(self).expect("texts and numbers are valid JSON").into()
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    examples::init_logging();
    let limits = WebSocketConfig::default()
        .max_message_size(8 << 10) // more closes with 1009
        .outbox_bytes(64 << 10); // bytes queued for a slow member before it lags
    let router = Router::new()
        .state(Hub::default())
        .mount(chat)
        .websocket_config(limits)
        .get("/", || async { Response::html(include_str!("chat.html")) })
        .merge(examples::assets());
    let server = Server::new(router, examples::address()?).bind().await?;
    examples::announce("http", server.local_addr());
    server.ignitia().await
}

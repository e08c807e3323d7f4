//! The endpoint: the messages, and the session of a member.

use ignitia::{prelude::*, rooms::Resume};
use serde::{Deserialize, Serialize};

/// Message from a member: `{"type":"say","name":"ann","text":"hello"}`.
#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Ask {
    Say { name: String, text: String },
}

/// Message to all members of a room: `{"type":"said","name":"ann","text":"hello"}`.
#[derive(Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Tell {
    Said { name: String, text: String },
}

/// Session of a member.
pub struct Chat {
    room: Membership<Tell>,
    resume: Resume,
}

#[websocket("/rooms/<room>", message = Ask, reply = Tell)]
impl Chat {
    /// Checks the request before the upgrade: an error is the HTTP response.
    async fn accept(room: String, resume: Resume, rooms: Rooms<Tell>) -> Result<Self, Response> {
        if room.len() > 64 {
            return Err(Response::bad_request(
                "the name of a room has at most 64 bytes",
            ));
        }
        Ok(Self {
            room: rooms.reserve(room),
            resume,
        })
    }

    /// Joins the room. A client that comes back is sent what it has missed.
    async fn on_open(&mut self, ws: &WebSocketConnection) -> Result<()> {
        let resume = std::mem::take(&mut self.resume);
        self.room.resume(ws, (), resume).await?;
        Ok(())
    }

    #[on(Say { name, text })]
    async fn say(&mut self, name: String, text: String) -> Result<()> {
        self.room.broadcast(&Tell::Said { name, text })?;
        Ok(())
    }
}

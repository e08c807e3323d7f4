//! Members.

use std::collections::HashMap;

use ignitia::{prelude::*, rooms::Resume};
use serde::Deserialize;

use super::messages::{Ask, Presence, Tell};

/// Member of a room.
pub(super) struct Guest {
    membership: Membership<Tell, Presence>,
    rooms: Rooms<Tell, Presence>,
    /// Memberships in other rooms, by the beginning of their names.
    others: HashMap<String, Vec<Membership<Tell, Presence>>>,
    name: String,
    key: Option<String>,
    resume: Resume,
}

#[derive(Deserialize)]
struct Options {
    key: Option<String>,
}

#[websocket("/rooms/<room>/<name>", message = Ask, reply = Tell)]
impl Guest {
    async fn accept(
        room: String,
        name: String,
        Query(Options { key }): Query<Options>,
        resume: Resume,
        rooms: Rooms<Tell, Presence>,
    ) -> Self {
        Self { membership: rooms.reserve(room), rooms, others: HashMap::new(), name, key, resume }
    }

    async fn on_open(&mut self, ws: &WebSocketConnection) -> Result<()> {
        let presence = Presence { name: self.name.clone() };
        let resume = std::mem::take(&mut self.resume);
        match &self.key {
            None => self.membership.resume(ws, presence, resume).await?,
            Some(key) => self.membership.resume_keyed(ws, key.as_str(), presence, resume).await?,
        };
        Ok(())
    }

    #[on(Say { n })]
    async fn say(&mut self, n: u64) -> Tell {
        match self.membership.broadcast(&Tell::Said { from: self.name.clone(), n }) {
            Ok(_) => Tell::Accepted { n, at: None },
            Err(error) => Tell::Refused { n, text: error.to_string() },
        }
    }

    #[on(Publish { n })]
    async fn publish(&mut self, n: u64) -> Tell {
        match self.membership.publish(&Tell::Said { from: self.name.clone(), n }).await {
            Ok(at) => Tell::Accepted { n, at: at.map(|at| at.to_string()) },
            Err(error) => Tell::Refused { n, text: error.to_string() },
        }
    }

    #[on(Enter { rooms, count, says })]
    async fn enter(&mut self, rooms: String, count: u64, says: bool, ws: &WebSocketConnection) -> Result<()> {
        let memberships = self.others.entry(rooms.clone()).or_default();
        for n in 0..count {
            let presence = Presence { name: self.name.clone() };
            let membership = self.rooms.join_as(format!("{rooms}{n}"), ws, presence)?;
            if says {
                membership.broadcast(&Tell::Said { from: self.name.clone(), n })?;
            }
            memberships.push(membership);
        }
        Ok(())
    }

    #[on(Leave { rooms })]
    async fn leave(&mut self, rooms: String) {
        self.others.remove(&rooms);
    }

    #[on(Mark)]
    async fn mark(&mut self) -> Tell {
        Tell::Mark
    }
}

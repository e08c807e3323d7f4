//! A client of `typed_chat.rs` that follows the room's history.

use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::{client::Client, running_example::RunningExample};

/// A member of a room, which checks that events arrive in order and without a gap.
pub(crate) struct ChatMember {
    pub(crate) client: Client<TcpStream>,
    /// Id of the membership.
    pub(crate) you: u64,
    /// Events before the welcome.
    pub(crate) missed: Vec<Value>,
    /// Events between the welcome and the member's own `joined`.
    pub(crate) meanwhile: Vec<Value>,
    pub(crate) members: Value,
    /// True if the room's history has forgotten events that the member missed.
    pub(crate) lost: bool,
    /// Position in the room's history.
    pub(crate) epoch: String,
    pub(crate) offset: u64,
}

impl ChatMember {
    pub(crate) async fn join(example: &RunningExample, room: &str, name: &str) -> Self {
        Self::read_welcome(example.connect(&format!("/ws/{room}/{name}")).await, name, None).await
    }

    /// Joins with the position up to which the member has received all events.
    pub(crate) async fn resume(example: &RunningExample, room: &str, name: &str, after: (&str, u64)) -> Self {
        let (epoch, offset) = after;
        let client = example.connect(&format!("/ws/{room}/{name}?$at={epoch}.{offset}")).await;
        Self::read_welcome(client, name, Some(after)).await
    }

    /// Reads what a new member receives: the room's notice, missed events, the welcome, and its own
    /// `joined`.
    pub(crate) async fn read_welcome(
        mut client: Client<TcpStream>,
        name: &str,
        after: Option<(&str, u64)>,
    ) -> Self {
        let notice = client.json().await;
        let kind = if after.is_some() { "$resumed" } else { "$joined" };
        assert_eq!(notice["type"], kind, "{notice}");
        let lost = notice["lost"] == true;
        let (epoch, offset) = match after {
            Some((epoch, offset)) if !lost => (epoch.to_owned(), offset),
            _ => event_position(&notice),
        };
        let (missed, meanwhile) = (Vec::new(), Vec::new());
        let mut member =
            Self { client, you: 0, missed, meanwhile, members: Value::Null, lost, epoch, offset };
        loop {
            let mut event = member.client.json().await;
            if event["type"] == "welcome" {
                assert_eq!(
                    (member.you, event.get("$at")),
                    (0, None),
                    "one welcome, for this member only: {event}"
                );
                // Others may speak between the two.
                let recovered = notice["recovered"].as_u64().unwrap_or_default();
                assert!(recovered <= member.missed.len() as u64, "{notice} {:?}", member.missed);
                member.you = event["you"].as_u64().expect("a number");
                member.members = event["members"].take();
                continue;
            }
            let event = member.advance(event);
            if member.you > 0 && event["who"] == member.you {
                assert_eq!(event, json!({ "type": "joined", "who": member.you, "name": name }));
                return member;
            }
            if member.you == 0 { &mut member.missed } else { &mut member.meanwhile }.push(event);
        }
    }

    /// Expects another event.
    #[track_caller]
    pub(crate) fn next_event(&mut self) -> impl Future<Output = Value> {
        let caller = std::panic::Location::caller();
        async move {
            let event = self.client.json().await;
            assert!(event.get("$at").is_some(), "{caller}: not an event of the room: {event}");
            self.advance(event)
        }
    }

    /// Checks that an event is the next one in the history, and removes its position.
    pub(crate) fn advance(&mut self, event: Value) -> Value {
        let (epoch, offset) = event_position(&event);
        assert_eq!((&epoch, offset), (&self.epoch, self.offset + 1), "{event}");
        self.offset = offset;
        without_position(event)
    }

    pub(crate) fn position(&self) -> (&str, u64) {
        (&self.epoch, self.offset)
    }

    /// Sends a text, expects the event that all members receive, and returns the reply.
    pub(crate) async fn say(&mut self, key: &str, text: &str) -> Value {
        self.client.send(say_request(key, text)).await;
        let event = self.next_event().await;
        assert_eq!((&event["key"], &event["text"]), (&key.into(), &text.into()));
        self.client.json().await
    }
}

pub(crate) fn say_request(key: &str, text: &str) -> String {
    json!({ "type": "say", "id": key, "key": key, "text": text }).to_string()
}

/// Returns the epoch and the offset of an event.
fn event_position(event: &Value) -> (String, u64) {
    let at = event["$at"].as_str().unwrap_or_else(|| panic!("no position: {event}"));
    let (epoch, offset) = at.split_once('.').expect("epoch and offset");
    (epoch.to_owned(), offset.parse().expect("a number"))
}

/// Removes the position of an event.
fn without_position(mut event: Value) -> Value {
    event.as_object_mut().expect("an object").remove("$at");
    event
}

pub(crate) fn joined(member: &ChatMember, name: &str) -> Value {
    json!({ "type": "joined", "who": member.you, "name": name })
}

pub(crate) fn left(who: u64, name: &str) -> Value {
    json!({ "type": "left", "who": who, "name": name })
}

pub(crate) fn said(name: &str, key: &str, text: &str) -> Value {
    json!({ "type": "said", "name": name, "key": key, "text": text })
}

pub(crate) fn delivered(key: &str, to: usize) -> Value {
    json!({ "id": key, "type": "delivered", "to": to })
}

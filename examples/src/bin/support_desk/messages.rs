//! The protocol: messages between pages and the server.

use ignitia::{ClientMessage, ServerMessage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Message from a participant in a conversation.
#[derive(Deserialize, JsonSchema, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Ask {
    /// Says something. `key` is made up by the page, and the same if it says it again.
    Say { key: String, text: String },
    /// Tells the others that something is being written.
    Typing,
    /// Asks for the posts before one, or for the newest.
    Older { before: Option<i64> },
}

/// Message to a participant in a conversation.
#[derive(Serialize, JsonSchema, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Tell {
    Said {
        post: Post,
    },
    /// The reply to `Say`: the number of the post.
    Stored {
        post: i64,
    },
    /// The reply to `Older`, oldest first. `more` says if there are older ones.
    Page {
        posts: Vec<Post>,
        more: bool,
    },
    Resolved {
        by: String,
    },
    /// A notice to all conversations.
    Notice {
        by: String,
        text: String,
    },
    /// The present participants, after each change.
    #[message(transient)]
    Present {
        people: Vec<Person>,
    },
    #[message(transient)]
    Typing {
        person: Person,
    },
}

/// Message from an agent's list of conversations.
#[derive(Deserialize, JsonSchema, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum DeskAsk {
    /// Takes a conversation from the list, until the next post.
    Resolve { conversation: i64 },
}

/// Message to an agent's list of conversations.
#[derive(Serialize, JsonSchema, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum DeskTell {
    /// All open conversations, the newest first, and the agents who are there. Sent after each
    /// change.
    Overview { conversations: Vec<Summary>, agents: Vec<String> },
}

/// Participant, as the others see it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Person {
    pub(crate) name: String,
    /// True for agents.
    pub(crate) staff: bool,
}

/// Something that was said.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Post {
    pub(crate) id: i64,
    pub(crate) key: String,
    pub(crate) author: Person,
    pub(crate) text: String,
    pub(crate) file: Option<Attachment>,
    /// Time in milliseconds, as in JavaScript.
    pub(crate) at: i64,
}

/// File of a post.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Attachment {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) bytes: i64,
}

/// Open conversation in the list of the agents.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Summary {
    pub(crate) conversation: i64,
    pub(crate) visitor: String,
    /// Begin of the last post.
    pub(crate) last: String,
    pub(crate) at: i64,
    /// True if the visitor had the last word.
    pub(crate) waiting: bool,
    /// Names of the participants who are there.
    pub(crate) present: Vec<Person>,
}

//! Messages of the members and of the rooms.

use ignitia::prelude::*;
use serde::{Deserialize, Serialize};

/// Message from a member.
#[derive(Debug, Clone, Serialize, Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Ask {
    /// Broadcasts a number.
    Say {
        /// The number.
        n: u64,
    },
    /// The same, and waits until the engine has it.
    Publish {
        /// The number.
        n: u64,
    },
    /// Enters other rooms, too: those with this name and a number below the count.
    Enter {
        /// Beginning of their names.
        rooms: String,
        /// Their number.
        count: u64,
        /// True if their numbers are said in them at once.
        says: bool,
    },
    /// Leaves these rooms.
    Leave {
        /// Beginning of their names.
        rooms: String,
    },
    /// Answers behind everything that was sent before.
    Mark,
}

/// Message to members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Tell {
    /// Number that a member has broadcast.
    Said {
        /// Name of the member.
        from: String,
        /// The number.
        n: u64,
    },
    /// Reply: the broadcast was handed on, or the engine has it.
    Accepted {
        /// The number.
        n: u64,
        /// Position, if it is known.
        at: Option<String>,
    },
    /// Reply: the broadcast has failed.
    Refused {
        /// The number.
        n: u64,
        /// Text of the error.
        text: String,
    },
    /// Reply to [`Ask::Mark`].
    Mark,
}

/// Data of a member that all nodes see.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// Name of the member.
    pub name: String,
}

impl Tell {
    /// Creates a number from the test itself.
    pub fn number(n: u64) -> Self {
        Self::Said { from: "test".to_owned(), n }
    }
}

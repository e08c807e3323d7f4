//! Messages from a node.

use std::borrow::Cow;

use serde::Deserialize;

/// Message from a node: of the room, a reply, or a notice.
#[derive(Debug, Deserialize)]
pub(super) struct Incoming<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) from: Option<Cow<'a, str>>,
    pub(super) n: Option<u64>,
    #[serde(rename = "$at", borrow)]
    pub(super) at: Option<Cow<'a, str>>,
    /// Position in a reply.
    #[serde(rename = "at", borrow)]
    pub(super) accepted_at: Option<Cow<'a, str>>,
    #[serde(default)]
    pub(super) lost: bool,
    /// Code of an error.
    #[serde(borrow)]
    pub(super) code: Option<Cow<'a, str>>,
    pub(super) missed: Option<u64>,
}

/// Position in the story of a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct StoryPlace {
    /// Life of the room.
    pub(super) life: u32,
    pub(super) offset: u64,
    /// Tag that tells apart messages with the same number.
    pub(super) tag: u32,
}

impl StoryPlace {
    /// Reads a position as it stands in messages.
    pub(super) fn parse(at: &str) -> Self {
        let (epoch, offset) = at.split_once('.').unwrap();
        let epoch = u64::from_str_radix(epoch, 16).unwrap();
        Self { life: (epoch >> 32) as u32, tag: epoch as u32, offset: offset.parse().unwrap() }
    }
}

/// Message that a publisher has said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Saying {
    pub(super) publisher: usize,
    pub(super) n: u64,
}

/// Returns the name of a publisher.
pub(super) fn publisher_name(publisher: usize) -> String {
    format!("publisher-{publisher}")
}

impl Saying {
    /// Returns the saying of a message of the room.
    pub(super) fn of(message: &Incoming<'_>) -> Self {
        let publisher = message.from.as_ref().unwrap().strip_prefix("publisher-").unwrap();
        Self { publisher: publisher.parse().unwrap(), n: message.n.unwrap() }
    }
}

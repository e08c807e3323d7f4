//! Things that nodes tell each other about a room.

use std::sync::Arc;

use bytes::Bytes;

/// Thing that a node tells all nodes about a room. A room has one order of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Item {
    /// Message for all members.
    Message {
        /// True if the room's history keeps it.
        is_remembered: bool,
        message: PublishedMessage,
    },
    /// Message for one member.
    Direct { member: u64, message: PublishedMessage },
    /// End of one member's connection.
    CloseMember { member: u64, code: u16, reason: String },
    /// Message for all connections of a user.
    KeyDirect { key: Arc<str>, message: PublishedMessage },
    /// End of all connections of a user.
    KeyClose { key: Arc<str>, code: u16, reason: String },
    /// New member.
    Joined(StoredMember),
    /// Member whose presence has changed.
    Changed(StoredMember),
    /// Member that has left.
    Left { member: u64 },
    /// All members on a node, in place of those that were known.
    NodeMembers { node: u32, members: Vec<StoredMember> },
}

/// Message on its way to the members of a room on all nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublishedMessage {
    pub(crate) is_binary: bool,
    /// True if it is sent as it is on connections with compression, too.
    pub(crate) is_uncompressed: bool,
    /// Key of a message of which only the newest counts.
    pub(crate) coalesce_key: Option<u64>,
    /// Member that is not sent it.
    pub(crate) except: Option<u64>,
    /// Names of all rooms that the same message goes to, in alphabetical order, if there are
    /// several.
    pub(crate) rooms: Vec<Arc<str>>,
    pub(crate) payload: Bytes,
}

/// Member as the engine keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredMember {
    pub(crate) id: u64,
    /// Encoded key, connection and presence. Only rooms read it.
    pub(crate) encoded: Bytes,
}

impl Item {
    /// Returns true for a change of members: it is state, not a message.
    pub(crate) fn is_presence(&self) -> bool {
        matches!(self, Self::Joined(_) | Self::Changed(_) | Self::Left { .. } | Self::NodeMembers { .. })
    }

    /// Returns the number of bytes that it takes, besides a few of its own.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Message { message, .. }
            | Self::Direct { message, .. }
            | Self::KeyDirect { message, .. } => {
                let PublishedMessage { payload, rooms, .. } = message;
                payload.len() + rooms.iter().map(|name| name.len()).sum::<usize>()
            }
            Self::CloseMember { reason, .. } | Self::KeyClose { reason, .. } => reason.len(),
            Self::Joined(member) | Self::Changed(member) => member.encoded.len(),
            Self::Left { .. } => 0,
            Self::NodeMembers { members, .. } => {
                members.iter().map(|member| size_of::<u64>() + member.encoded.len()).sum()
            }
        }
    }

    /// Returns true for a message that a history keeps.
    pub(crate) fn is_remembered(&self) -> bool {
        matches!(self, Self::Message { is_remembered: true, .. })
    }
}

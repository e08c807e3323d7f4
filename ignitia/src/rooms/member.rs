//! Members of rooms.

use std::{fmt, sync::Arc};

use super::member_key::MemberKey;
use crate::connection::ConnectionId;

/// Number of a membership, unique within its [`Rooms`](super::Rooms).
///
/// In memory the numbers count from 1. On an engine they are unique on all nodes: the bits from 33
/// on are the number of the node, those below count its members. They are below 2^53, so that
/// JavaScript reads them exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemberId(pub(super) u64);

impl MemberId {
    /// Returns the number.
    pub fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Member of a room.
#[derive(Debug)]
pub struct Member<P> {
    /// Number of the membership.
    pub id: MemberId,
    /// Number of the connection, which is unique in its process only.
    pub connection: ConnectionId,
    /// Key, if it joined with one.
    pub key: Option<MemberKey>,
    /// The application's data about the member.
    pub presence: Arc<P>,
}

impl<P> Clone for Member<P> {
    fn clone(&self) -> Self {
        let Self { id, connection, key, presence } = self;
        Self { id: *id, connection: *connection, key: key.clone(), presence: presence.clone() }
    }
}

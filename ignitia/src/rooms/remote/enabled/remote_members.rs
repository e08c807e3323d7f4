use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use bytes::Bytes;

use super::presence_codec::{DecodedMember, PresenceCodec, StoredPresence};
use crate::{
    connection::ConnectionId,
    engine::StoredMember,
    error::Result,
    rooms::{
        member::{Member, MemberId},
        member_key::MemberKey,
    },
};

/// Members of a room on other nodes, and what those know of the members here.
pub(in crate::rooms) struct RemoteMembers<P> {
    members: BTreeMap<u64, RemoteMember<P>>,
    own: BTreeMap<u64, OwnMember>,
}

/// Member on another node.
pub(in crate::rooms) struct RemoteMember<P> {
    pub(in crate::rooms) connection: ConnectionId,
    pub(in crate::rooms) key: Option<MemberKey>,
    pub(in crate::rooms) presence: Arc<P>,
    encoded: Bytes,
}

/// Member here, as the other nodes know it.
struct OwnMember {
    encoded: Bytes,
    join: OwnJoin,
}

/// Join of a member here, in the engine's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OwnJoin {
    /// It is on its way to the engine.
    Pending,
    /// It has its place.
    Ordered,
    /// It had its place, and the engine does not know the member any more: it was taken for dead.
    /// It is to come again.
    Lost,
}

impl<P> RemoteMember<P> {
    /// Decodes a member. It runs code of the user's, whose panic is an error.
    pub(in crate::rooms) fn decode(encoded: &Bytes, codec: PresenceCodec<P>) -> Result<Self> {
        let DecodedMember { connection, key, presence } = codec.decode(encoded)?;
        Ok(Self { connection, key, presence: Arc::new(presence), encoded: encoded.clone() })
    }

    pub(in crate::rooms) fn member(&self, id: u64) -> Member<P> {
        let Self { connection, key, presence, .. } = self;
        Member { id: MemberId(id), connection: *connection, key: key.clone(), presence: presence.clone() }
    }
}

impl<P> RemoteMembers<P> {
    pub(in crate::rooms) fn new() -> Self {
        Self { members: BTreeMap::new(), own: BTreeMap::new() }
    }

    pub(in crate::rooms) fn len(&self) -> usize {
        self.members.len()
    }

    pub(in crate::rooms) fn get(&self, id: u64) -> Option<(ConnectionId, &Arc<P>)> {
        self.members.get(&id).map(|member| (member.connection, &member.presence))
    }

    pub(in crate::rooms) fn iter(&self) -> impl Iterator<Item = (u64, ConnectionId, &Arc<P>)> {
        self.members.iter().map(|(id, member)| (*id, member.connection, &member.presence))
    }

    /// Returns true if a member is known, and in this form.
    pub(in crate::rooms) fn is_known(&self, stored: &StoredMember) -> bool {
        self.members.get(&stored.id).is_some_and(|member| member.encoded == stored.encoded)
    }

    /// Adds a member of another node, or replaces it.
    pub(in crate::rooms) fn insert(&mut self, id: u64, member: RemoteMember<P>) -> Option<RemoteMember<P>> {
        self.members.insert(id, member)
    }

    pub(in crate::rooms) fn remove(&mut self, id: u64) -> Option<RemoteMember<P>> {
        self.members.remove(&id)
    }

    /// Keeps the encoded form of a member here.
    pub(in crate::rooms) fn set_own(&mut self, id: u64, StoredPresence(encoded): StoredPresence) {
        if let Some(encoded) = encoded {
            let join = self.own.get(&id).map_or(OwnJoin::Pending, |own| own.join);
            self.own.insert(id, OwnMember { encoded, join });
        }
    }

    pub(in crate::rooms) fn remove_own(&mut self, id: u64) {
        self.own.remove(&id);
    }

    /// Returns the members here.
    pub(in crate::rooms) fn stored(&self) -> Vec<StoredMember> {
        self.own.iter().map(|(id, own)| StoredMember { id: *id, encoded: own.encoded.clone() }).collect()
    }

    /// Returns true if the engine has ever put the join of a member here in order: what joins from
    /// now on comes after it.
    pub(in crate::rooms) fn was_ordered(&self, id: u64) -> bool {
        self.own.get(&id).is_some_and(|own| own.join != OwnJoin::Pending)
    }

    /// Records that the engine knows no other members here.
    pub(in crate::rooms) fn lose_others(&mut self, listed: &HashSet<u64>) {
        let lost =
            self.own.iter_mut().filter(|(id, own)| own.join == OwnJoin::Ordered && !listed.contains(id));
        lost.for_each(|(_, own)| own.join = OwnJoin::Lost);
    }

    /// Records that the engine has put the join of a member here in order. Returns true if it had
    /// not before, and the member has not left.
    pub(in crate::rooms) fn order(&mut self, id: u64) -> bool {
        let before = self.own.get_mut(&id).map(|own| std::mem::replace(&mut own.join, OwnJoin::Ordered));
        before.is_some_and(|before| before != OwnJoin::Ordered)
    }
}

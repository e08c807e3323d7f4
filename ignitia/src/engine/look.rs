//! Look-up of a room: where it is, and what came after a place.

use bytes::Bytes;
use redis::{Cmd, Script, Value};

use super::{
    fault::EngineFault,
    item::StoredMember,
    scripts::run,
    wire::{MAX_NUMBER, RoomPoint},
};

/// Most entries of a history that one look-up returns.
pub(super) const MAX_ENTRIES: usize = 100;

/// Point of a feed: what this node has had of a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FeedPoint {
    pub(super) room: RoomPoint,
    /// Tag of the newest message that the history keeps; `None` if it is not known.
    pub(super) newest_tag: Option<u64>,
    /// Tag of the newest packet; `None` if it is not known.
    pub(super) tag: Option<u64>,
}

/// Answer to a look-up.
#[derive(Debug)]
pub(super) struct Look {
    /// Number of the room's packets that had come when the server was asked.
    pub(super) asked_after: u64,
    pub(super) kind: LookKind,
    pub(super) at: FeedPoint,
    pub(super) entries: Vec<HistoryEntry>,
    /// All members, if they are not as before.
    pub(super) members: Option<Vec<StoredMember>>,
}

/// Relation of a room to the point of a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LookKind {
    /// The feed had none.
    New,
    /// The entries follow the feed's point.
    Follows,
    /// The history does not have all that follows.
    Lost,
    /// The store has lost what the feed had.
    Forked,
}

/// Entry of a history: messages that were published together.
#[derive(Debug, Clone)]
pub(super) struct HistoryEntry {
    /// Offset of the first message.
    pub(super) first: u64,
    pub(super) tag: u64,
    /// Encoded items.
    pub(super) items: Bytes,
}

/// Keys and numbers of a look-up.
pub(super) struct LookArguments<'a> {
    pub(super) leases: &'a str,
    pub(super) lease: &'a str,
    pub(super) room: &'a str,
    pub(super) at: Option<FeedPoint>,
    /// Epoch of the room if it begins or has forked.
    pub(super) new_epoch: u32,
    /// Time that the room is known, in milliseconds.
    pub(super) life: u64,
}

/// Returns the command of a look-up.
pub(super) fn look_command(script: &Script, arguments: &LookArguments<'_>) -> Cmd {
    let LookArguments { leases, lease, room, at, new_epoch, life } = arguments;
    let mut command = run(script);
    command.arg(1).arg(*leases).arg(*room).arg(*lease);
    match at {
        None => {
            command.arg(&[""; 6]);
        }
        Some(FeedPoint { room, newest_tag, tag }) => {
            let number = |tag: &Option<u64>| tag.map(|tag| tag.to_string()).unwrap_or_default();
            let RoomPoint { epoch, offset, unremembered, presence } = room;
            command.arg(*epoch).arg(*offset).arg(number(newest_tag));
            command.arg(*unremembered).arg(*presence).arg(number(tag));
        }
    }
    command.arg(MAX_ENTRIES).arg(*new_epoch).arg(*life);
    command
}

/// Reads the answer to a look-up.
pub(super) fn read_look(answer: Value, asked_after: u64) -> Result<Look, EngineFault> {
    parse_look(answer, asked_after).ok_or_else(|| EngineFault::answer("a look-up"))
}

fn parse_look(answer: Value, asked_after: u64) -> Option<Look> {
    let [kind, epoch, offset, newest_tag, unremembered, presence, tag, entries, members] =
        <[Value; 9]>::try_from(array(answer)?).ok()?;
    let kind = match &bytes(kind)?[..] {
        b"new" => LookKind::New,
        b"ok" => LookKind::Follows,
        b"lost" => LookKind::Lost,
        b"fork" => LookKind::Forked,
        _ => return None,
    };
    let count = |value| number(value).filter(|number| *number <= MAX_NUMBER);
    let room = RoomPoint {
        epoch: u32::try_from(number(epoch)?).ok()?,
        offset: count(offset)?,
        unremembered: count(unremembered)?,
        presence: count(presence)?,
    };
    let at = FeedPoint { room, newest_tag: Some(number(newest_tag)?), tag: Some(number(tag)?) };
    let members = match array(members)?.into_iter().next() {
        None => None,
        Some(members) => Some(read_members(members)?),
    };
    Some(Look { asked_after, kind, at, entries: read_entries(entries)?, members })
}

/// Reads entries: for each an id, the offset of its first message, and the items.
pub(super) fn read_entries(entries: Value) -> Option<Vec<HistoryEntry>> {
    let entry = |entry| {
        let [id, first, items] = <[Value; 3]>::try_from(array(entry)?).ok()?;
        let id = bytes(id)?;
        let (_, tag) = str::from_utf8(&id).ok()?.split_once('-')?;
        let tag = tag.parse().ok()?;
        Some(HistoryEntry {
            first: number(first).filter(|first| *first <= MAX_NUMBER)?,
            tag,
            items: bytes(items)?,
        })
    };
    array(entries)?.into_iter().map(entry).collect()
}

/// Reads members: pairs of a number and the encoded member.
pub(super) fn read_members(members: Value) -> Option<Vec<StoredMember>> {
    let mut parts = array(members)?.into_iter();
    let mut members = Vec::new();
    while let Some(id) = parts.next() {
        members.push(StoredMember { id: number(id)?, encoded: bytes(parts.next()?)? });
    }
    Some(members)
}

pub(super) fn array(value: Value) -> Option<Vec<Value>> {
    if let Value::Array(parts) = value { Some(parts) } else { None }
}

pub(super) fn bytes(value: Value) -> Option<Bytes> {
    match value {
        Value::BulkString(bytes) => Some(bytes.into()),
        Value::SimpleString(text) => Some(text.into_bytes().into()),
        _ => None,
    }
}

pub(super) fn number(value: Value) -> Option<u64> {
    match value {
        Value::Int(number) => u64::try_from(number).ok(),
        value => str::from_utf8(&bytes(value)?).ok()?.parse().ok(),
    }
}

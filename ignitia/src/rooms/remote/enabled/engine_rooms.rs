use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, OnceLock, Weak},
};

use super::{
    engine_room::{COUNTER_BITS, EngineRoom},
    link::EngineLink,
    message_codec::{decode_message, encode_message, place_of, position_of},
    presence_codec::{PresenceCodec, StoredPresence},
    remote_members::RemoteMember,
};
use crate::{
    close::CloseFrame,
    connection::{ConnectionId, OverflowAction},
    engine::{FeedReceiver, HistoryLimits, Item, Outage, PublishOptions},
    error::Result,
    rooms::{
        broadcast_frames::{BroadcastFrames, NeededFrames},
        broadcast_options::BroadcastOptions,
        config::RoomSettings,
        delivered::Delivered,
        history_config::History,
        member::{Member, MemberId},
        member_key::MemberKey,
        position::Position,
        remembered::Remembered,
        room_message::EncodedMessage,
    },
};

/// Rooms on an engine: what they tell it, and ask of it.
pub(in crate::rooms) struct EngineRooms<P> {
    // A panic leaves no half of a change: it is a queue.
    link: AssertUnwindSafe<Arc<dyn EngineLink>>,
    codec: PresenceCodec<P>,
    /// Number at which the members of this process begin. One that had the same number of a node
    /// before has begun at another.
    first_member: u32,
    /// Number of the feed that concerns all rooms, once it is open.
    common_feed: OnceLock<u64>,
}

impl<P> EngineRooms<P> {
    pub(in crate::rooms) fn new(
        link: Arc<dyn EngineLink>,
        codec: PresenceCodec<P>,
        first_member: u32,
    ) -> Self {
        Self { link: AssertUnwindSafe(link), codec, first_member, common_feed: OnceLock::new() }
    }

    /// Begins the feed of what concerns all rooms.
    pub(in crate::rooms) fn open_common<R: FeedReceiver + 'static>(&self, receiver: Weak<R>) {
        self.common_feed.get_or_init(|| self.link.open_common(receiver));
    }

    pub(in crate::rooms) fn close_common(&self) {
        if let Some(feed) = self.common_feed.get() {
            self.link.close_common(*feed);
        }
    }

    pub(in crate::rooms) fn hash_seed(&self) -> u64 {
        self.link.hash_seed()
    }

    /// Returns the number of the `count`th member here, which no other node has.
    pub(in crate::rooms) fn member_id(&self, count: u64) -> u64 {
        let counter = (u64::from(self.first_member) + count) & ((1 << COUNTER_BITS) - 1);
        u64::from(self.link.node()) << COUNTER_BITS | counter
    }

    /// Returns the part of a room that is on the engine.
    pub(in crate::rooms) fn room(&self, settings: &RoomSettings<'_>) -> EngineRoom<P> {
        EngineRoom::new(Arc::clone(&self.link), self.codec, settings.overflow, settings.seats.clone())
    }

    /// Encodes a member. It runs code of the user's.
    pub(in crate::rooms) fn encode(
        &self,
        connection: ConnectionId,
        key: Option<&MemberKey>,
        presence: &P,
    ) -> Result<StoredPresence> {
        self.codec.encode(connection, key, presence)
    }

    /// Hands on a message for all members.
    pub(in crate::rooms) fn broadcast(
        &self,
        name: &str,
        message: EncodedMessage,
        options: BroadcastOptions,
        settings: &RoomSettings<'_>,
    ) -> Result<Delivered> {
        self.link.publish(name, message_item(message, options, settings), publish_options(settings))?;
        Ok(Delivered::by_engine())
    }

    /// Hands on a message for all members, and waits until the engine has it. Returns its position,
    /// if the history keeps it.
    pub(in crate::rooms) async fn publish(
        &self,
        name: &str,
        message: EncodedMessage,
        options: BroadcastOptions,
        settings: &RoomSettings<'_>,
    ) -> Result<Option<Position>> {
        let item = message_item(message, options, settings);
        let is_remembered = item.is_remembered();
        let place = self.link.publish_confirmed(name, item, publish_options(settings)).await?;
        Ok(is_remembered.then(|| position_of(place)))
    }

    /// Hands on a message for all members of several rooms, which are in the order of their names.
    pub(in crate::rooms) fn broadcast_to(
        &self,
        rooms: Vec<(Arc<str>, BroadcastOptions, RoomSettings<'_>)>,
        message: EncodedMessage,
    ) -> Result<Delivered> {
        let names: Vec<Arc<str>> = match &*rooms {
            [_] => Vec::new(),
            rooms => rooms.iter().map(|(name, ..)| name.clone()).collect(),
        };
        let group = rooms.into_iter().map(|(name, options, settings)| {
            let mut item = message_item(message.clone(), options, &settings);
            if let Item::Message { message, .. } = &mut item {
                message.rooms.clone_from(&names);
            }
            (name, item, publish_options(&settings))
        });
        self.link.publish_group(group.collect())?;
        Ok(Delivered::by_engine())
    }

    /// Hands on a message for one member.
    pub(in crate::rooms) fn send_to(
        &self,
        name: &str,
        member: MemberId,
        message: EncodedMessage,
        options: BroadcastOptions,
        settings: &RoomSettings<'_>,
    ) -> Result<Delivered> {
        let message = encode_message(message, coalesce_key(options), None);
        self.link.publish(name, Item::Direct { member: member.0, message }, publish_options(settings))?;
        Ok(Delivered::by_engine())
    }

    /// Hands on the end of a member's connection.
    pub(in crate::rooms) fn close(
        &self,
        name: &str,
        member: MemberId,
        frame: CloseFrame,
        settings: &RoomSettings<'_>,
    ) -> Result<()> {
        let CloseFrame { code, reason } = frame;
        let item = Item::CloseMember { member: member.0, code, reason };
        self.link.publish(name, item, publish_options(settings))
    }

    /// Hands on a message for all connections with a key.
    pub(in crate::rooms) fn send_to_key(
        &self,
        key: &MemberKey,
        message: EncodedMessage,
    ) -> Result<Delivered> {
        // Each room has keys of its own for messages, and it is not known in which it will be sent.
        let message = encode_message(message, None, None);
        let item = Item::KeyDirect { key: key.as_str().into(), message };
        self.link.publish_common(item, Outage::default())?;
        Ok(Delivered::by_engine())
    }

    /// Hands on the end of all connections with a key.
    pub(in crate::rooms) fn close_key(&self, key: &MemberKey, frame: CloseFrame) -> Result<()> {
        let CloseFrame { code, reason } = frame;
        let item = Item::KeyClose { key: key.as_str().into(), code, reason };
        self.link.publish_common(item, Outage::default())
    }

    /// Asks for the members of a room on all nodes. Those that cannot be decoded are left out.
    pub(in crate::rooms) async fn fetch_members(&self, name: &str) -> Result<Vec<Member<P>>> {
        let stored = self.link.members(name).await?;
        let decoded = stored.iter().filter_map(|stored| {
            let member = RemoteMember::decode(&stored.encoded, self.codec).ok()?;
            Some(member.member(stored.id))
        });
        let mut members: Vec<Member<P>> = decoded.collect();
        members.sort_by_key(|member| member.id);
        Ok(members)
    }

    /// Asks for the last messages of a room's history before a position, or for the newest ones.
    pub(in crate::rooms) async fn fetch_history(
        &self,
        name: &str,
        before: Option<Position>,
        messages: usize,
    ) -> Result<Vec<Remembered>> {
        let read = self.link.before(name, before.map(place_of), messages).await?;
        let remembered = read.into_iter().filter_map(|one| {
            let at = position_of(one.place);
            let message = decode_message(one.message);
            let needed = NeededFrames { plain: false, with_position: true };
            let frames = BroadcastFrames::new(&message, needed, |_, _| Default::default());
            Some(Remembered::new(at, &frames.frame_at(at).ok()?))
        });
        Ok(remembered.collect())
    }
}

fn message_item(message: EncodedMessage, options: BroadcastOptions, settings: &RoomSettings<'_>) -> Item {
    Item::Message {
        is_remembered: options.is_remembered && settings.history.is_some(),
        message: encode_message(message, coalesce_key(options), options.except.map(|member| member.0)),
    }
}

fn coalesce_key(options: BroadcastOptions) -> Option<u64> {
    match options.overflow {
        OverflowAction::Coalesce { key, .. } => Some(key),
        _ => None,
    }
}

fn publish_options(settings: &RoomSettings<'_>) -> PublishOptions {
    let limits = |History { messages, bytes, age }| HistoryLimits { messages, bytes, age };
    PublishOptions { history: settings.history.map(limits), outage: settings.outage }
}

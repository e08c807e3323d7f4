//! Feed of what concerns all rooms on an engine: messages to all connections of a user.

use std::{collections::HashSet, sync::Arc};

use super::{
    delivered::Delivered, member::MemberId, member_key::MemberKey, registry::RoomRegistry,
    remote::decode_message,
};
use crate::{
    close::CloseFrame,
    engine::{FeedEvent, FeedReceiver, Item, PublishedMessage, StoredMember},
};

impl<P> FeedReceiver for RoomRegistry<P>
where
    P: Send + Sync + 'static,
{
    fn receive(&self, event: FeedEvent) {
        match event {
            FeedEvent::Item { item: Item::KeyDirect { key, message }, .. } => self.send_to_key(key, message),
            FeedEvent::Item { item: Item::KeyClose { key, code, reason }, .. } => {
                self.close_key(key, CloseFrame { code, reason });
            }
            // Members are not told of messages that may have been for others.
            _ => {}
        }
    }

    fn local_members(&self) -> Vec<StoredMember> {
        Vec::new()
    }
}

impl<P> RoomRegistry<P>
where
    P: Send + Sync + 'static,
{
    fn send_to_key(&self, key: Arc<str>, message: PublishedMessage) {
        let coalesce_key = message.coalesce_key;
        let message = decode_message(message);
        let mut served = HashSet::new();
        for (member, holder) in self.key_holders(&MemberKey::from(key)) {
            if let Some(live_room) = holder.room.upgrade().filter(|_| !served.contains(&holder.connection))
                && let Some(engine) = &live_room.engine
            {
                let overflow = engine.overflow_action(coalesce_key);
                // The member may have left this room meanwhile, and be in another.
                if live_room.send_to(MemberId(member), &message, overflow) != Delivered::default() {
                    served.insert(holder.connection);
                }
            }
        }
    }

    fn close_key(&self, key: Arc<str>, frame: CloseFrame) {
        for (member, holder) in self.key_holders(&MemberKey::from(key)) {
            if let Some(live_room) = holder.room.upgrade() {
                live_room.close(MemberId(member), frame.clone());
            }
        }
    }
}

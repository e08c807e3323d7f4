//! Rooms on an engine with the feature off: the same names, types without a value or without
//! content, and no code.

use std::{
    convert::Infallible,
    iter,
    marker::PhantomData,
    sync::{Arc, Weak},
};

use crate::{
    close::CloseFrame,
    connection::{ConnectionId, SharedFrame},
    error::Result,
    rooms::{
        broadcast_options::BroadcastOptions,
        config::RoomSettings,
        delivered::Delivered,
        history_config::ResumeOutcome,
        member::{Member, MemberId},
        member_key::MemberKey,
        message_log::MessageLog,
        position::Position,
        remembered::Remembered,
        room_message::EncodedMessage,
    },
    time::Instant,
};

pub(in crate::rooms) struct EngineRooms<P> {
    never: Infallible,
    presence: PhantomData<fn(P)>,
}

impl<P> EngineRooms<P> {
    pub(in crate::rooms) fn member_id(&self, _: u64) -> u64 {
        match self.never {}
    }

    pub(in crate::rooms) fn room(&self, _: &RoomSettings<'_>) -> EngineRoom<P> {
        EngineRoom { never: self.never, presence: self.presence }
    }

    pub(in crate::rooms) fn encode(
        &self,
        _: ConnectionId,
        _: Option<&MemberKey>,
        _: &P,
    ) -> Result<StoredPresence> {
        match self.never {}
    }

    pub(in crate::rooms) fn broadcast(
        &self,
        _: &str,
        _: EncodedMessage,
        _: BroadcastOptions,
        _: &RoomSettings<'_>,
    ) -> Result<Delivered> {
        match self.never {}
    }

    pub(in crate::rooms) async fn publish(
        &self,
        _: &str,
        _: EncodedMessage,
        _: BroadcastOptions,
        _: &RoomSettings<'_>,
    ) -> Result<Option<Position>> {
        match self.never {}
    }

    pub(in crate::rooms) fn broadcast_to(
        &self,
        _: Vec<(Arc<str>, BroadcastOptions, RoomSettings<'_>)>,
        _: EncodedMessage,
    ) -> Result<Delivered> {
        match self.never {}
    }

    pub(in crate::rooms) fn send_to(
        &self,
        _: &str,
        _: MemberId,
        _: EncodedMessage,
        _: BroadcastOptions,
        _: &RoomSettings<'_>,
    ) -> Result<Delivered> {
        match self.never {}
    }

    pub(in crate::rooms) fn close(
        &self,
        _: &str,
        _: MemberId,
        _: CloseFrame,
        _: &RoomSettings<'_>,
    ) -> Result<()> {
        match self.never {}
    }

    pub(in crate::rooms) fn send_to_key(&self, _: &MemberKey, _: EncodedMessage) -> Result<Delivered> {
        match self.never {}
    }

    pub(in crate::rooms) fn close_key(&self, _: &MemberKey, _: CloseFrame) -> Result<()> {
        match self.never {}
    }

    pub(in crate::rooms) async fn fetch_members(&self, _: &str) -> Result<Vec<Member<P>>> {
        match self.never {}
    }

    pub(in crate::rooms) async fn fetch_history(
        &self,
        _: &str,
        _: Option<Position>,
        _: usize,
    ) -> Result<Vec<Remembered>> {
        match self.never {}
    }

    pub(in crate::rooms) fn close_common(&self) {
        match self.never {}
    }
}

pub(in crate::rooms) struct EngineRoom<P> {
    never: Infallible,
    presence: PhantomData<fn(P)>,
}

impl<P> EngineRoom<P> {
    pub(in crate::rooms) fn open_feed<R>(&self, _: &str, _: bool, _: Weak<R>) {
        let _ = self.presence;
        match self.never {}
    }

    pub(in crate::rooms) fn close_feed(&self, _: &str) {
        match self.never {}
    }

    pub(in crate::rooms) fn publish_joined(&self, _: &str, _: u64, _: &StoredPresence) {
        match self.never {}
    }

    pub(in crate::rooms) fn publish_changed(&self, _: &str, _: u64, _: &StoredPresence) {
        match self.never {}
    }

    pub(in crate::rooms) fn publish_left(&self, _: &str, _: u64) {
        match self.never {}
    }
}

pub(in crate::rooms) enum Returning {}

impl Returning {
    pub(in crate::rooms) fn missed_since(
        &self,
        _: Option<&mut MessageLog>,
        _: Instant,
    ) -> Option<(Vec<SharedFrame>, ResumeOutcome)> {
        match *self {}
    }
}

#[derive(Default)]
pub(in crate::rooms) struct EngineRoomState(());

impl EngineRoomState {
    pub(in crate::rooms) fn has_begun(&self) -> bool {
        true
    }

    pub(in crate::rooms) fn is_held(&self) -> bool {
        false
    }
}

/// Member here, encoded for the other nodes.
#[derive(Default, Clone)]
pub(in crate::rooms) struct StoredPresence(());

pub(in crate::rooms) struct RemoteMembers<P>(PhantomData<fn() -> P>);

impl<P> RemoteMembers<P> {
    pub(in crate::rooms) fn new() -> Self {
        Self(PhantomData)
    }

    pub(in crate::rooms) fn len(&self) -> usize {
        0
    }

    pub(in crate::rooms) fn get(&self, _: u64) -> Option<(ConnectionId, &Arc<P>)> {
        None
    }

    pub(in crate::rooms) fn iter(&self) -> impl Iterator<Item = (u64, ConnectionId, &Arc<P>)> {
        iter::empty()
    }

    pub(in crate::rooms) fn set_own(&mut self, _: u64, _: StoredPresence) {}

    pub(in crate::rooms) fn remove_own(&mut self, _: u64) {}
}

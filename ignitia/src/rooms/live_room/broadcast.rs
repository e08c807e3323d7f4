//! Fan-out: delivery of a message to the members of a room. The backpressure for each member is
//! decided in its connection, in `connection/state/delivery.rs`.

use super::live_room::LiveRoom;
use crate::{
    close::CloseFrame,
    compression::CompressionRule,
    connection::{AfterUnlock, OverflowAction, WantedForms},
    error::Result,
    rooms::{
        broadcast_frames::{BroadcastFrames, NeededFrames},
        broadcast_options::BroadcastOptions,
        delivered::Delivered,
        member::MemberId,
        message_log::MessageLog,
        position::Position,
        room_message::EncodedMessage,
    },
    time::now,
};

impl<P> LiveRoom<P> {
    /// Delivers a message to all members. Returns the position of the newest message, too, if the
    /// room has a history; `None` if the room was removed: the registry may have another one of its
    /// name.
    pub(in crate::rooms) fn broadcast(
        &self,
        message: &EncodedMessage,
        options: BroadcastOptions,
    ) -> Option<Result<(Delivered, Option<Position>)>> {
        let with_position = self.has_log && options.is_remembered;
        let needed = NeededFrames { plain: !with_position, with_position };
        let wanted = |is_text, length| self.form_demand.wanted(is_text, length);
        let frames = BroadcastFrames::new(message, needed, wanted);
        let mut state = self.lock();
        if state.is_removed {
            return None;
        }
        let mut after_unlock = AfterUnlock::of_broadcast(state.occupants.len());
        let frame = match state.log.as_mut().filter(|_| options.is_remembered) {
            None => frames.frame(),
            Some(log) => match frames.frame_at(log.next_position()) {
                Ok(frame) => {
                    log.push(frame.clone(), now());
                    frame
                }
                Err(error) => return Some(Err(error)),
            },
        };
        let mut delivered = Delivered::default();
        for (id, occupant) in state.occupants.iter() {
            if options.except == Some(MemberId(id)) {
                continue;
            }
            delivered.count(occupant.connection.deliver(
                id,
                &self.name,
                &frame,
                options.overflow,
                &mut after_unlock,
            ));
        }
        let newest = state.log.as_ref().map(MessageLog::position);
        drop(state);
        after_unlock.run();
        Some(Ok((delivered, newest)))
    }

    /// Delivers a message to one member, outside of the history.
    pub(in crate::rooms) fn send_to(
        &self,
        member: MemberId,
        message: &EncodedMessage,
        overflow: OverflowAction,
    ) -> Delivered {
        let Some(rule) = self.compression_rule(member) else { return Delivered::default() };
        let needed = NeededFrames { plain: true, with_position: false };
        let wanted = |is_text, length| WantedForms::of(rule, is_text, length);
        let frame = BroadcastFrames::new(message, needed, wanted).frame();
        let mut after_unlock = AfterUnlock::default();
        let mut delivered = Delivered::default();
        let state = self.lock();
        if let Some(occupant) = state.occupants.get(member.0) {
            delivered.count(occupant.connection.deliver(
                member.0,
                &self.name,
                &frame,
                overflow,
                &mut after_unlock,
            ));
        }
        drop(state);
        after_unlock.run();
        delivered
    }

    /// Returns a member's rule for compression; the outer `None` if there is no such member.
    fn compression_rule(&self, member: MemberId) -> Option<Option<CompressionRule>> {
        Some(self.lock().occupants.get(member.0)?.connection.compression_rule())
    }

    /// Closes a member's connection, which leaves all its rooms at once. Returns `false` if there
    /// is no such member.
    pub(in crate::rooms) fn close(&self, member: MemberId, frame: CloseFrame) -> bool {
        let connection = self.lock().occupants.get(member.0).map(|occupant| occupant.connection.clone());
        if let Some(connection) = &connection {
            connection.close_and_leave_rooms(frame);
        }
        connection.is_some()
    }
}

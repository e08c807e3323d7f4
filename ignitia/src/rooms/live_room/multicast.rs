//! Delivery of one message to several rooms at once.

use std::{collections::HashSet, sync::Arc};

use super::live_room::LiveRoom;
use crate::{
    connection::{AfterUnlock, OverflowAction, WantedForms},
    error::Result,
    rooms::{
        broadcast_frames::{BroadcastFrames, NeededFrames},
        delivered::Delivered,
        room_message::EncodedMessage,
    },
    time::now,
};

/// Room of a multicast.
pub(in crate::rooms) struct MulticastTarget<P> {
    pub(in crate::rooms) live_room: Arc<LiveRoom<P>>,
    pub(in crate::rooms) overflow: OverflowAction,
    /// True if a room with a history remembers it.
    pub(in crate::rooms) is_remembered: bool,
}

/// Delivers a message to all members of these rooms, once to each connection. Returns `None` if one
/// of the rooms was removed.
///
/// All rooms are locked at once, in the order of their names, which is the order of the slice. So
/// each room keeps one order of messages, and there is no deadlock: nothing else locks more than
/// one room.
pub(in crate::rooms) fn multicast<P>(
    targets: &[MulticastTarget<P>],
    message: &EncodedMessage,
) -> Option<Result<Delivered>> {
    debug_assert!(targets.is_sorted_by(|a, b| a.live_room.name < b.live_room.name));
    let has_position = |target: &MulticastTarget<P>| target.is_remembered && target.live_room.has_log;
    let needed = NeededFrames {
        plain: !targets.iter().all(has_position),
        with_position: targets.iter().any(has_position),
    };
    let wanted = |is_text, length| {
        let of_each = targets.iter().map(|target| target.live_room.form_demand.wanted(is_text, length));
        of_each.reduce(WantedForms::and).unwrap_or_default()
    };
    let shared = BroadcastFrames::new(message, needed, wanted);
    let mut rooms: Vec<_> = targets.iter().map(|target| (target, target.live_room.lock())).collect();
    if rooms.iter().any(|(_, state)| state.is_removed) {
        return None;
    }
    let mut after_unlock =
        AfterUnlock::of_broadcast(rooms.iter().map(|(_, state)| state.occupants.len()).sum());
    let plain = shared.frame();
    let frames = rooms.iter().map(|(target, state)| match &state.log {
        Some(log) if target.is_remembered => shared.frame_at(log.next_position()),
        _ => Ok(plain.clone()),
    });
    let frames = match frames.collect::<Result<Vec<_>>>() {
        Ok(frames) => frames,
        Err(error) => return Some(Err(error)),
    };
    let mut delivered = Delivered::default();
    let mut served = HashSet::new();
    for ((target, state), frame) in rooms.iter_mut().zip(frames) {
        if let Some(log) = state.log.as_mut().filter(|_| target.is_remembered) {
            log.push(frame.clone(), now());
        }
        for (id, occupant) in state.occupants.iter() {
            if served.insert(occupant.connection.id) {
                let room = &target.live_room.name;
                delivered.count(occupant.connection.deliver(
                    id,
                    room,
                    &frame,
                    target.overflow,
                    &mut after_unlock,
                ));
            }
        }
    }
    drop(rooms);
    after_unlock.run();
    Some(Ok(delivered))
}

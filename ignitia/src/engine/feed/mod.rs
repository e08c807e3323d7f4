//! Feed of a room: it hands what the engine publishes to the room on this node, in order and
//! without a gap, whatever happened to the connection.
//!
//! A feed is away until the engine has confirmed its subscription. Then it heals: packets are held
//! while the engine is asked where the room is, and what came after the feed's point. Then it is
//! live, until a packet does not follow, and it heals again.

mod held_packets;

use std::{
    collections::VecDeque,
    sync::{Arc, Weak},
};

use self::held_packets::HeldPackets;
use super::{
    feed_receiver::{FeedEvent, FeedReceiver, Missed},
    item::{Item, StoredMember},
    local_presence::LocalPresence,
    look::{FeedPoint, HistoryEntry, Look, LookKind},
    metrics::EngineMetrics,
    op::{OpenFeed, Publication},
    place::Place,
    wire::{DecodedItem, ItemClass, Packet, RoomPoint, decode_items},
};
use crate::panics::catch;

/// Feed of a room.
pub(super) struct RoomFeed {
    /// Number of the feed: a room that is opened again has another one.
    pub(super) number: u64,
    has_history: bool,
    receiver: Weak<dyn FeedReceiver>,
    mode: FeedMode,
    /// Point up to which the room has what was published.
    at: Option<FeedPoint>,
    /// Number of packets that have come.
    received: u64,
    /// Number of the newest look-up.
    looked_up: u64,
    held: HeldPackets,
    /// Publications of this node that wait until the room is heard.
    pub(super) parked: VecDeque<Publication>,
    pub(super) presence: LocalPresence,
}

/// State of a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FeedMode {
    /// Not subscribed on this connection.
    Away,
    /// Subscribed: packets are held.
    Healing,
    /// Subscribed: packets are handed on.
    Live,
}

/// Next step of a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NextStep {
    /// None: the feed waits for packets.
    Wait,
    /// The room is to be looked up, from the feed's point.
    Look,
}

impl RoomFeed {
    pub(super) fn new(open: OpenFeed) -> Self {
        let OpenFeed { feed, has_history, receiver, .. } = open;
        Self {
            number: feed,
            has_history,
            receiver,
            mode: FeedMode::Away,
            at: None,
            received: 0,
            looked_up: 0,
            held: HeldPackets::default(),
            parked: VecDeque::new(),
            presence: LocalPresence::default(),
        }
    }

    pub(super) fn is_live(&self) -> bool {
        self.mode == FeedMode::Live
    }

    /// Returns the point to look up from.
    pub(super) fn at(&self) -> Option<FeedPoint> {
        self.at
    }

    /// Returns the number of packets that have come.
    pub(super) fn received(&self) -> u64 {
        self.received
    }

    /// Returns the number of a look-up that is sent now.
    pub(super) fn next_look(&mut self) -> u64 {
        self.looked_up += 1;
        self.looked_up
    }

    /// Returns true if the answer to a look-up is waited for: an older one tells of an earlier
    /// point, or of the subscription before.
    pub(super) fn awaits_look(&self, number: u64) -> bool {
        self.is_healing() && self.looked_up == number
    }

    pub(super) fn receiver(&self) -> Option<Arc<dyn FeedReceiver>> {
        self.receiver.upgrade()
    }

    /// Records that the connection is gone.
    pub(super) fn disconnect(&mut self) {
        self.mode = FeedMode::Away;
        self.held = HeldPackets::default();
    }

    /// Records that the engine has confirmed the subscription, or that the room is to be checked.
    /// The room is to be looked up then, and answers to earlier look-ups do not count any more.
    pub(super) fn heal(&mut self) {
        self.mode = FeedMode::Healing;
        self.looked_up += 1;
    }

    pub(super) fn is_healing(&self) -> bool {
        self.mode == FeedMode::Healing
    }

    /// Handles a packet.
    pub(super) fn on_packet(&mut self, packet: Packet, metrics: &EngineMetrics) -> NextStep {
        metrics.received(packet.items.len());
        self.received += 1;
        if self.mode == FeedMode::Live {
            self.deliver(self.received, packet, metrics)
        } else {
            self.held.push(self.received, packet);
            NextStep::Wait
        }
    }

    /// Handles a packet that cannot be read: it is a gap.
    pub(super) fn on_malformed_packet(&mut self) -> NextStep {
        if self.mode != FeedMode::Live {
            self.held.spill();
            return NextStep::Wait;
        }
        self.heal();
        NextStep::Look
    }

    /// Hands on a packet if it follows, drops it if the room has had it, and heals otherwise.
    fn deliver(&mut self, number: u64, packet: Packet, metrics: &EngineMetrics) -> NextStep {
        let Some(at) = self.at else { return NextStep::Wait };
        if packet.before == at.room {
            self.hand_on(packet, at, metrics);
            NextStep::Wait
        } else if packet.before.epoch == at.room.epoch && packet.before.total() < at.room.total() {
            NextStep::Wait
        } else {
            self.heal();
            self.held.put_back(number, packet);
            NextStep::Look
        }
    }

    fn hand_on(&mut self, packet: Packet, mut at: FeedPoint, metrics: &EngineMetrics) {
        for DecodedItem { class, item } in packet.items {
            let mut place = None;
            match class {
                ItemClass::Remembered => {
                    at.room.offset += 1;
                    at.newest_tag = Some(packet.tag);
                    place = Some(self.place(&at));
                }
                ItemClass::Unremembered => at.room.unremembered += 1,
                ItemClass::Presence => at.room.presence += 1,
            }
            match (item, class) {
                (Some(item), _) => self.emit(FeedEvent::Item { place, item }),
                // An item of a newer version.
                (None, ItemClass::Remembered) => {
                    self.emit(FeedEvent::Restarted { at: self.place(&at), missed: Missed::Messages(1) });
                    metrics.missed(1);
                }
                (None, ItemClass::Unremembered) => {
                    self.emit(FeedEvent::MissedUnremembered(1));
                    metrics.missed(1);
                }
                (None, ItemClass::Presence) => {}
            }
        }
        at.tag = Some(packet.tag);
        self.at = Some(at);
    }

    /// Returns true if a look-up has seen messages that the history does not keep, or not any more,
    /// and that this node has not. They are missing only if they have not come once all has that
    /// was on its way.
    pub(super) fn awaits_packets(&self, look: &Look) -> bool {
        let (Look { kind, .. }, seen) = (look, &look.at.room);
        let Some(FeedPoint { room, .. }) = self.at else { return false };
        let is_behind = match kind {
            LookKind::Follows => room.unremembered < seen.unremembered,
            LookKind::Lost => room.unremembered < seen.unremembered || room.offset < seen.offset,
            LookKind::New | LookKind::Forked => false,
        };
        self.is_healing() && room.epoch == seen.epoch && is_behind
    }

    /// Handles the answer to the look-up that is waited for.
    pub(super) fn on_look(&mut self, look: Look, metrics: &EngineMetrics) -> NextStep {
        let Look { asked_after, kind, at, entries, members } = look;
        self.held.drop_earlier_lives(at.room.epoch, asked_after);
        if kind != LookKind::Forked {
            self.hand_on_held(&at.room, metrics);
        }
        match (kind, self.at) {
            (LookKind::New, _) | (_, None) => {
                // A room that begins to be heard knows its members.
                self.tell_members(members);
                self.begin(at);
                return self.go_live(None, metrics);
            }
            (LookKind::Follows, Some(before)) => {
                let Some(reached) = self.recover(before, &entries, metrics) else {
                    // An entry that cannot be read is of a newer version.
                    self.skip(before, at, metrics);
                    return self.go_live(members, metrics);
                };
                if reached.room.offset < at.room.offset {
                    self.at = Some(reached);
                    return NextStep::Look;
                }
                let at = self.start_of_held(reached, at);
                self.tell_unremembered(before, at, metrics);
                self.at = Some(at);
            }
            // All that the history does not have any more was held.
            (LookKind::Lost, Some(before)) if before.room == at.room => self.at = Some(at),
            (LookKind::Lost | LookKind::Forked, Some(before)) => self.skip(before, at, metrics),
        }
        self.go_live(members, metrics)
    }

    /// Hands on what was held, as far as it follows, and up to a point that a look-up has seen:
    /// what is not in the history would seem to be missing.
    fn hand_on_held(&mut self, seen: &RoomPoint, metrics: &EngineMetrics) {
        while let Some(at) = self.at
            && at.room.epoch == seen.epoch
            && at.room.total() < seen.total()
            && let Some(packet) = self.held.pop_after(&at.room)
        {
            self.hand_on(packet, at, metrics);
        }
    }

    /// Returns the point before what is held, if a look-up has seen a part of that: it is not
    /// missing.
    fn start_of_held(&self, reached: FeedPoint, seen: FeedPoint) -> FeedPoint {
        let Some(first) = self.held.first() else { return seen };
        let is_between = first.epoch == seen.room.epoch
            && first.offset == seen.room.offset
            && first.total() > reached.room.total()
            && first.total() < seen.room.total();
        if is_between { FeedPoint { room: first, newest_tag: seen.newest_tag, tag: None } } else { seen }
    }

    /// Begins to hear a room. Messages that came since the subscription are the members', too.
    fn begin(&mut self, at: FeedPoint) {
        let first = self.held.first();
        let at = match first {
            Some(first) if first.epoch == at.room.epoch && first.total() < at.room.total() => {
                // Nothing is held that is older than this packet.
                let newest_tag = match first.offset {
                    0 => Some(0),
                    offset if offset == at.room.offset => at.newest_tag,
                    _ => None,
                };
                // Clients return to the place before the first message of a history: its tag has to
                // be known.
                if self.has_history && newest_tag.is_none() {
                    at
                } else {
                    FeedPoint { room: first, newest_tag, tag: None }
                }
            }
            _ => at,
        };
        self.at = Some(at);
        self.emit(FeedEvent::Restarted { at: self.place(&at), missed: Missed::Nothing });
    }

    /// Hands on the messages of a history. Returns the point behind them; `None` if some cannot be
    /// read.
    fn recover(
        &self,
        mut at: FeedPoint,
        entries: &[HistoryEntry],
        metrics: &EngineMetrics,
    ) -> Option<FeedPoint> {
        for HistoryEntry { first, tag, items, .. } in entries {
            let decoded = decode_items(items.clone()).ok()?;
            for (offset, DecodedItem { item, .. }) in (*first..).zip(decoded) {
                if offset <= at.room.offset {
                    continue;
                }
                at.room.offset = offset;
                at.newest_tag = Some(*tag);
                let place = self.place(&at);
                self.emit(match item {
                    Some(item @ Item::Message { .. }) => FeedEvent::Item { place: Some(place), item },
                    _ => FeedEvent::Restarted { at: place, missed: Missed::Messages(1) },
                });
                metrics.healed(1);
            }
        }
        Some(at)
    }

    /// Goes on behind messages that cannot be had any more.
    fn skip(&mut self, before: FeedPoint, at: FeedPoint, metrics: &EngineMetrics) {
        let is_same_life = before.room.epoch == at.room.epoch;
        let missed = at.room.offset.saturating_sub(before.room.offset);
        self.at = Some(at);
        metrics.lost_history();
        metrics.missed(if is_same_life { missed } else { 0 });
        if !is_same_life || missed > 0 {
            let missed = if is_same_life { Missed::Messages(missed) } else { Missed::Unknown };
            self.emit(FeedEvent::Restarted { at: self.place(&at), missed });
        }
        if is_same_life {
            self.tell_unremembered(before, at, metrics);
        }
    }

    fn tell_unremembered(&self, before: FeedPoint, at: FeedPoint, metrics: &EngineMetrics) {
        let missed = at.room.unremembered.saturating_sub(before.room.unremembered);
        if missed > 0 {
            metrics.missed(missed);
            self.emit(FeedEvent::MissedUnremembered(missed));
        }
    }

    /// Hands on what was held.
    fn go_live(&mut self, members: Option<Vec<StoredMember>>, metrics: &EngineMetrics) -> NextStep {
        self.tell_members(members);
        self.mode = FeedMode::Live;
        while let Some((number, packet)) = self.held.pop() {
            if self.deliver(number, packet, metrics) == NextStep::Look {
                return NextStep::Look;
            }
        }
        if self.held.take_spilled() {
            self.heal();
            return NextStep::Look;
        }
        NextStep::Wait
    }

    fn tell_members(&self, members: Option<Vec<StoredMember>>) {
        if let Some(members) = members {
            self.emit(FeedEvent::Members(members));
        }
    }

    fn place(&self, at: &FeedPoint) -> Place {
        let FeedPoint { room: RoomPoint { epoch, offset, .. }, newest_tag, .. } = *at;
        // A room without history has no place: all its messages are unremembered.
        let tag = if self.has_history { newest_tag.unwrap_or(0) } else { 0 };
        Place { epoch, offset, tag }
    }

    /// Hands an event to the room. A panic there must not end the feeds of other rooms.
    fn emit(&self, event: FeedEvent) {
        if let Some(receiver) = self.receiver.upgrade()
            && let Err(panic) = catch(|| receiver.receive(event))
        {
            tracing::error!(panic, "a room panicked over an event of its engine");
        }
    }
}

#[cfg(test)]
mod tests;

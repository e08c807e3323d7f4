use std::collections::VecDeque;

use crate::engine::wire::{Packet, RoomPoint};

/// Most packets that a feed holds while it heals, and their bytes. What comes beyond is looked up.
pub(super) const MAX_HELD: usize = 4_096;
const MAX_HELD_BYTES: usize = 4 << 20;

/// Packets that wait while a feed heals, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct HeldPackets {
    /// Packets, with the number that had come with each.
    packets: VecDeque<(u64, Packet)>,
    bytes: usize,
    /// True if more came than can be held.
    has_spilled: bool,
}

impl HeldPackets {
    /// Adds a packet. Behind one that had no room, none has.
    pub(super) fn push(&mut self, number: u64, packet: Packet) {
        let bytes = self.bytes + packet.size;
        if self.has_spilled || self.packets.len() >= MAX_HELD || bytes > MAX_HELD_BYTES {
            self.has_spilled = true;
        } else {
            self.bytes = bytes;
            self.packets.push_back((number, packet));
        }
    }

    /// Puts a packet back in front of the others.
    pub(super) fn put_back(&mut self, number: u64, packet: Packet) {
        self.bytes += packet.size;
        self.packets.push_front((number, packet));
    }

    pub(super) fn pop(&mut self) -> Option<(u64, Packet)> {
        let (number, packet) = self.packets.pop_front()?;
        self.bytes -= packet.size;
        Some((number, packet))
    }

    /// Returns the next packet, if it follows a point.
    pub(super) fn pop_after(&mut self, at: &RoomPoint) -> Option<Packet> {
        if self.first()? != *at {
            return None;
        }
        self.pop().map(|(_, packet)| packet)
    }

    /// Returns the point before all that is held.
    pub(super) fn first(&self) -> Option<RoomPoint> {
        self.packets.front().map(|(_, packet)| packet.before)
    }

    /// Drops packets of other lives than this that had come when the server was asked: they are of
    /// an earlier life.
    pub(super) fn drop_earlier_lives(&mut self, epoch: u32, asked_after: u64) {
        self.packets.retain(|(number, packet)| *number > asked_after || packet.before.epoch == epoch);
        self.bytes = self.packets.iter().map(|(_, packet)| packet.size).sum();
    }

    /// Records that a packet is missing that cannot be read.
    pub(super) fn spill(&mut self) {
        self.has_spilled = true;
    }

    /// Returns true once if more came than could be held.
    pub(super) fn take_spilled(&mut self) -> bool {
        std::mem::take(&mut self.has_spilled)
    }
}

use bytes::Bytes;

use super::{
    item_codec::{DecodedItem, decode_items},
    reader::MalformedBytes,
};

/// Largest number in the order of a room: the server's scripts compute with 53 bits.
pub(in crate::engine) const MAX_NUMBER: u64 = 1 << 53;

/// Point in the order of a room: numbers of what it has had in this life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) struct RoomPoint {
    pub(in crate::engine) epoch: u32,
    /// Number of the newest message that the history keeps.
    pub(in crate::engine) offset: u64,
    /// Number of messages that it does not keep.
    pub(in crate::engine) unremembered: u64,
    /// Number of changes of the members.
    pub(in crate::engine) presence: u64,
}

impl RoomPoint {
    /// Returns the number of all that the room has had.
    pub(in crate::engine) fn total(&self) -> u64 {
        self.offset + self.unremembered + self.presence
    }
}

/// Packet of items that a node has published to a room.
#[derive(Debug)]
pub(in crate::engine) struct Packet {
    /// Point before the packet.
    pub(in crate::engine) before: RoomPoint,
    /// Tag of all its items.
    pub(in crate::engine) tag: u64,
    pub(in crate::engine) items: Vec<DecodedItem>,
    /// Bytes of the packet.
    pub(in crate::engine) size: usize,
}

impl Packet {
    /// Reads a packet.
    pub(in crate::engine) fn decode(mut payload: Bytes) -> Result<Self, MalformedBytes> {
        let size = payload.len();
        let end = memchr::memchr(b'\n', &payload).ok_or(MalformedBytes)?;
        let line = payload.split_to(end);
        let _ = payload.split_to(1);
        let line = str::from_utf8(&line).map_err(|_| MalformedBytes)?;
        let number = |number: &str| number.parse().ok().filter(|number| *number <= MAX_NUMBER);
        let mut numbers = line.split(' ').map(|text| number(text).ok_or(MalformedBytes));
        let mut next = || numbers.next().unwrap_or(Err(MalformedBytes));
        if next()? != 1 {
            return Err(MalformedBytes);
        }
        let before = RoomPoint {
            epoch: u32::try_from(next()?).map_err(|_| MalformedBytes)?,
            offset: next()?,
            unremembered: next()?,
            presence: next()?,
        };
        let tag = next()?;
        Ok(Self { before, tag, items: decode_items(payload)?, size })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::item_codec::encode_item, *};
    use crate::engine::item::Item;

    #[test]
    fn a_packet_is_read() {
        let mut payload = b"1 4000000000 2 3 4 1700000000000000\n".to_vec();
        encode_item(&Item::Left { member: 1 }, &mut payload);
        let packet = Packet::decode(payload.into()).expect("it is well-formed");
        let before = RoomPoint { epoch: 4_000_000_000, offset: 2, unremembered: 3, presence: 4 };
        assert_eq!((packet.before, packet.tag, packet.items.len()), (before, 1_700_000_000_000_000, 1));
    }

    #[test]
    fn other_versions_and_malformed_lines_are_errors() {
        for payload in [
            "",
            "1",
            "2 1 2 3 4 5\n",
            "1 1 2 3 4\n",
            "1 1 2 3 4 x\n",
            "1 5000000000 2 3 4 5\n",
            "1 1 9007199254740993 3 4 5\n",
        ] {
            assert!(Packet::decode(Bytes::from_static(payload.as_bytes())).is_err(), "{payload}");
        }
    }
}

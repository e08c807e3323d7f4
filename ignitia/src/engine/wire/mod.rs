//! Wire format between nodes: packets of items.
//!
//! A packet is a line of text, which a script writes, and the items, which a node has encoded:
//! `1 EPOCH OFFSET UNREMEMBERED PRESENCE TAG`, where the numbers are those of the room before the
//! packet. Each item counts in one class, so that a reader notices what it misses, and can skip an
//! item of a newer version.

mod item_codec;
mod packet;
mod reader;

pub(super) use self::{
    item_codec::{DecodedItem, ItemClass, decode_items, encode_item},
    packet::{MAX_NUMBER, Packet, RoomPoint},
};

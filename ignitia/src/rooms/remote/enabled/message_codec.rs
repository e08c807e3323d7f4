//! Messages and positions, as rooms have them and as the engine has them.

use bytes::Bytes;

use crate::{
    engine::{Place, PublishedMessage},
    rooms::{
        position::Position,
        room_message::{EncodedMessage, MessagePayload},
    },
};

/// Returns a message as it is published.
pub(super) fn encode_message(
    message: EncodedMessage,
    coalesce_key: Option<u64>,
    except: Option<u64>,
) -> PublishedMessage {
    let EncodedMessage { payload, is_uncompressed } = message;
    let (is_binary, payload) = match payload {
        MessagePayload::Text(text) => (false, Bytes::from(text)),
        MessagePayload::Binary(bytes) => (true, bytes),
    };
    PublishedMessage { is_binary, is_uncompressed, coalesce_key, except, rooms: Vec::new(), payload }
}

/// Returns a published message as it is sent.
pub(in crate::rooms) fn decode_message(message: PublishedMessage) -> EncodedMessage {
    let PublishedMessage { is_binary, is_uncompressed, payload, .. } = message;
    let payload =
        if is_binary { MessagePayload::Binary(payload) } else { MessagePayload::Text(payload.into()) };
    EncodedMessage { payload, is_uncompressed }
}

/// Returns the position of a place. Half of the epoch is the life, half the end of the tag.
pub(in crate::rooms) fn position_of(place: Place) -> Position {
    let Place { epoch, offset, tag } = place;
    Position { epoch: u64::from(epoch) << 32 | u64::from(tag as u32), offset }
}

/// Returns the place of a position, with the end of the tag.
pub(in crate::rooms) fn place_of(position: Position) -> Place {
    let Position { epoch, offset } = position;
    Place { epoch: position.life(), offset, tag: u64::from(epoch as u32) }
}

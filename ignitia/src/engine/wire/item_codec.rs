//! Encoded items.

use std::sync::Arc;

use bytes::{BufMut, Bytes};

use super::reader::{MalformedBytes, Reader};
use crate::engine::item::{Item, PublishedMessage, StoredMember};

/// Class in which an item counts: the upper two bits of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum ItemClass {
    Remembered,
    Unremembered,
    Presence,
}

/// Item that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) struct DecodedItem {
    pub(in crate::engine) class: ItemClass,
    /// `None` if it is of a newer version.
    pub(in crate::engine) item: Option<Item>,
}

const REMEMBERED: u8 = 0x00;
const UNREMEMBERED: u8 = 0x40;
const PRESENCE: u8 = 0x80;
const CLASS: u8 = 0xC0;

const MESSAGE: u8 = REMEMBERED | 1;
const UNREMEMBERED_MESSAGE: u8 = UNREMEMBERED | 1;
const DIRECT: u8 = UNREMEMBERED | 2;
const CLOSE_MEMBER: u8 = UNREMEMBERED | 3;
const KEY_DIRECT: u8 = UNREMEMBERED | 4;
const KEY_CLOSE: u8 = UNREMEMBERED | 5;
const JOINED: u8 = PRESENCE | 1;
const CHANGED: u8 = PRESENCE | 2;
const LEFT: u8 = PRESENCE | 3;
const NODE_MEMBERS: u8 = PRESENCE | 4;

const IS_BINARY: u8 = 1;
const IS_UNCOMPRESSED: u8 = 2;
const HAS_KEY: u8 = 4;
const HAS_EXCEPT: u8 = 8;
const HAS_ROOMS: u8 = 16;

/// Appends an item: its length, its kind, and its fields.
pub(in crate::engine) fn encode_item(item: &Item, out: &mut Vec<u8>) {
    let start = out.len();
    out.put_u32(0);
    match item {
        Item::Message { is_remembered, message } => {
            out.put_u8(if *is_remembered { MESSAGE } else { UNREMEMBERED_MESSAGE });
            put_message(message, out);
        }
        Item::Direct { member, message } => {
            out.put_u8(DIRECT);
            out.put_u64(*member);
            put_message(message, out);
        }
        Item::CloseMember { member, code, reason } => {
            out.put_u8(CLOSE_MEMBER);
            out.put_u64(*member);
            out.put_u16(*code);
            put_bytes(reason.as_bytes(), out);
        }
        Item::KeyDirect { key, message } => {
            out.put_u8(KEY_DIRECT);
            put_bytes(key.as_bytes(), out);
            put_message(message, out);
        }
        Item::KeyClose { key, code, reason } => {
            out.put_u8(KEY_CLOSE);
            put_bytes(key.as_bytes(), out);
            out.put_u16(*code);
            put_bytes(reason.as_bytes(), out);
        }
        Item::Joined(member) => {
            out.put_u8(JOINED);
            put_member(member, out);
        }
        Item::Changed(member) => {
            out.put_u8(CHANGED);
            put_member(member, out);
        }
        Item::Left { member } => {
            out.put_u8(LEFT);
            out.put_u64(*member);
        }
        Item::NodeMembers { node, members } => {
            out.put_u8(NODE_MEMBERS);
            out.put_u32(*node);
            out.put_u32(u32::try_from(members.len()).unwrap_or(u32::MAX));
            members.iter().for_each(|member| put_member(member, out));
        }
    }
    let length = u32::try_from(out.len() - start - 4).unwrap_or(u32::MAX);
    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
}

fn put_message(message: &PublishedMessage, out: &mut Vec<u8>) {
    let PublishedMessage { is_binary, is_uncompressed, coalesce_key, except, rooms, payload } = message;
    let flags = [
        (*is_binary, IS_BINARY),
        (*is_uncompressed, IS_UNCOMPRESSED),
        (coalesce_key.is_some(), HAS_KEY),
        (except.is_some(), HAS_EXCEPT),
        (!rooms.is_empty(), HAS_ROOMS),
    ];
    out.put_u8(flags.iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| flag).sum());
    coalesce_key.iter().for_each(|key| out.put_u64(*key));
    except.iter().for_each(|member| out.put_u64(*member));
    if !rooms.is_empty() {
        out.put_u32(u32::try_from(rooms.len()).unwrap_or(u32::MAX));
        rooms.iter().for_each(|room| put_bytes(room.as_bytes(), out));
    }
    put_bytes(payload, out);
}

fn put_member(member: &StoredMember, out: &mut Vec<u8>) {
    out.put_u64(member.id);
    put_bytes(&member.encoded, out);
}

/// Appends bytes with their length in front. Nothing here is as long as 4 GiB: a queue with a bound
/// has held it.
fn put_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    out.put_u32(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    out.put_slice(bytes);
}

/// Reads items up to the end.
pub(in crate::engine) fn decode_items(items: Bytes) -> Result<Vec<DecodedItem>, MalformedBytes> {
    let mut reader = Reader(items);
    let mut decoded = Vec::new();
    while !reader.is_empty() {
        let mut fields = Reader(reader.bytes()?);
        let kind = fields.u8()?;
        let class = match kind & CLASS {
            REMEMBERED => ItemClass::Remembered,
            UNREMEMBERED => ItemClass::Unremembered,
            PRESENCE => ItemClass::Presence,
            _ => return Err(MalformedBytes),
        };
        decoded.push(DecodedItem { class, item: item(kind, &mut fields)? });
    }
    Ok(decoded)
}

/// Reads an item's fields. Fields behind those that this version knows are ignored.
fn item(kind: u8, fields: &mut Reader) -> Result<Option<Item>, MalformedBytes> {
    Ok(Some(match kind {
        MESSAGE | UNREMEMBERED_MESSAGE => {
            Item::Message { is_remembered: kind == MESSAGE, message: message(fields)? }
        }
        DIRECT => Item::Direct { member: fields.u64()?, message: message(fields)? },
        CLOSE_MEMBER => {
            Item::CloseMember { member: fields.u64()?, code: fields.u16()?, reason: fields.text()? }
        }
        KEY_DIRECT => Item::KeyDirect { key: fields.text()?.into(), message: message(fields)? },
        KEY_CLOSE => {
            Item::KeyClose { key: fields.text()?.into(), code: fields.u16()?, reason: fields.text()? }
        }
        JOINED => Item::Joined(member(fields)?),
        CHANGED => Item::Changed(member(fields)?),
        LEFT => Item::Left { member: fields.u64()? },
        NODE_MEMBERS => {
            let (node, count) = (fields.u32()?, fields.u32()?);
            let members = (0..count).map(|_| member(fields)).collect::<Result<_, _>>()?;
            Item::NodeMembers { node, members }
        }
        _ => return Ok(None),
    }))
}

fn message(fields: &mut Reader) -> Result<PublishedMessage, MalformedBytes> {
    let flags = fields.u8()?;
    let has = |flag: u8| flags & flag != 0;
    let coalesce_key = has(HAS_KEY).then(|| fields.u64()).transpose()?;
    let except = has(HAS_EXCEPT).then(|| fields.u64()).transpose()?;
    let mut rooms: Vec<Arc<str>> = Vec::new();
    if has(HAS_ROOMS) {
        for _ in 0..fields.u32()? {
            rooms.push(fields.text()?.into());
        }
    }
    Ok(PublishedMessage {
        is_binary: has(IS_BINARY),
        is_uncompressed: has(IS_UNCOMPRESSED),
        coalesce_key,
        except,
        rooms,
        payload: fields.bytes()?,
    })
}

fn member(fields: &mut Reader) -> Result<StoredMember, MalformedBytes> {
    Ok(StoredMember { id: fields.u64()?, encoded: fields.bytes()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message_of(payload: &'static str) -> PublishedMessage {
        PublishedMessage {
            is_binary: false,
            is_uncompressed: false,
            coalesce_key: None,
            except: None,
            rooms: Vec::new(),
            payload: Bytes::from_static(payload.as_bytes()),
        }
    }

    fn all_kinds() -> Vec<Item> {
        let full = PublishedMessage {
            is_binary: true,
            is_uncompressed: true,
            coalesce_key: Some(u64::MAX),
            except: Some(7),
            rooms: vec!["a".into(), "ä b".into()],
            payload: Bytes::from_static(&[0, 1, 255]),
        };
        let member = StoredMember { id: 1 << 52, encoded: Bytes::from_static(b"{}") };
        vec![
            Item::Message { is_remembered: true, message: message_of("") },
            Item::Message { is_remembered: false, message: full.clone() },
            Item::Direct { member: 3, message: full.clone() },
            Item::CloseMember { member: 3, code: 4001, reason: "bye".into() },
            Item::KeyDirect { key: "user".into(), message: full },
            Item::KeyClose { key: "".into(), code: 1000, reason: String::new() },
            Item::Joined(member.clone()),
            Item::Changed(member.clone()),
            Item::Left { member: 9 },
            Item::NodeMembers { node: 4, members: vec![member.clone(), member] },
        ]
    }

    fn encoded(items: &[Item]) -> Vec<u8> {
        let mut out = Vec::new();
        items.iter().for_each(|item| encode_item(item, &mut out));
        out
    }

    #[test]
    fn items_come_back_as_they_were() {
        let items = all_kinds();
        let decoded = decode_items(encoded(&items).into()).expect("they are well-formed");
        let back: Vec<Item> = decoded.iter().filter_map(|decoded| decoded.item.clone()).collect();
        assert_eq!(back, items);
        for DecodedItem { class, item } in decoded {
            let item = item.expect("it is known");
            let expected = match &item {
                item if item.is_remembered() => ItemClass::Remembered,
                item if item.is_presence() => ItemClass::Presence,
                _ => ItemClass::Unremembered,
            };
            assert_eq!(class, expected, "{item:?}");
        }
    }

    #[test]
    fn newer_kinds_and_fields_are_skipped_and_counted() {
        let mut items = encoded(&[Item::Left { member: 9 }]);
        // A field behind those that are known.
        items.push(77);
        items[3] += 1;
        items.extend([0, 0, 0, 2, UNREMEMBERED | 60, 1]);
        items.extend(encoded(&[Item::Left { member: 10 }]));
        let decoded = decode_items(items.into()).expect("they are well-formed");
        assert_eq!(decoded[0].item, Some(Item::Left { member: 9 }));
        assert_eq!(decoded[1], DecodedItem { class: ItemClass::Unremembered, item: None });
        assert_eq!(decoded[2].item, Some(Item::Left { member: 10 }));
    }

    #[test]
    fn cut_bytes_are_an_error_and_never_a_panic() {
        let whole = encoded(&all_kinds());
        let mut ends = vec![0];
        for item in all_kinds() {
            ends.push(ends[ends.len() - 1] + encoded(&[item]).len());
        }
        for end in 0..whole.len() {
            let cut = decode_items(Bytes::copy_from_slice(&whole[..end]));
            assert_eq!(cut.is_ok(), ends.contains(&end), "{end}");
        }
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 0xFF;
            let _ = decode_items(changed.into());
        }
    }
}

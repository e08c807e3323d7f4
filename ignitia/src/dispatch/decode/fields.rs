//! The object of a message without the fields that are not its own: the tag and the correlation id.

use std::{fmt, marker::PhantomData};

use serde::de::{
    DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor,
    value::{BorrowedStrDeserializer, StrDeserializer},
};

use crate::dispatch::id::Id;

/// The names of the fields that are not the message's own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names {
    pub(super) tag: Option<&'static str>,
    pub(super) id: Option<&'static str>,
}

/// Whose field a key names.
pub(super) enum Key<T> {
    Tag,
    Id,
    Other(T),
}

/// Tells keys apart; one of the message's own goes on to `seed`.
pub(super) struct KeySeed<K> {
    pub(super) names: Names,
    pub(super) seed: K,
}

impl<'de, K: DeserializeSeed<'de>> DeserializeSeed<'de> for KeySeed<K> {
    type Value = (Key<K::Value>, Option<K>);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de, K: DeserializeSeed<'de>> KeySeed<K> {
    fn sort<E: Error>(
        self,
        key: &str,
        own: impl FnOnce(K) -> Result<K::Value, E>,
    ) -> Result<(Key<K::Value>, Option<K>), E> {
        if self.names.tag == Some(key) {
            Ok((Key::Tag, Some(self.seed)))
        } else if self.names.id == Some(key) {
            Ok((Key::Id, Some(self.seed)))
        } else {
            Ok((Key::Other(own(self.seed)?), None))
        }
    }
}

impl<'de, K: DeserializeSeed<'de>> Visitor<'de> for KeySeed<K> {
    type Value = (Key<K::Value>, Option<K>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_borrowed_str<E: Error>(self, key: &'de str) -> Result<Self::Value, E> {
        self.sort(key, |seed| seed.deserialize(BorrowedStrDeserializer::new(key)))
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        self.sort(key, |seed| seed.deserialize(StrDeserializer::new(key)))
    }
}

/// The fields that are still to come.
pub(super) struct Fields<'t, 'de, A> {
    map: A,
    names: Names,
    /// Another tag is one too many, if it has been read already; else it is passed over.
    tag_is_read: bool,
    /// Where the id goes; `None` if it has been read by somebody else.
    id: Option<&'t mut Option<Id<'de>>>,
}

impl<'t, 'de, A: MapAccess<'de>> Fields<'t, 'de, A> {
    /// What is behind the tag.
    pub(super) fn behind_tag(map: A, names: Names, id: &'t mut Option<Id<'de>>) -> Self {
        Self { map, names, tag_is_read: true, id: Some(id) }
    }

    /// All of them, when the tag and the id are known from an earlier look.
    pub(super) fn once_more(map: A, names: Names) -> Self {
        Self { map, names, tag_is_read: false, id: None }
    }

    /// All of them; the id is read on the way.
    pub(super) fn with_id(map: A, names: Names, id: &'t mut Option<Id<'de>>) -> Self {
        Self { map, names, tag_is_read: false, id: Some(id) }
    }

    /// Reads what is left without looking at it.
    pub(super) fn finish(mut self) -> Result<(), A::Error> {
        while self.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Fields<'_, 'de, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let mut next = Some(seed);
        while let Some(seed) = next.take() {
            let Some((key, unused)) = self.map.next_key_seed(KeySeed { names: self.names, seed })? else {
                return Ok(None);
            };
            match key {
                Key::Other(key) => return Ok(Some(key)),
                Key::Tag if self.tag_is_read => {
                    return Err(Error::duplicate_field(self.names.tag.unwrap_or_default()));
                }
                Key::Id if self.id.is_some() => self.read_id()?,
                Key::Tag | Key::Id => drop(self.map.next_value::<IgnoredAny>()?),
            }
            next = unused;
        }
        unreachable!("a key that is not the message's own gives the seed back")
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

impl<'de, A: MapAccess<'de>> Fields<'_, 'de, A> {
    fn read_id(&mut self) -> Result<(), A::Error> {
        let Some(id) = &mut self.id else { return Ok(()) };
        read_id(&mut self.map, self.names, id)
    }
}

/// Reads the value of the id; `null` is none.
pub(super) fn read_id<'de, A: MapAccess<'de>>(
    map: &mut A,
    names: Names,
    id: &mut Option<Id<'de>>,
) -> Result<(), A::Error> {
    if id.is_some() {
        return Err(Error::duplicate_field(names.id.unwrap_or_default()));
    }
    *id = map.next_value()?;
    Ok(())
}

/// A key of which only the kind is of interest.
pub(super) fn any_key(names: Names) -> KeySeed<PhantomData<IgnoredAny>> {
    KeySeed { names, seed: PhantomData }
}

//! Keys of a message's object: the reserved ones, and those of the message's own fields.

use std::{fmt, marker::PhantomData};

use serde::de::{
    DeserializeSeed, Deserializer, Error, IgnoredAny, Visitor,
    value::{BorrowedStrDeserializer, StrDeserializer},
};

/// Names of the fields that the message's own fields stand beside: the tag and the correlation id.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReservedNames {
    pub(super) tag: Option<&'static str>,
    pub(super) id: Option<&'static str>,
}

/// Key of an object, by the field that it names.
pub(super) enum FieldKey<T> {
    Tag,
    Id,
    Other(T),
}

/// Seed of a key that passes the names of the message's own fields on to `seed`.
pub(super) struct FieldKeySeed<K> {
    pub(super) names: ReservedNames,
    pub(super) seed: K,
}

impl<'de, K: DeserializeSeed<'de>> DeserializeSeed<'de> for FieldKeySeed<K> {
    type Value = (FieldKey<K::Value>, Option<K>);

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de, K: DeserializeSeed<'de>> FieldKeySeed<K> {
    /// Classifies the key. A reserved key leaves `seed` unused and gives it back.
    #[inline]
    fn classify<E: Error>(
        self,
        key: &str,
        own: impl FnOnce(K) -> Result<K::Value, E>,
    ) -> Result<(FieldKey<K::Value>, Option<K>), E> {
        if self.names.tag == Some(key) {
            Ok((FieldKey::Tag, Some(self.seed)))
        } else if self.names.id == Some(key) {
            Ok((FieldKey::Id, Some(self.seed)))
        } else {
            Ok((FieldKey::Other(own(self.seed)?), None))
        }
    }
}

impl<'de, K: DeserializeSeed<'de>> Visitor<'de> for FieldKeySeed<K> {
    type Value = (FieldKey<K::Value>, Option<K>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    #[inline]
    fn visit_borrowed_str<E: Error>(self, key: &'de str) -> Result<Self::Value, E> {
        self.classify(key, |seed| seed.deserialize(BorrowedStrDeserializer::new(key)))
    }

    #[inline]
    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        self.classify(key, |seed| seed.deserialize(StrDeserializer::new(key)))
    }
}

/// Returns the seed of a key whose own name does not matter.
#[inline]
pub(super) fn any_key(names: ReservedNames) -> FieldKeySeed<PhantomData<IgnoredAny>> {
    FieldKeySeed { names, seed: PhantomData }
}

//! Names of the kinds of messages, found by asking serde.

use std::fmt::{self, Display};

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, MapAccess, Visitor, value::StrDeserializer},
    forward_to_deserialize_any,
};

use crate::dispatch::client_message::{ClientMessage, Tagging};

/// Returns the names that serde lists in its error for an unknown kind.
pub(in crate::dispatch) fn known_tags<'de, M: ClientMessage<'de>>() -> &'static [&'static str] {
    let tag = match M::TAGGING {
        Tagging::Internal { tag } | Tagging::Adjacent { tag, .. } => Some(tag),
        Tagging::External => None,
    };
    let result =
        if M::STREAMS { M::deserialize_variant(TagProbe(None)) } else { M::deserialize(TagProbe(tag)) };
    // `Ok` only if the enum takes every tag.
    result.err().map_or(&[], |KnownTags(tags)| tags)
}

/// A message of an unknown kind, with the name of its tag, if it has one.
struct TagProbe(Option<&'static str>);

/// Error that a [`TagProbe`] leads to, with the names.
#[derive(Debug)]
struct KnownTags(&'static [&'static str]);

impl Display for KnownTags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a probe for the known tags")
    }
}

impl std::error::Error for KnownTags {}

impl Error for KnownTags {
    fn custom<T: Display>(_: T) -> Self {
        Self(&[])
    }

    fn unknown_variant(_: &str, known: &'static [&'static str]) -> Self {
        Self(known)
    }
}

impl<'de> Deserializer<'de> for TagProbe {
    type Error = KnownTags;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, KnownTags> {
        match self.0 {
            Some(_) => visitor.visit_map(self),
            None => visitor.visit_borrowed_str(""),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, KnownTags> {
        Err(KnownTags(variants))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for TagProbe {
    type Error = KnownTags;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, KnownTags> {
        self.0.take().map(|tag| seed.deserialize(StrDeserializer::new(tag))).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, KnownTags> {
        seed.deserialize(TagProbe(None))
    }
}

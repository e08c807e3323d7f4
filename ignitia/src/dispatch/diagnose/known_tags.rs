//! The names of the kinds of messages: serde is asked for them.

use std::fmt::{self, Display};

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, MapAccess, Visitor, value::StrDeserializer},
    forward_to_deserialize_any,
};

use crate::dispatch::message::{ClientMessage, Tagging};

/// Those that serde would name to somebody who sent another one.
pub(in crate::dispatch) fn known_tags<'de, M: ClientMessage<'de>>() -> &'static [&'static str] {
    let tag = match M::TAGGING {
        Tagging::Internal { tag } | Tagging::Adjacent { tag, .. } => Some(tag),
        Tagging::External => None,
    };
    let asked = if M::STREAMS { M::deserialize_variant(Ask(None)) } else { M::deserialize(Ask(tag)) };
    // It is never a message, unless any tag is one.
    asked.err().map_or(&[], |Known(tags)| tags)
}

/// A message without a kind that is known; with the name of its tag, if it has one.
struct Ask(Option<&'static str>);

/// The error of being asked, with the answer.
#[derive(Debug)]
struct Known(&'static [&'static str]);

impl Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a question")
    }
}

impl std::error::Error for Known {}

impl Error for Known {
    fn custom<T: Display>(_: T) -> Self {
        Self(&[])
    }

    fn unknown_variant(_: &str, known: &'static [&'static str]) -> Self {
        Self(known)
    }
}

impl<'de> Deserializer<'de> for Ask {
    type Error = Known;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Known> {
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
    ) -> Result<V::Value, Known> {
        Err(Known(variants))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for Ask {
    type Error = Known;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Known> {
        self.0.take().map(|tag| seed.deserialize(StrDeserializer::new(tag))).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Known> {
        seed.deserialize(Ask(None))
    }
}

//! Objects whose fields serde sees in another order, or without the id.

use std::{borrow::Cow, fmt};

use serde::{
    Deserializer,
    de::{
        DeserializeSeed, MapAccess, Visitor,
        value::{CowStrDeserializer, StrDeserializer},
    },
    forward_to_deserialize_any,
};

use super::{field_key::ReservedNames, message_fields::MessageFields};
use crate::dispatch::correlation_id::Id;

/// Deserializer of an object without its id, or with its tag in front.
pub(super) struct RewrittenObject<'t, 'de, D> {
    inner: D,
    names: &'t ReservedNames,
    rewrite: Rewrite<'t, 'de>,
}

/// Difference between the object on the wire and the one that serde sees.
enum Rewrite<'t, 'de> {
    /// The id is taken out.
    WithoutId(&'t mut Option<Id<'de>>),
    /// The tag comes first. The id is taken out if there is a place for it, and skipped otherwise.
    TagFirst(Cow<'de, str>, Option<&'t mut Option<Id<'de>>>),
}

impl<'t, 'de, D> RewrittenObject<'t, 'de, D> {
    pub(super) fn without_id(inner: D, names: &'t ReservedNames, id: &'t mut Option<Id<'de>>) -> Self {
        Self { inner, names, rewrite: Rewrite::WithoutId(id) }
    }

    pub(super) fn tag_first(
        inner: D,
        names: &'t ReservedNames,
        tag: Cow<'de, str>,
        id: Option<&'t mut Option<Id<'de>>>,
    ) -> Self {
        Self { inner, names, rewrite: Rewrite::TagFirst(tag, id) }
    }
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for RewrittenObject<'_, 'de, D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let Self { inner, names, rewrite } = self;
        inner.deserialize_map(RewritingVisitor { visitor, names, rewrite })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Visitor of the rewritten object.
struct RewritingVisitor<'t, 'de, V> {
    visitor: V,
    names: &'t ReservedNames,
    rewrite: Rewrite<'t, 'de>,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for RewritingVisitor<'_, 'de, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        match self.rewrite {
            Rewrite::WithoutId(id) => self.visitor.visit_map(MessageFields::with_id(map, self.names, id)),
            Rewrite::TagFirst(tag, id) => {
                let fields = match id {
                    Some(id) => MessageFields::with_id(map, self.names, id),
                    None => MessageFields::second_pass(map, self.names),
                };
                self.visitor.visit_map(TagFirst { name: self.names.tag, tag: Some(tag), fields })
            }
        }
    }
}

/// Access to an object's fields, the tag first.
struct TagFirst<'de, A> {
    name: Option<&'static str>,
    tag: Option<Cow<'de, str>>,
    fields: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for TagFirst<'de, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        match self.name.take() {
            Some(name) => seed.deserialize(StrDeserializer::new(name)).map(Some),
            None => self.fields.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        match self.tag.take() {
            Some(tag) => seed.deserialize(CowStrDeserializer::new(tag)),
            None => self.fields.next_value_seed(seed),
        }
    }
}

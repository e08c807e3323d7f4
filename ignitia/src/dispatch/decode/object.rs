//! Objects that serde sees with other fields than they have on the wire.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor,
        value::{CowStrDeserializer, StrDeserializer},
    },
    forward_to_deserialize_any,
};

use super::fields::{Fields, Key, Names, any_key};
use crate::dispatch::id::Id;

/// An object of which some fields are taken out, or stand elsewhere.
pub(in crate::dispatch) struct Object<'t, 'de, D> {
    inner: D,
    names: Names,
    change: Change<'t, 'de>,
}

enum Change<'t, 'de> {
    /// The id is taken out.
    Id(&'t mut Option<Id<'de>>),
    /// The id is passed over, and the tag comes first.
    TagFirst(Cow<'de, str>),
}

impl<'t, 'de, D> Object<'t, 'de, D> {
    pub(in crate::dispatch) fn without_id(inner: D, names: Names, id: &'t mut Option<Id<'de>>) -> Self {
        Self { inner, names, change: Change::Id(id) }
    }

    pub(in crate::dispatch) fn tag_first(inner: D, names: Names, tag: Cow<'de, str>) -> Self {
        Self { inner, names, change: Change::TagFirst(tag) }
    }
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Object<'_, 'de, D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let Self { inner, names, change } = self;
        inner.deserialize_map(Changed { visitor, names, change })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct Changed<'t, 'de, V> {
    visitor: V,
    names: Names,
    change: Change<'t, 'de>,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Changed<'_, 'de, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        match self.change {
            Change::Id(id) => self.visitor.visit_map(Fields::with_id(map, self.names, id)),
            Change::TagFirst(tag) => {
                let fields = Fields::once_more(map, self.names);
                self.visitor.visit_map(TagFirst { name: self.names.tag, tag: Some(tag), fields })
            }
        }
    }
}

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

/// The value of one field of an object of which nothing else is known to be right.
pub(in crate::dispatch) fn find<'de, T: Deserialize<'de>>(text: &'de str, name: &'static str) -> Option<T> {
    struct Find<T>(Names, PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Find<T> {
        type Value = Option<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<T>, A::Error> {
            let mut found = None;
            while let Some((key, _)) = map.next_key_seed(any_key(self.0))? {
                match key {
                    Key::Id if found.is_some() => return Err(Error::duplicate_field("")),
                    Key::Id => found = map.next_value()?,
                    Key::Tag | Key::Other(IgnoredAny) => drop(map.next_value::<IgnoredAny>()?),
                }
            }
            Ok(found)
        }
    }

    let names = Names { tag: None, id: Some(name) };
    serde_json::Deserializer::from_str(text).deserialize_map(Find(names, PhantomData)).ok().flatten()
}

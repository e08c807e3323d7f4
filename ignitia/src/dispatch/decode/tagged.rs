//! Internally tagged messages, read in the order of the wire: when the tag comes first, as nearly every client sends it,
//! the rest goes straight into the variant. serde's own way is to keep all fields in a buffer first.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeSeed, EnumAccess, Error, IgnoredAny, MapAccess, Unexpected, VariantAccess, Visitor,
        value::{CowStrDeserializer, MapAccessDeserializer},
    },
    forward_to_deserialize_any,
};

use super::fields::{Fields, Key, Names, any_key, read_id};
use crate::dispatch::{id::Id, message::ClientMessage};

/// What came of reading an object once.
pub(super) enum Pass<'de, M> {
    Read(M),
    /// The tag stood behind other fields: they have to be read again, now that the kind is known.
    Again(Cow<'de, str>),
}

/// Reads a message whose tag may be anywhere.
pub(super) struct FirstPass<'t, 'de, M> {
    pub(super) names: Names,
    pub(super) id: &'t mut Option<Id<'de>>,
    pub(super) message: PhantomData<M>,
}

impl<'de, M: ClientMessage<'de>> Visitor<'de> for FirstPass<'_, 'de, M> {
    type Value = Pass<'de, M>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pass<'de, M>, A::Error> {
        let names = self.names;
        let mut is_first = true;
        let mut found = None;
        while let Some((key, _)) = map.next_key_seed(any_key(names))? {
            match key {
                Key::Tag if is_first => {
                    let Tag(tag) = map.next_value()?;
                    let fields = Fields::behind_tag(map, names, self.id);
                    return M::deserialize_variant(Variant { tag, fields }).map(Pass::Read);
                }
                Key::Tag if found.is_some() => {
                    return Err(Error::duplicate_field(names.tag.unwrap_or_default()));
                }
                Key::Tag => found = Some(map.next_value::<Tag<'de>>()?.0),
                Key::Id => read_id(&mut map, names, self.id)?,
                Key::Other(IgnoredAny) => {
                    is_first = false;
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        found.map(Pass::Again).ok_or_else(|| Error::missing_field(names.tag.unwrap_or_default()))
    }
}

/// Reads a message whose tag is known.
pub(super) struct SecondPass<'de, M> {
    pub(super) names: Names,
    pub(super) tag: Cow<'de, str>,
    pub(super) message: PhantomData<M>,
}

impl<'de, M: ClientMessage<'de>> Visitor<'de> for SecondPass<'de, M> {
    type Value = M;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<M, A::Error> {
        let fields = Fields::once_more(map, self.names);
        M::deserialize_variant(Variant { tag: self.tag, fields })
    }
}

/// The tag's value: a string.
struct Tag<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Tag<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TagVisitor;

        impl<'de> Visitor<'de> for TagVisitor {
            type Value = Tag<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E: Error>(self, tag: &'de str) -> Result<Tag<'de>, E> {
                Ok(Tag(Cow::Borrowed(tag)))
            }

            fn visit_str<E: Error>(self, tag: &str) -> Result<Tag<'de>, E> {
                Ok(Tag(Cow::Owned(tag.to_owned())))
            }
        }

        deserializer.deserialize_str(TagVisitor)
    }
}

/// A tag and the fields beside it, as what serde's derive reads a variant from.
struct Variant<'t, 'de, A> {
    tag: Cow<'de, str>,
    fields: Fields<'t, 'de, A>,
}

impl<'de, A: MapAccess<'de>> Deserializer<'de> for Variant<'_, 'de, A> {
    type Error = A::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, A::Error> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'t, 'de, A: MapAccess<'de>> EnumAccess<'de> for Variant<'t, 'de, A> {
    type Error = A::Error;
    type Variant = Fields<'t, 'de, A>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self::Variant), A::Error> {
        Ok((seed.deserialize(CowStrDeserializer::new(self.tag))?, self.fields))
    }
}

impl<'de, A: MapAccess<'de>> VariantAccess<'de> for Fields<'_, 'de, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.finish()
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, A::Error> {
        seed.deserialize(Object(self))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, A::Error> {
        Err(Error::invalid_type(Unexpected::Map, &visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        visitor.visit_map(self)
    }
}

/// The fields as a value of their own: what a newtype variant holds. Like in serde, no fields are a unit too.
struct Object<'t, 'de, A>(Fields<'t, 'de, A>);

impl<'de, A: MapAccess<'de>> Deserializer<'de> for Object<'_, 'de, A> {
    type Error = A::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, A::Error> {
        visitor.visit_map(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, A::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, A::Error> {
        match self.0.next_key::<IgnoredAny>()? {
            None => visitor.visit_unit(),
            Some(IgnoredAny) => Err(Error::invalid_type(Unexpected::Map, &visitor)),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        MapAccessDeserializer::new(self.0).deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf seq tuple tuple_struct
        map struct identifier ignored_any
    }
}

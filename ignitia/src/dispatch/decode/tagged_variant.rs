//! Deserializers of a variant whose tag is known: its fields stand beside the tag.

use std::borrow::Cow;

use serde::{
    Deserializer,
    de::{
        DeserializeSeed, EnumAccess, Error, IgnoredAny, MapAccess, Unexpected, VariantAccess, Visitor,
        value::{CowStrDeserializer, MapAccessDeserializer},
    },
    forward_to_deserialize_any,
};

use super::message_fields::MessageFields;

/// Deserializer of an externally tagged variant, made of a tag and the fields beside it.
pub(super) struct TaggedVariant<'t, 'de, A> {
    /// `None` if it is the next value among the fields.
    pub(super) tag: Option<Cow<'de, str>>,
    pub(super) fields: MessageFields<'t, 'de, A>,
}

impl<'de, A: MapAccess<'de>> Deserializer<'de> for TaggedVariant<'_, 'de, A> {
    type Error = A::Error;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, A::Error> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'t, 'de, A: MapAccess<'de>> EnumAccess<'de> for TaggedVariant<'t, 'de, A> {
    type Error = A::Error;
    type Variant = MessageFields<'t, 'de, A>;

    #[inline]
    fn variant_seed<V: DeserializeSeed<'de>>(
        mut self,
        seed: V,
    ) -> Result<(V::Value, Self::Variant), A::Error> {
        let variant = match self.tag {
            None => self.fields.next_value_seed(seed)?,
            Some(tag) => seed.deserialize(CowStrDeserializer::new(tag))?,
        };
        Ok((variant, self.fields))
    }
}

impl<'de, A: MapAccess<'de>> VariantAccess<'de> for MessageFields<'_, 'de, A> {
    type Error = A::Error;

    #[inline]
    fn unit_variant(self) -> Result<(), A::Error> {
        self.finish()
    }

    #[inline]
    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, A::Error> {
        seed.deserialize(NewtypeContent(self))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, A::Error> {
        Err(Error::invalid_type(Unexpected::Map, &visitor))
    }

    #[inline]
    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        visitor.visit_map(self)
    }
}

/// Deserializer of the content of a newtype variant, made of its fields. As in serde, no fields are
/// a unit too.
struct NewtypeContent<'t, 'de, A>(MessageFields<'t, 'de, A>);

impl<'de, A: MapAccess<'de>> Deserializer<'de> for NewtypeContent<'_, 'de, A> {
    type Error = A::Error;

    #[inline]
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
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

//! Visitor of enums, and access to their variants.

use std::{fmt, marker::PhantomData};

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, Unexpected, VariantAccess,
    Visitor,
    value::{BorrowedStrDeserializer, StrDeserializer},
};

use super::{
    access::FieldAccess,
    diagnoser::KeyCell,
    expectation::{ONE_FIELD, STRING_OR_FIELD},
    fault::{Fault, FaultKind},
    path::Segment,
    pending_fault::PendingFault,
};

/// Visitor of an enum: a string is a variant without content, an object has the variant as its only
/// field.
pub(super) struct DiagnosingEnumVisitor<'t, V> {
    pub(super) visitor: V,
    pub(super) pending: &'t PendingFault,
    pub(super) key: Option<&'t KeyCell>,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for DiagnosingEnumVisitor<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pending.set(Fault::unexpected(FaultKind::InvalidType, &STRING_OR_FIELD));
        f.write_str(STRING_OR_FIELD)
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<V::Value, E> {
        self.key.inspect(|key| key.set(Some(Segment::key(name))));
        self.pending.set_aside(self.visitor.visit_enum(VariantName(StrDeserializer::new(name))))
    }

    fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<V::Value, E> {
        self.key.inspect(|key| key.set(Some(Segment::key(name))));
        self.pending.set_aside(self.visitor.visit_enum(VariantName(BorrowedStrDeserializer::new(name))))
    }

    fn visit_map<A: MapAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        let mut fields = FieldAccess::new(inner, self.pending);
        let result = self.visitor.visit_enum(OnlyField(&mut fields)).and_then(|value| {
            match fields.next_name(PhantomData::<IgnoredAny>)? {
                None => Ok(value),
                Some(_) => Err(Fault::invalid_value(Unexpected::Map, &STRING_OR_FIELD)),
            }
        });
        self.pending.set_aside(result)
    }
}

/// A variant of which the text is only the name.
struct VariantName<D>(D);

impl<'de, D: Deserializer<'de>> EnumAccess<'de> for VariantName<D> {
    type Error = D::Error;
    type Variant = NoContent<D::Error>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), D::Error> {
        Ok((seed.deserialize(self.0)?, NoContent(PhantomData)))
    }
}

/// The missing content of a variant.
struct NoContent<E>(PhantomData<E>);

impl<E: Error> NoContent<E> {
    fn missing<T>() -> Result<T, E> {
        Err(E::invalid_type(Unexpected::UnitVariant, &ONE_FIELD))
    }
}

impl<'de, E: Error> VariantAccess<'de> for NoContent<E> {
    type Error = E;

    fn unit_variant(self) -> Result<(), E> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, _: S) -> Result<S::Value, E> {
        Self::missing()
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, E> {
        Self::missing()
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, E> {
        Self::missing()
    }
}

/// The only field of an object, which is a variant with its content.
struct OnlyField<'f, 't, A>(&'f mut FieldAccess<'t, A>);

impl<'de, A: MapAccess<'de>> EnumAccess<'de> for OnlyField<'_, '_, A> {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Fault> {
        match self.0.next_name(seed)? {
            Some(name) => Ok((name, self)),
            None => Err(Fault::invalid_value(Unexpected::Map, &STRING_OR_FIELD)),
        }
    }
}

impl<'de, A: MapAccess<'de>> VariantAccess<'de> for OnlyField<'_, '_, A> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        self.0.next_value()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Fault> {
        self.0.next_value_seed(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Fault> {
        self.0.next_value_seed(ContentSeed { visitor, kind: ContentKind::Tuple(len) })
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.0.next_value_seed(ContentSeed { visitor, kind: ContentKind::Struct(fields) })
    }
}

/// Seed of the content of a variant.
struct ContentSeed<V> {
    visitor: V,
    kind: ContentKind,
}

enum ContentKind {
    Tuple(usize),
    Struct(&'static [&'static str]),
}

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for ContentSeed<V> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, content: D) -> Result<V::Value, D::Error> {
        match self.kind {
            ContentKind::Tuple(len) => content.deserialize_tuple(len, self.visitor),
            ContentKind::Struct(fields) => content.deserialize_struct("", fields, self.visitor),
        }
    }
}

//! Internally tagged messages, read in the order of the wire.
//!
//! Nearly every client sends the tag first. Then the rest is read straight into the variant, where
//! serde by itself would buffer all fields. If the tag comes later, the text is read a second time.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, Visitor},
};

use super::{
    field_key::{FieldKey, ReservedNames, any_key},
    message_fields::{MessageFields, read_id},
    tagged_variant::TaggedVariant,
};
use crate::dispatch::{client_message::ClientMessage, correlation_id::Id};

/// Visitor of a message whose tag may be anywhere. Its value is the tag, if that stands behind
/// other fields: they must be read again, now that the kind is known.
pub(super) struct FirstPass<'t, 'de, M> {
    pub(super) names: &'t ReservedNames,
    /// Receives the message, unless it has to be read again.
    pub(super) message: &'t mut Option<M>,
    pub(super) id: &'t mut Option<Id<'de>>,
}

impl<'de, M: ClientMessage<'de>> Visitor<'de> for FirstPass<'_, 'de, M> {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    #[inline]
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let names = self.names;
        let mut is_first = true;
        let mut found = None;
        while let Some(key) = map.next_key_seed(any_key(names))? {
            match key {
                FieldKey::Tag(_) if is_first => {
                    let fields = MessageFields::behind_tag(map, names, self.id);
                    *self.message = Some(M::deserialize_variant(TaggedVariant { tag: None, fields })?);
                    return Ok(None);
                }
                FieldKey::Tag(_) if found.is_some() => {
                    return Err(Error::duplicate_field(names.tag.unwrap_or_default()));
                }
                FieldKey::Tag(_) => found = Some(map.next_value::<Tag<'de>>()?.0),
                FieldKey::Id(_) => read_id(&mut map, names, self.id)?,
                FieldKey::Other(IgnoredAny) => {
                    is_first = false;
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        found.map(Some).ok_or_else(|| Error::missing_field(names.tag.unwrap_or_default()))
    }
}

/// Visitor of a message whose tag is known.
pub(super) struct SecondPass<'t, 'de, M> {
    pub(super) names: &'t ReservedNames,
    pub(super) tag: Cow<'de, str>,
    pub(super) message: PhantomData<M>,
}

impl<'de, M: ClientMessage<'de>> Visitor<'de> for SecondPass<'_, 'de, M> {
    type Value = M;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    #[inline]
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<M, A::Error> {
        let fields = MessageFields::second_pass(map, self.names);
        M::deserialize_variant(TaggedVariant { tag: Some(self.tag), fields })
    }
}

/// Value of the tag: a string.
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

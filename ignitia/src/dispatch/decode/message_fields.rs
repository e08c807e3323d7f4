//! Fields of a message without the reserved ones: the tag and the correlation id.

use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess};

use super::field_key::{FieldKey, FieldKeySeed, ReservedNames};
use crate::dispatch::correlation_id::Id;

/// Access to the remaining fields of a message, without the reserved ones.
pub(super) struct MessageFields<'t, 'de, A> {
    map: A,
    names: &'t ReservedNames,
    /// True if the tag has been read from this object: then another tag is a duplicate. Otherwise
    /// the tag is skipped.
    tag_is_read: bool,
    /// Receives the id; `None` if the id is known already.
    id: Option<&'t mut Option<Id<'de>>>,
}

impl<'t, 'de, A: MapAccess<'de>> MessageFields<'t, 'de, A> {
    /// The fields behind the tag.
    #[inline]
    pub(super) fn behind_tag(map: A, names: &'t ReservedNames, id: &'t mut Option<Id<'de>>) -> Self {
        Self { map, names, tag_is_read: true, id: Some(id) }
    }

    /// All fields, where the tag and the id are known from an earlier pass.
    #[inline]
    pub(super) fn second_pass(map: A, names: &'t ReservedNames) -> Self {
        Self { map, names, tag_is_read: false, id: None }
    }

    /// All fields; the id is read on the way.
    #[inline]
    pub(super) fn with_id(map: A, names: &'t ReservedNames, id: &'t mut Option<Id<'de>>) -> Self {
        Self { map, names, tag_is_read: false, id: Some(id) }
    }

    /// Skips the remaining fields.
    #[inline]
    pub(super) fn finish(mut self) -> Result<(), A::Error> {
        while self.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for MessageFields<'_, 'de, A> {
    type Error = A::Error;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, mut seed: K) -> Result<Option<K::Value>, A::Error> {
        loop {
            match self.map.next_key_seed(FieldKeySeed { names: self.names, seed })? {
                None => return Ok(None),
                Some(FieldKey::Other(key)) => return Ok(Some(key)),
                Some(FieldKey::Tag(_)) if self.tag_is_read => {
                    return Err(Error::duplicate_field(self.names.tag.unwrap_or_default()));
                }
                Some(FieldKey::Id(unused)) if self.id.is_some() => {
                    self.read_id()?;
                    seed = unused;
                }
                Some(FieldKey::Tag(unused) | FieldKey::Id(unused)) => {
                    self.map.next_value::<IgnoredAny>()?;
                    seed = unused;
                }
            }
        }
    }

    #[inline]
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

impl<'de, A: MapAccess<'de>> MessageFields<'_, 'de, A> {
    #[inline]
    fn read_id(&mut self) -> Result<(), A::Error> {
        let Some(id) = &mut self.id else { return Ok(()) };
        read_id(&mut self.map, self.names, id)
    }
}

/// Reads the value of the id. `null` is no id.
#[inline]
pub(super) fn read_id<'de, A: MapAccess<'de>>(
    map: &mut A,
    names: &ReservedNames,
    id: &mut Option<Id<'de>>,
) -> Result<(), A::Error> {
    if id.is_some() {
        return Err(Error::duplicate_field(names.id.unwrap_or_default()));
    }
    *id = map.next_value()?;
    Ok(())
}

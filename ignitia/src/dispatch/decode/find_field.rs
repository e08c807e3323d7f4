//! Search for one field of an object.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, Visitor},
};

use super::field_key::{FieldKey, ReservedNames, any_key};

/// Returns the value of one field of an object, which must not occur twice. The rest of the object
/// may be of any form.
pub(in crate::dispatch) fn find_field<'de, T: Deserialize<'de>>(
    text: &'de str,
    name: &'static str,
) -> Option<T> {
    struct FieldVisitor<'n, T>(&'n ReservedNames, PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for FieldVisitor<'_, T> {
        type Value = Option<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<T>, A::Error> {
            let mut found: Option<Option<T>> = None;
            while let Some(key) = map.next_key_seed(any_key(self.0))? {
                match key {
                    FieldKey::Id(_) if found.is_some() => return Err(Error::duplicate_field("")),
                    FieldKey::Id(_) => found = Some(map.next_value()?),
                    FieldKey::Tag(_) | FieldKey::Other(IgnoredAny) => drop(map.next_value::<IgnoredAny>()?),
                }
            }
            Ok(found.flatten())
        }
    }

    let names = ReservedNames { tag: None, id: Some(name) };
    serde_json::Deserializer::from_str(text).deserialize_map(FieldVisitor(&names, PhantomData)).ok().flatten()
}

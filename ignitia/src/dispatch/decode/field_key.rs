//! Keys of a message's object: the reserved ones, and those of the message's own fields.

use std::{fmt, marker::PhantomData};

use serde::de::{
    DeserializeSeed, Deserializer, Error, IgnoredAny, Visitor,
    value::{BorrowedStrDeserializer, StrDeserializer},
};

/// Names of the fields that the message's own fields stand beside: the tag and the correlation id.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReservedNames {
    pub(super) tag: Option<&'static str>,
    pub(super) id: Option<&'static str>,
}

/// Key of an object, by the field that it names. A reserved key gives the seed back, which it does
/// not use.
pub(super) enum FieldKey<T, K> {
    Tag(K),
    Id(K),
    Other(T),
}

/// Seed of a key that passes the names of the message's own fields on to `seed`.
pub(super) struct FieldKeySeed<'n, K> {
    pub(super) names: &'n ReservedNames,
    pub(super) seed: K,
}

impl<'de, K: DeserializeSeed<'de>> DeserializeSeed<'de> for FieldKeySeed<'_, K> {
    type Value = FieldKey<K::Value, K>;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de, K: DeserializeSeed<'de>> FieldKeySeed<'_, K> {
    /// Classifies the key.
    #[inline]
    fn classify<E: Error>(
        self,
        key: &str,
        own: impl FnOnce(K) -> Result<K::Value, E>,
    ) -> Result<FieldKey<K::Value, K>, E> {
        if is_name(key, self.names.tag) {
            Ok(FieldKey::Tag(self.seed))
        } else if is_name(key, self.names.id) {
            Ok(FieldKey::Id(self.seed))
        } else {
            own(self.seed).map(FieldKey::Other)
        }
    }
}

impl<'de, K: DeserializeSeed<'de>> Visitor<'de> for FieldKeySeed<'_, K> {
    type Value = FieldKey<K::Value, K>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    #[inline]
    fn visit_borrowed_str<E: Error>(self, key: &'de str) -> Result<Self::Value, E> {
        self.classify(key, |seed| seed.deserialize(BorrowedStrDeserializer::new(key)))
    }

    #[inline]
    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        self.classify(key, |seed| seed.deserialize(StrDeserializer::new(key)))
    }
}

/// Returns true if a key is this name.
///
/// Nearly every name is short, and a call of `memcmp` would take longer than the comparison.
#[inline]
fn is_name(key: &str, name: Option<&str>) -> bool {
    let Some((key, name)) = name.map(|name| (key.as_bytes(), name.as_bytes())) else { return false };
    if key.len() != name.len() {
        return false;
    }
    match (key.first_chunk::<4>(), name.first_chunk::<4>()) {
        (Some(key_begin), Some(name_begin)) if key.len() <= 8 => {
            key_begin == name_begin && key.last_chunk::<4>() == name.last_chunk::<4>()
        }
        _ => key == name,
    }
}

/// Returns the seed of a key whose own name does not matter.
#[inline]
pub(super) fn any_key(names: &ReservedNames) -> FieldKeySeed<'_, PhantomData<IgnoredAny>> {
    FieldKeySeed { names, seed: PhantomData }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_equal_to_itself_only() {
        let names: Vec<String> = (0..12).map(|length| "abcdefghijkl"[..length].to_owned()).collect();
        for (name, other) in names.iter().flat_map(|name| names.iter().map(move |other| (name, other))) {
            assert_eq!(is_name(other, Some(name)), name == other, "{name} {other}");
        }
        for name in &names {
            for at in 0..name.len() {
                let mut other = name.clone();
                other.replace_range(at..=at, "x");
                assert!(!is_name(&other, Some(name)), "{name} {other}");
            }
            assert!(!is_name(name, None));
        }
    }
}

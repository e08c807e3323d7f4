//! From received text to a message.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserializer,
    de::{Error, IgnoredAny, MapAccess, Visitor},
    forward_to_deserialize_any,
};

use super::{
    diagnose::diagnose,
    fields::{Fields, Key, Names, any_key, read_id},
    id::Id,
    malformed::Malformed,
    message::{ClientMessage, Tagging},
    tagged::{FirstPass, Pass, SecondPass},
};

/// A message, and the id that it came with, if ids are agreed on.
#[derive(Debug)]
pub struct Decoded<'de, M> {
    /// The message.
    pub message: M,
    /// Its correlation id.
    pub id: Option<Id<'de>>,
}

/// Decodes a message in one pass over the text; in two, if the tag does not come first.
///
/// # Errors
///
/// What a client may be told about why it is no message. To find that out, the text is read once more.
pub fn decode<'de, M: ClientMessage<'de>>(
    text: &'de str,
    id: Option<&'static str>,
) -> Result<Decoded<'de, M>, Malformed> {
    let reader = Reader::<M>::new(text, id);
    let mut found = None;
    match reader.read(&mut found) {
        Ok(message) => Ok(Decoded { message, id: found }),
        Err(_) => Err(reader.explain()),
    }
}

/// How the text of a message is read.
struct Reader<'de, M> {
    text: &'de str,
    names: Names,
    way: Way,
    message: PhantomData<M>,
}

#[derive(Clone, Copy)]
enum Way {
    /// The tag first, then straight into the variant.
    Streamed,
    /// By serde alone, but for the id.
    WithId,
    /// By serde alone.
    Plain,
}

impl<'de, M: ClientMessage<'de>> Reader<'de, M> {
    fn new(text: &'de str, id: Option<&'static str>) -> Self {
        let tag = match M::TAGGING {
            Tagging::Internal { tag } => Some(tag),
            Tagging::Adjacent { .. } | Tagging::External => None,
        };
        // serde takes arrays for tagged messages too.
        let is_object = text.trim_start_matches([' ', '\t', '\r', '\n']).starts_with('{');
        let way = match (tag, id) {
            _ if !is_object => Way::Plain,
            (Some(_), _) if M::STREAMS => Way::Streamed,
            (_, Some(_)) => Way::WithId,
            (_, None) => Way::Plain,
        };
        let tag = tag.filter(|_| matches!(way, Way::Streamed));
        Self { text, names: Names { tag, id }, way, message: PhantomData }
    }

    fn read(&self, id: &mut Option<Id<'de>>) -> Result<M, serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_str(self.text);
        let message = match self.way {
            Way::Streamed => {
                let pass = deserializer.deserialize_map(self.first_pass(id))?;
                match pass {
                    Pass::Read(message) => message,
                    Pass::Again(tag) => {
                        let mut again = serde_json::Deserializer::from_str(self.text);
                        again.deserialize_map(self.second_pass(tag))?
                    }
                }
            }
            Way::WithId => M::deserialize(WithId { inner: &mut deserializer, names: self.names, id })?,
            Way::Plain => M::deserialize(&mut deserializer)?,
        };
        deserializer.end()?;
        Ok(message)
    }

    fn first_pass<'t>(&self, id: &'t mut Option<Id<'de>>) -> FirstPass<'t, 'de, M> {
        FirstPass { names: self.names, id, message: PhantomData }
    }

    fn second_pass(&self, tag: std::borrow::Cow<'de, str>) -> SecondPass<'de, M> {
        SecondPass { names: self.names, tag, message: PhantomData }
    }

    /// What was wrong with a text that could not be read.
    #[cold]
    fn explain(&self) -> Malformed {
        if self.text.trim_ascii().is_empty() {
            return Malformed::empty();
        }
        if let Err(error) = serde_json::from_str::<IgnoredAny>(self.text) {
            return Malformed::not_json(&error);
        }
        let id = self.names.id.and_then(|name| find_id(self.text, name)).map(Id::into_owned);
        let mut unused = None;
        let fault = match self.way {
            Way::Streamed => self.explain_streamed(),
            Way::WithId => diagnose(self.text, |inner| {
                M::deserialize(WithId { inner, names: self.names, id: &mut unused })
            }),
            Way::Plain => diagnose(self.text, |inner| M::deserialize(inner)),
        };
        Malformed::by_fault::<M>(fault, self.names.id, id)
    }

    fn explain_streamed(&self) -> Option<super::fault::Fault> {
        let (mut unused, mut tag) = (None, None);
        let fault = diagnose(self.text, |inner| {
            if let Pass::Again(found) = inner.deserialize_map(self.first_pass(&mut unused))? {
                tag = Some(found);
            }
            Ok(())
        });
        match (fault, tag) {
            (None, Some(tag)) => diagnose(self.text, |inner| inner.deserialize_map(self.second_pass(tag))),
            (fault, _) => fault,
        }
    }
}

/// The id of a message of which nothing else is known to be right.
fn find_id<'de>(text: &'de str, name: &'static str) -> Option<Id<'de>> {
    struct FindId<'de>(Names, Option<Id<'de>>);

    impl<'de> Visitor<'de> for FindId<'de> {
        type Value = Option<Id<'de>>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
            while let Some((key, _)) = map.next_key_seed(any_key(self.0))? {
                match key {
                    Key::Id => read_id(&mut map, self.0, &mut self.1)?,
                    Key::Tag | Key::Other(IgnoredAny) => drop(map.next_value::<IgnoredAny>()?),
                }
            }
            Ok(self.1)
        }
    }

    let names = Names { tag: None, id: Some(name) };
    serde_json::Deserializer::from_str(text).deserialize_map(FindId(names, None)).ok().flatten()
}

/// Takes the id out of an object before serde sees its fields.
struct WithId<'t, 'de, D> {
    inner: D,
    names: Names,
    id: &'t mut Option<Id<'de>>,
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for WithId<'_, 'de, D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_map(WithoutId { visitor, names: self.names, id: self.id })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct WithoutId<'t, 'de, V> {
    visitor: V,
    names: Names,
    id: &'t mut Option<Id<'de>>,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for WithoutId<'_, 'de, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(Fields::with_id(map, self.names, self.id))
    }
}

/// The names of the kinds of messages, as serde has them.
pub(super) fn known_tags<'de, M: ClientMessage<'de>>() -> &'static [&'static str] {
    struct Ask<'t>(&'t mut &'static [&'static str]);

    impl<'de> Deserializer<'de> for Ask<'_> {
        type Error = serde::de::value::Error;

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
            Err(Error::custom("there is nothing to deserialize"))
        }

        fn deserialize_enum<V: Visitor<'de>>(
            self,
            _: &'static str,
            variants: &'static [&'static str],
            visitor: V,
        ) -> Result<V::Value, Self::Error> {
            *self.0 = variants;
            self.deserialize_any(visitor)
        }

        forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
            unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
        }
    }

    let mut tags: &'static [&'static str] = &[];
    // It fails, as it has to; what it asked for is what counts.
    let _ = M::deserialize_variant(Ask(&mut tags));
    tags
}

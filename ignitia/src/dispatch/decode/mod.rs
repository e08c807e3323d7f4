//! From received text to a message.

mod field_call;
mod fields;
mod object;
mod tagged;

use std::{borrow::Cow, marker::PhantomData};

use serde::{Deserializer, de::IgnoredAny};

pub use self::field_call::{FieldDefault, FieldReader, NoField, SkippedField};
pub(super) use self::object::find;
use self::{
    fields::Names,
    object::Object,
    tagged::{FirstPass, Pass, SecondPass},
};
use super::{
    diagnose::{Fault, diagnose},
    id::Id,
    malformed::Malformed,
    message::{ClientMessage, Tagging},
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
            Way::WithId => M::deserialize(Object::without_id(&mut deserializer, self.names, id))?,
            Way::Plain => M::deserialize(&mut deserializer)?,
        };
        deserializer.end()?;
        Ok(message)
    }

    fn first_pass<'t>(&self, id: &'t mut Option<Id<'de>>) -> FirstPass<'t, 'de, M> {
        FirstPass { names: self.names, id, message: PhantomData }
    }

    fn second_pass(&self, tag: Cow<'de, str>) -> SecondPass<'de, M> {
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
        let id = self.names.id.and_then(|name| find::<Id<'de>>(self.text, name)).map(Id::into_owned);
        let fault = match (self.way, M::TAGGING) {
            (Way::Streamed, _) => self.explain_streamed(),
            (_, Tagging::Adjacent { tag, .. }) => self.explain_adjacent(tag),
            _ => self.explain_as_it_is(),
        };
        Malformed::by_fault::<M>(fault, self.names.id, id)
    }

    /// With the tag put first serde needs no buffer, in which the path would be lost.
    fn explain_adjacent(&self, tag: &'static str) -> Option<Fault> {
        let names = Names { tag: Some(tag), ..self.names };
        let tag_first = find::<Cow<'de, str>>(self.text, tag).and_then(|tag| {
            diagnose(self.text, |inner| M::deserialize(Object::tag_first(inner, names, tag)))
        });
        tag_first.or_else(|| self.explain_as_it_is())
    }

    fn explain_as_it_is(&self) -> Option<Fault> {
        let mut unused = None;
        match self.way {
            Way::Plain => diagnose(self.text, |inner| M::deserialize(inner)),
            _ => diagnose(self.text, |inner| {
                M::deserialize(Object::without_id(inner, self.names, &mut unused))
            }),
        }
    }

    fn explain_streamed(&self) -> Option<Fault> {
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

//! Decoding of a message: the choice of how its text is read.

use std::{borrow::Cow, marker::PhantomData};

use serde::{Deserializer, de::IgnoredAny};

use super::{
    field_key::ReservedNames,
    find_field::find_field,
    rewritten_object::RewrittenObject,
    tagged::{FirstPass, SecondPass},
};
use crate::dispatch::{
    client_message::{ClientMessage, Tagging},
    correlation_id::Id,
    diagnose::{Fault, diagnose},
    malformed::Malformed,
};

/// A message and the correlation id that it came with, if the endpoint has ids.
#[derive(Debug)]
pub struct Decoded<'de, M> {
    /// The message.
    pub message: M,
    /// Its correlation id.
    pub id: Option<Id<'de>>,
}

/// Decodes a message in one pass over the text, or in two if the tag does not come first.
///
/// # Errors
///
/// The description of the error for the client. The text is read once more to find it.
#[inline]
pub fn decode<'de, M: ClientMessage<'de>>(
    text: &'de str,
    id: Option<&'static str>,
) -> Result<Decoded<'de, M>, Malformed> {
    let reader = MessageReader::<M>::new(text, id);
    let (mut message, mut id) = (None, None);
    match (reader.read(&mut message, &mut id), message) {
        (Ok(()), Some(message)) => Ok(Decoded { message, id }),
        _ => reader.read_tag_first().ok_or_else(|| reader.explain()),
    }
}

/// Returns serde's own error of a text that is no message. It may repeat the text, and is for the
/// program alone.
#[cfg(feature = "contract")]
pub(crate) fn refusal<'de, M: ClientMessage<'de>>(text: &'de str) -> Option<String> {
    let reader = MessageReader::<M>::new(text, None);
    let error = reader.read(&mut None, &mut None).err()?;
    reader.read_tag_first().is_none().then(|| error.to_string())
}

/// Reader of one message from a text.
struct MessageReader<'de, M> {
    text: &'de str,
    names: ReservedNames,
    strategy: ReadStrategy,
    message: PhantomData<M>,
}

/// Way of reading the text of a message.
#[derive(Clone, Copy)]
enum ReadStrategy {
    /// The tag first, then straight into the variant.
    Streamed,
    /// By serde alone, except for the id.
    WithId,
    /// By serde alone.
    Plain,
}

impl<'de, M: ClientMessage<'de>> MessageReader<'de, M> {
    #[inline]
    fn new(text: &'de str, id: Option<&'static str>) -> Self {
        let tag = match M::TAGGING {
            Tagging::Internal { tag } => Some(tag),
            Tagging::Adjacent { .. } | Tagging::External => None,
        };
        // serde takes arrays for tagged messages too.
        let is_object = text.bytes().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) == Some(b'{');
        let strategy = match (tag, id) {
            _ if !is_object => ReadStrategy::Plain,
            (Some(_), _) if M::STREAMS => ReadStrategy::Streamed,
            (_, Some(_)) => ReadStrategy::WithId,
            (_, None) => ReadStrategy::Plain,
        };
        let tag = tag.filter(|_| matches!(strategy, ReadStrategy::Streamed));
        Self { text, names: ReservedNames { tag, id }, strategy, message: PhantomData }
    }

    /// Reads the message and its id into their places. As a result, a message would be moved by
    /// every function on the way.
    #[inline]
    fn read(&self, message: &mut Option<M>, id: &mut Option<Id<'de>>) -> Result<(), serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_str(self.text);
        match self.strategy {
            ReadStrategy::Streamed => {
                if let Some(tag) = deserializer.deserialize_map(self.first_pass(message, id))? {
                    let mut again = serde_json::Deserializer::from_str(self.text);
                    *message = Some(again.deserialize_map(self.second_pass(tag))?);
                }
            }
            ReadStrategy::WithId => {
                let without_id = RewrittenObject::without_id(&mut deserializer, &self.names, id);
                *message = Some(M::deserialize(without_id)?);
            }
            ReadStrategy::Plain => *message = Some(M::deserialize(&mut deserializer)?),
        }
        deserializer.end()
    }

    #[inline]
    fn first_pass<'t>(
        &'t self,
        message: &'t mut Option<M>,
        id: &'t mut Option<Id<'de>>,
    ) -> FirstPass<'t, 'de, M> {
        FirstPass { names: &self.names, message, id }
    }

    #[inline]
    fn second_pass(&self, tag: Cow<'de, str>) -> SecondPass<'_, 'de, M> {
        SecondPass { names: &self.names, tag, message: PhantomData }
    }

    /// Reads a message once more whose tag may stand behind its content, with the tag put first.
    /// serde buffers content before the tag, and its buffer knows neither 128-bit integers nor keys
    /// other than strings.
    #[cold]
    fn read_tag_first(&self) -> Option<Decoded<'de, M>> {
        let Tagging::Adjacent { tag: name, .. } = M::TAGGING else { return None };
        // A tag that occurs twice is not found.
        let tag = find_field::<Cow<'de, str>>(self.text, name)?;
        let names = ReservedNames { tag: Some(name), ..self.names };
        let (mut deserializer, mut id) = (serde_json::Deserializer::from_str(self.text), None);
        let ordered = RewrittenObject::tag_first(&mut deserializer, &names, tag, Some(&mut id));
        let message = M::deserialize(ordered).ok()?;
        deserializer.end().ok()?;
        Some(Decoded { message, id })
    }

    /// Describes the error of a text that could not be read.
    #[cold]
    fn explain(&self) -> Malformed {
        if self.text.trim_ascii().is_empty() {
            return Malformed::empty();
        }
        if let Err(error) = serde_json::from_str::<IgnoredAny>(self.text) {
            return Malformed::not_json(&error);
        }
        let id = self.names.id.and_then(|name| find_field::<Id<'de>>(self.text, name)).map(Id::into_owned);
        let fault = match (self.strategy, M::TAGGING) {
            (ReadStrategy::Streamed, _) => self.explain_streamed(),
            (_, Tagging::Adjacent { tag, .. }) => self.explain_adjacent(tag),
            _ => self.explain_as_it_is(),
        };
        Malformed::from_fault::<M>(fault, self.names.id, id)
    }

    /// Puts the tag first: serde would buffer the fields before it and lose their paths. The id is
    /// looked at last.
    fn explain_adjacent(&self, tag: &'static str) -> Option<Fault> {
        let names = ReservedNames { tag: Some(tag), ..self.names };
        let mut unused = None;
        let tag_first = |id| {
            let tag = find_field::<Cow<'de, str>>(self.text, tag)?;
            diagnose(self.text, |inner| M::deserialize(RewrittenObject::tag_first(inner, &names, tag, id)))
        };
        tag_first(None).or_else(|| tag_first(Some(&mut unused))).or_else(|| self.explain_as_it_is())
    }

    fn explain_as_it_is(&self) -> Option<Fault> {
        let mut unused = None;
        match self.strategy {
            ReadStrategy::Plain => diagnose(self.text, |inner| M::deserialize(inner)),
            _ => diagnose(self.text, |inner| {
                M::deserialize(RewrittenObject::without_id(inner, &self.names, &mut unused))
            }),
        }
    }

    fn explain_streamed(&self) -> Option<Fault> {
        let (mut unused_message, mut unused_id, mut tag) = (None, None, None);
        let fault = diagnose(self.text, |inner| {
            tag = inner.deserialize_map(self.first_pass(&mut unused_message, &mut unused_id))?;
            Ok(())
        });
        match (fault, tag) {
            (None, Some(tag)) => diagnose(self.text, |inner| inner.deserialize_map(self.second_pass(tag))),
            (fault, _) => fault,
        }
    }
}

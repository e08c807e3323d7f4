//! Description of an endpoint, as its expansion fills it.

use super::{
    described_connection::ConnectionMessages,
    described_extractor::{ExtractorKind, QueryReader},
    described_reply::ReplyParts,
    text_reader::TextReader,
    type_schema::TypeSchema,
};
use crate::dispatch::{OnMalformed, Tagging, Variant};

/// Description of an endpoint, before anything is generated from it.
#[derive(Debug, Default)]
pub struct EndpointDescription {
    /// Name of the function or the session.
    pub(super) name: &'static str,
    /// Its documentation, line by line.
    pub(super) docs: Vec<&'static str>,
    /// Types of the parameters of the path, by name.
    pub(super) parameters: Vec<(&'static str, TypeSchema)>,
    /// Types of the query; several are read from the same one.
    pub(super) query: Vec<QueryDescription>,
    /// Name of the correlation id.
    pub(super) id: Option<&'static str>,
    pub(super) received: Option<ReceivedMessages>,
    /// Types of the messages that are sent.
    pub(super) sent: Vec<SentMessages>,
    /// Types of the messages of rooms, which the connection may enter.
    pub(super) rooms: Vec<SentMessages>,
    pub(super) handlers: Vec<HandlerDescription>,
    /// True if clients that return show the positions up to which they have seen histories.
    pub(super) resumes: bool,
    pub(super) takes_binary: bool,
    /// True if text that is no message is received.
    pub(super) takes_text: bool,
    /// True if it may send messages without a type.
    pub(super) sends_untyped: bool,
    /// Reaction of the runtime's loop to input that is no message; `None` if the loop is another.
    pub(super) on_malformed: Option<OnMalformed>,
}

/// A type that is read from the query.
#[derive(Debug, Clone, Copy)]
pub(super) struct QueryDescription {
    pub(super) schema: TypeSchema,
    pub(super) reader: QueryReader,
}

/// Messages that an endpoint receives.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReceivedMessages {
    pub(super) schema: TypeSchema,
    pub(super) tagging: Tagging,
    pub(super) variants: &'static [Variant],
    pub(super) refusal: TextReader,
}

/// Messages that an endpoint sends.
#[derive(Debug, Clone, Copy)]
pub(super) struct SentMessages {
    pub(super) schema: TypeSchema,
    pub(super) tagging: Tagging,
}

/// Description of the code that handles a message.
#[derive(Debug)]
pub(super) struct HandlerDescription {
    /// Name of the variant that it handles; `None` for all that have no other handler.
    pub(super) variant: Option<&'static str>,
    pub(super) docs: &'static [&'static str],
    pub(super) reply: ReplyParts,
    /// Type of the messages in the reply.
    pub(super) message: TypeSchema,
    /// True if the reply may come later.
    pub(super) later: bool,
}

impl EndpointDescription {
    /// Sets the name and the documentation.
    pub fn name(&mut self, name: &'static str, docs: &[&'static str]) {
        (self.name, self.docs) = (name, docs.to_vec());
    }

    /// Adds a parameter of the path.
    pub fn parameter(&mut self, name: &'static str, schema: TypeSchema) {
        self.parameters.push((name, schema));
    }

    /// Adds an extractor.
    pub fn extractor(&mut self, kind: ExtractorKind, schema: TypeSchema) {
        match kind {
            ExtractorKind::Other => {}
            ExtractorKind::Resume => self.resumes = true,
            ExtractorKind::Query(reader) => self.query.push(QueryDescription { schema, reader }),
            ExtractorKind::Rooms(tagging) => self.rooms.push(SentMessages { schema, tagging }),
        }
    }

    /// Sets the name of the correlation id, the data without a type that is received, and the
    /// reaction to malformed messages.
    pub fn options(
        &mut self,
        id: Option<&'static str>,
        takes_binary: bool,
        takes_text: bool,
        on_malformed: Option<OnMalformed>,
    ) {
        (self.id, self.takes_binary) = (id, takes_binary);
        (self.takes_text, self.on_malformed) = (takes_text, on_malformed);
    }

    /// Sets the messages of the connection that a function takes, if it is typed.
    pub fn connection(
        &mut self,
        messages: Option<ConnectionMessages>,
        received: TypeSchema,
        sent: TypeSchema,
    ) {
        let Some(messages) = messages else {
            self.sends_untyped = true;
            return;
        };
        self.receives(received, messages.received, messages.variants, messages.refusal);
        self.send(SentMessages { schema: sent, tagging: messages.sent });
    }

    /// Sets the messages that are received, and how a text is read as one.
    pub fn receives(
        &mut self,
        schema: TypeSchema,
        tagging: Tagging,
        variants: &'static [Variant],
        refusal: TextReader,
    ) {
        self.received = Some(ReceivedMessages { schema, tagging, variants, refusal });
    }

    /// Adds messages that are sent without being asked for.
    pub fn sends(&mut self, reply: &ReplyParts, schema: TypeSchema) {
        self.sends_untyped |= reply.is_untyped;
        if let Some(tagging) = reply.tagging {
            self.send(SentMessages { schema, tagging });
        }
    }

    /// Returns true if the connection may be sent messages of rooms.
    pub(super) fn may_enter_rooms(&self) -> bool {
        self.resumes || !self.rooms.is_empty()
    }

    /// Adds the handler of a message; `None` handles all that have no other. `later` says that it
    /// may answer later.
    pub fn handler(
        &mut self,
        variant: Option<&'static str>,
        docs: &'static [&'static str],
        reply: ReplyParts,
        message: TypeSchema,
        later: bool,
    ) {
        self.sends(&reply, message);
        self.handlers.push(HandlerDescription { variant, docs, reply, message, later });
    }

    fn send(&mut self, messages: SentMessages) {
        if !self.sent.iter().any(|sent| sent.schema.type_name == messages.schema.type_name) {
            self.sent.push(messages);
        }
    }
}

//! From the description of one endpoint to its contract.

use serde_json::{Map, Value, json};

use super::{
    definitions::Definitions,
    endpoint_contract::{ClientLimits, DescribedMessage, EndpointContract, Handler, Messages, PathParameter},
    endpoint_description::{
        EndpointDescription, HandlerDescription, QueryDescription, ReceivedMessages, SentMessages,
    },
    generators::Generators,
    message_direction::MessageDirection,
    message_schemas::{MessageSchema, message_schemas},
    mounted_endpoint::MountedEndpoint,
    reserved_names::refusal_of_kind,
    type_schema::TypeSchema,
    wording::doc_text,
};
use crate::{connection::WebSocketConfig, dispatch::Tagging, path::canonical};

/// An endpoint whose types have their names in its own scope.
pub(super) struct Draft<'a> {
    pub(super) scope: usize,
    pub(super) name: &'a str,
    pub(super) generators: &'a mut Generators,
    pub(super) definitions: &'a mut Definitions,
    pub(super) problems: &'a mut Vec<String>,
}

impl Draft<'_> {
    pub(super) fn endpoint(
        &mut self,
        mounted: &MountedEndpoint,
        description: &EndpointDescription,
    ) -> EndpointContract {
        let default = WebSocketConfig::default();
        let config = mounted.config.as_deref().unwrap_or(&default);
        let path = canonical(&mounted.path);
        let (parameters, query) = (self.parameters(&path, description), self.query(description));
        let received = description.received.as_ref().map(|received| self.received(received));
        // A connection that has rooms may be sent what is said there.
        let mut sent: Vec<_> = Vec::new();
        for SentMessages { schema, tagging } in description.sent.iter().chain(&description.rooms) {
            if !sent.iter().any(|(known, _): &(TypeSchema, Tagging)| known.type_name == schema.type_name) {
                sent.push((*schema, *tagging));
            }
        }
        if sent.is_empty() && description.handlers.iter().any(|handler| handler.later) {
            let wanted = "write the type of the reply, or `reply = ..` in the attribute";
            self.problems.push(format!("endpoint `{}`: its replies have no name: {wanted}", self.name));
        }
        let sent = (!sent.is_empty()).then(|| self.messages(MessageDirection::Sent, &sent));
        EndpointContract {
            name: self.name.to_owned(),
            docs: doc_text(&description.docs),
            path,
            parameters,
            query,
            subprotocols: config.subprotocols.clone(),
            id: description.id,
            resumes: description.resumes,
            may_enter_rooms: description.may_enter_rooms(),
            takes_binary: description.takes_binary,
            takes_text: description.takes_text,
            sends_untyped: description.sends_untyped,
            handlers: self.handlers(description, sent.as_ref()),
            received,
            sent,
            limits: ClientLimits::of(config, description),
        }
    }

    fn parameters(&mut self, path: &str, description: &EndpointDescription) -> Vec<PathParameter> {
        path_parameters(path)
            .map(|(name, is_tail)| {
                let ty = description.parameters.iter().find(|(parameter, _)| *parameter == name);
                let schema = ty.and_then(|(_, ty)| self.parameter(name, ty));
                // Anything that can be parsed can be written as text.
                let schema = schema.unwrap_or_else(|| json!({ "type": "string" }));
                PathParameter { name: name.to_owned(), is_tail, schema }
            })
            .collect()
    }

    fn parameter(&mut self, name: &str, ty: &TypeSchema) -> Option<Value> {
        let functions = ty.schema.as_ref()?;
        // A definition that is refused is in no document.
        let mut scratch = Generators::new();
        let schema = scratch.referable(MessageDirection::Received, functions);
        if scratch.url_schemas().is_text(&schema) {
            return Some(self.generators.referable(MessageDirection::Received, functions));
        }
        let advice = "give it the schema of a text, such as `#[schemars(with = \"String\")]`";
        self.problem(ty, &format!("is no text in its schema, and `<{name}>` stands in a path: {advice}"));
        None
    }

    fn query(&mut self, description: &EndpointDescription) -> Vec<Value> {
        let mut schemas = Vec::new();
        for QueryDescription { schema: ty, .. } in &description.query {
            let Some(functions) = &ty.schema else {
                self.missing(ty);
                continue;
            };
            let schema = self.generators.inlined(MessageDirection::Received, functions);
            match self.generators.url_schemas().unfit_fields(&schema) {
                None => self.problem(ty, "has no named fields, and stands in a query: give it some"),
                Some(unfit) => unfit.iter().for_each(|field| {
                    let advice = "a query has texts, numbers and Booleans only";
                    self.problem(ty, &format!("has a list or an object as `{field}`: {advice}"));
                }),
            }
            schemas.push(schema);
        }
        self.check_query(description, &schemas);
        schemas
    }

    /// Checks that the types of one query let each other have their fields.
    fn check_query(&mut self, description: &EndpointDescription, schemas: &[Value]) {
        let described = description.query.iter().filter(|query| query.schema.schema.is_some());
        for (query, schema) in described.zip(schemas) {
            let is_closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
            let own = schema.get("properties").unwrap_or(&Value::Null);
            let fields = schemas.iter().filter_map(|other| other.get("properties")?.as_object());
            let denied = fields.flat_map(Map::keys).find(|name| own.get(name).is_none());
            if let Some(denied) = denied.filter(|_| is_closed) {
                let advice = "which another argument reads from the same query: remove `deny_unknown_fields`";
                self.problem(&query.schema, &format!("denies the field `{denied}`, {advice}"));
            }
        }
    }

    fn received(&mut self, received: &ReceivedMessages) -> Messages {
        let mut messages = self.messages(MessageDirection::Received, &[(received.schema, received.tagging)]);
        // What stands for unknown kinds has a schema, too, but is nothing to send.
        let is_known = |tag: &str| received.variants.iter().any(|known| known.tags.first() == Some(&tag));
        messages.messages.retain(|message| is_known(&message.schema.tag));
        for variant in received.variants.iter().filter(|_| !messages.types.is_empty()) {
            let has_schema = |tag: &&str| messages.messages.iter().any(|message| message.schema.tag == *tag);
            if let Some(tag) = variant.tags.first().filter(|tag| !has_schema(tag)) {
                messages.is_incomplete = true;
                let problem = format!("has no schema for `{tag}`: remove what `#[schemars(..)]` says of it");
                self.problem(&received.schema, &problem);
            }
        }
        messages
    }

    fn messages(&mut self, direction: MessageDirection, types: &[(TypeSchema, Tagging)]) -> Messages {
        let tagging = types[0].1;
        let mut messages = Messages {
            direction,
            tagging,
            types: Vec::new(),
            sources: Vec::new(),
            messages: Vec::new(),
            is_incomplete: false,
        };
        for (ty, own) in types {
            let Some(functions) = &ty.schema else {
                messages.is_incomplete = true;
                self.missing(ty);
                continue;
            };
            if *own != tagging {
                messages.is_incomplete = true;
                self.problem(ty, "is represented in another way than the other messages that are sent: give both the same `#[serde(tag = ..)]`");
                continue;
            }
            let (name, schema) = self.generators.named(direction, functions);
            match message_schemas(&schema, tagging) {
                Some(found) => {
                    for MessageSchema { tag, .. } in &found {
                        if let Some(refusal) = refusal_of_kind(tag) {
                            self.problem(ty, &format!("has the kind `{tag}`, {refusal}"));
                        }
                    }
                    messages.messages.extend(found.into_iter().map(|schema| DescribedMessage {
                        name: String::new(),
                        of: name.clone(),
                        schema,
                        may_be_of_room: false,
                    }));
                }
                None => {
                    messages.is_incomplete = true;
                    self.problem(
                        ty,
                        "has a variant without the enum's tag: remove the variant's `#[serde(untagged)]`",
                    );
                }
            }
            self.definitions.add((self.scope, direction), name.clone(), schema);
            messages.sources.push((ty.type_name, name.clone()));
            messages.types.push(name);
        }
        messages
    }

    fn handlers(&self, description: &EndpointDescription, sent: Option<&Messages>) -> Vec<Handler> {
        let Some(received) = &description.received else { return Vec::new() };
        let tags_of = |variant: &str| {
            let variant = received.variants.iter().find(|known| known.name == variant);
            variant.and_then(|variant| variant.tags.first().copied())
        };
        let named: Vec<&str> =
            description.handlers.iter().filter_map(|handler| tags_of(handler.variant?)).collect();
        let rest = || {
            let tags = received.variants.iter().filter_map(|variant| variant.tags.first());
            tags.filter(|tag| !named.contains(tag)).map(|tag| (*tag).to_owned()).collect()
        };
        description
            .handlers
            .iter()
            .map(|HandlerDescription { variant, docs, reply, message, later }| Handler {
                tags: variant
                    .map_or_else(rest, |variant| tags_of(variant).map(str::to_owned).into_iter().collect()),
                docs: doc_text(docs),
                replies: match (later, reply.tagging) {
                    (true, _) => (0..sent.map_or(0, |sent| sent.messages.len())).collect(),
                    (false, Some(_)) => replies(message, sent),
                    (false, None) => Vec::new(),
                },
                codes: reply.codes.clone(),
                fails: reply.fails,
                closes: reply.closes,
                answers_untyped: reply.is_untyped,
            })
            .collect()
    }

    fn missing(&mut self, ty: &TypeSchema) {
        // A derive of a generic type needs it of the arguments, too.
        let bound = if ty.type_name.contains('<') { ", and to its arguments and bounds" } else { "" };
        let version = "of schemars 1, for the derive of another version is of no use here";
        self.problem(
            ty,
            &format!("has no schema: add `schemars::JsonSchema` to its derives{bound}, {version}"),
        );
    }

    fn problem(&mut self, ty: &TypeSchema, problem: &str) {
        let problem = format!("endpoint `{}`: `{}` {problem}", self.name, ty.type_name);
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}

/// Returns the numbers of the messages of a reply among those that are sent.
fn replies(ty: &TypeSchema, sent: Option<&Messages>) -> Vec<usize> {
    let Some(sent) = sent else { return Vec::new() };
    let Some((_, name)) = sent.sources.iter().find(|(source, _)| *source == ty.type_name) else {
        return Vec::new();
    };
    let numbered = sent.messages.iter().enumerate().filter(|(_, message)| message.of == *name);
    numbered.map(|(number, _)| number).collect()
}

/// Returns the names of a path's parameters; `true` for the rest of the path.
fn path_parameters(path: &str) -> impl Iterator<Item = (&str, bool)> {
    path.split('/').filter_map(|segment| {
        let name = segment.strip_prefix('{')?.strip_suffix('}')?;
        Some(name.strip_prefix('*').map_or((name, false), |name| (name, true)))
    })
}

//! Messages of the library itself, which an endpoint has beside its own.

use std::iter;

use serde_json::{Value, json};

use super::parts::{correlation_id, id_schema, object};
use crate::contract::{
    endpoint_contract::EndpointContract, message_direction::MessageDirection, wording::pascal_case,
};

/// Message of the library. Its kind is in `type`, however the endpoint represents its own. Data of
/// which the contract knows no form is one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LibraryMessage {
    Error,
    Joined,
    Lagged,
    Ping,
    Pong,
    Raw,
    Resumed,
}

use LibraryMessage::{Error, Joined, Lagged, Ping, Pong, Raw, Resumed};

impl LibraryMessage {
    /// Returns those that an endpoint may send or receive.
    pub(super) fn all_of(endpoint: &EndpointContract) -> Vec<Self> {
        let groups: [(bool, &[Self]); 4] = [
            (endpoint.received.is_some(), &[Error, Ping, Pong]),
            (endpoint.may_enter_rooms, &[Lagged]),
            (endpoint.resumes, &[Joined, Resumed]),
            (endpoint.receives_raw() || endpoint.sends_untyped, &[Raw]),
        ];
        groups.into_iter().filter(|(occurs, _)| *occurs).flat_map(|(_, group)| group).copied().collect()
    }

    /// Returns true for those that the server sends unasked, and that have no answer.
    pub(super) fn is_notice(self) -> bool {
        !matches!(self, Ping | Pong | Raw)
    }

    /// Returns its name among the messages of a channel.
    pub(super) fn name(self) -> &'static str {
        match self {
            Error => "error",
            Joined => "joined",
            Lagged => "lagged",
            Ping => "ping",
            Pong => "pong",
            Raw => "raw",
            Resumed => "resumed",
        }
    }

    /// Returns the name of the id that it repeats.
    pub(super) fn id_of(self, endpoint: &EndpointContract) -> Option<&'static str> {
        endpoint.id.filter(|_| matches!(self, Error | Pong))
    }

    /// Returns the message as AsyncAPI describes it. `codes` are those of errors.
    pub(super) fn message(self, id: Option<&str>, codes: &[&str]) -> Value {
        let mut message = json!({
            "name": self.kind(),
            "title": self.name(),
            "description": self.description(),
            "payload": self.payload(id, codes),
        });
        if self == Raw {
            message["contentType"] = json!("application/octet-stream");
        }
        if let Some(id) = id {
            message["correlationId"] = correlation_id(id);
        }
        message
    }

    fn payload(self, id: Option<&str>, codes: &[&str]) -> Value {
        if self == Raw {
            return json!({ "title": "RawMessage" });
        }
        let kind = required("type", json!({ "type": "string", "const": self.kind() }));
        let id_field = id.map(|id| optional(id, id_schema(MessageDirection::Sent)));
        let fields: Vec<Field<'_>> = iter::once(kind).chain(self.fields(codes)).chain(id_field).collect();
        let required: Vec<&str> =
            fields.iter().filter(|field| field.is_required).map(|field| field.name).collect();
        json!({
            "type": "object",
            // Generators of code name a type by the title of its schema.
            "title": format!("{}Message{}", pascal_case(self.name()), if id.is_some() { "WithId" } else { "" }),
            "required": required,
            "properties": object(fields.into_iter().map(|field| (field.name.to_owned(), field.schema))),
        })
    }

    fn kind(self) -> String {
        format!("${}", self.name())
    }

    fn description(self) -> &'static str {
        match self {
            Error => "A message was malformed, or its handler has failed.",
            Joined => "The client is new in a room with history, and has seen it up to this position.",
            Lagged => {
                "Messages of a room are missing: the client was too slow, or the server has missed them."
            }
            Ping => "Asks the other side's program for `$pong`. Both sides may ask, and both have to answer.",
            Pong => "The answer to `$ping`.",
            Raw => "Text or bytes whose form the application knows.",
            Resumed => "The client is back in a room: the messages that it has missed follow, or are lost.",
        }
    }

    /// Returns the fields beside its kind.
    fn fields(self, codes: &[&str]) -> Vec<Field<'static>> {
        let room = || required("room", text("Name of the room."));
        let position = || text("Position up to which the client has seen the room's history.");
        match self {
            Error => {
                let mut code = text("Kind of the error, for programs.");
                code["examples"] = json!(codes);
                vec![
                    required("code", code),
                    required("message", text("Error, for people.")),
                    optional("path", text("Place in the message.")),
                    optional("expected", json!({ "type": "array", "items": text("What would be right.") })),
                ]
            }
            Joined => vec![room(), required("$at", position())],
            Lagged => {
                let mut missed = count("Number of the messages; null if it is not known.");
                missed["type"] = json!(["integer", "null"]);
                vec![room(), required("missed", missed)]
            }
            Ping | Pong | Raw => Vec::new(),
            Resumed => vec![
                room(),
                optional("recovered", count("Number of the missed messages that follow.")),
                optional("lost", json!({ "const": true, "description": "The missed messages are lost." })),
                optional("$at", position()),
            ],
        }
    }
}

/// A field of a message.
struct Field<'a> {
    name: &'a str,
    schema: Value,
    is_required: bool,
}

fn required(name: &str, schema: Value) -> Field<'_> {
    Field { name, schema, is_required: true }
}

fn optional(name: &str, schema: Value) -> Field<'_> {
    Field { name, schema, is_required: false }
}

fn text(description: &str) -> Value {
    json!({ "type": "string", "description": description })
}

fn count(description: &str) -> Value {
    json!({ "type": "integer", "minimum": 0, "description": description })
}

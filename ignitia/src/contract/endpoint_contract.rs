//! Endpoints as clients see them: what they accept and send, with schemas.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    endpoint_description::EndpointDescription, message_direction::MessageDirection,
    message_schemas::MessageSchema,
};
use crate::{
    close::CloseCode,
    connection::{RateExceeded, WebSocketConfig},
    dispatch::{OnMalformed, Tagging},
    limits::Rate,
};

/// An endpoint, as clients see it.
#[derive(Debug, Clone)]
pub(super) struct EndpointContract {
    /// Unique name, in `camelCase`.
    pub(super) name: String,
    pub(super) docs: String,
    /// Path with its literals percent-encoded: `/rooms/{room}`, `/files/{*path}`.
    pub(super) path: String,
    pub(super) parameters: Vec<PathParameter>,
    /// Schemas of the query.
    pub(super) query: Vec<Value>,
    pub(super) subprotocols: Vec<String>,
    /// Name of the correlation id.
    pub(super) id: Option<&'static str>,
    /// True if clients show the positions up to which they have seen the histories of rooms.
    pub(super) resumes: bool,
    /// True if the connection may be sent messages of rooms.
    pub(super) may_enter_rooms: bool,
    /// True if it takes bytes.
    pub(super) takes_binary: bool,
    /// True if it takes text that is no message.
    pub(super) takes_text: bool,
    /// True if it may send text that is no message, and bytes.
    pub(super) sends_untyped: bool,
    pub(super) received: Option<Messages>,
    pub(super) sent: Option<Messages>,
    pub(super) handlers: Vec<Handler>,
    pub(super) limits: ClientLimits,
}

impl EndpointContract {
    /// Returns true if data without a type is a message to the endpoint. To the loop of a typed
    /// connection it is malformed, unless that looks at the data itself.
    pub(super) fn receives_raw(&self) -> bool {
        let is_typed_loop = self.received.is_some() && self.handlers.is_empty();
        (self.takes_binary || self.takes_text) && !is_typed_loop
    }

    /// Returns the messages of both directions.
    pub(super) fn all_messages(&self) -> impl Iterator<Item = (&Messages, &DescribedMessage)> {
        let directions = self.received.iter().chain(&self.sent);
        directions.flat_map(|all| all.messages.iter().map(move |message| (all, message)))
    }

    /// Returns the handler of a message.
    pub(super) fn handler_of(&self, message: &DescribedMessage) -> Option<&Handler> {
        self.handlers.iter().find(|handler| handler.handles(message))
    }

    /// Returns the messages that a handler may answer with.
    pub(super) fn replies_of<'a>(
        &'a self,
        handler: &'a Handler,
    ) -> impl Iterator<Item = &'a DescribedMessage> {
        let sent = self.sent.as_ref().map_or(&[][..], |sent| &sent.messages);
        handler.replies.iter().filter_map(|number| sent.get(*number))
    }
}

/// A parameter of the path.
#[derive(Debug, Clone)]
pub(super) struct PathParameter {
    pub(super) name: String,
    /// True if it is the rest of the path, slashes included.
    pub(super) is_tail: bool,
    pub(super) schema: Value,
}

/// Messages of one direction.
#[derive(Debug, Clone)]
pub(super) struct Messages {
    pub(super) direction: MessageDirection,
    pub(super) tagging: Tagging,
    /// Names of the enums in the contract.
    pub(super) types: Vec<String>,
    /// Types of the program, with the names of their enums in the endpoint.
    pub(super) sources: Vec<(&'static str, String)>,
    pub(super) messages: Vec<DescribedMessage>,
    /// True if some of them have no schema.
    pub(super) is_incomplete: bool,
}

/// Messages of one kind.
#[derive(Debug, Clone)]
pub(super) struct DescribedMessage {
    /// Unique name in the contract: that of the enum, and of the kind.
    pub(super) name: String,
    /// Name of the enum in the contract.
    pub(super) of: String,
    pub(super) schema: MessageSchema,
    /// True if it may come from a room, to any of the endpoints.
    pub(super) may_be_of_room: bool,
}

impl DescribedMessage {
    /// Returns the schema of the message as it arrives: one from a room with a history has its
    /// position.
    pub(super) fn arriving_schema(&self) -> Value {
        let mut schema = self.schema.schema.clone();
        if self.may_be_of_room
            && let Some(Value::Object(properties)) = schema.get_mut("properties")
        {
            let description = "Position in the history of its room.";
            properties.insert("$at".into(), json!({ "type": "string", "description": description }));
        }
        schema
    }
}

/// An enum of messages.
#[derive(Debug, Clone, Default)]
pub(super) struct MessageEnum {
    /// Names of its messages.
    pub(super) messages: Vec<String>,
    pub(super) schema: Value,
}

/// Code that handles messages.
#[derive(Debug, Clone)]
pub(super) struct Handler {
    /// Kinds of the messages that it handles.
    pub(super) tags: Vec<String>,
    pub(super) docs: String,
    /// Numbers of the messages that it may answer with, among those that the endpoint sends.
    pub(super) replies: Vec<usize>,
    /// Codes of the errors that it may answer with.
    pub(super) codes: Vec<&'static str>,
    /// True if it may answer with an error.
    pub(super) fails: bool,
    /// True if it may close the connection.
    pub(super) closes: bool,
    /// True if it may answer with messages that have no type.
    pub(super) answers_untyped: bool,
}

impl Handler {
    /// Returns true if it handles the message.
    pub(super) fn handles(&self, message: &DescribedMessage) -> bool {
        self.tags.contains(&message.schema.tag)
    }
}

/// Limits that clients have to know, and the codes that the connection is closed with.
#[derive(Debug, Clone)]
pub(super) struct ClientLimits {
    /// Longest message, in bytes.
    pub(super) max_message_size: usize,
    /// Time without a message after which the connection is closed.
    pub(super) idle_timeout: Option<Duration>,
    /// Time without a message after which the client's program is asked for a sign of life.
    pub(super) liveness_interval: Option<Duration>,
    /// Messages and bytes that may be sent.
    pub(super) message_rate: Option<Rate>,
    pub(super) byte_rate: Option<Rate>,
    /// Codes, each with its reason. Not known are those of the application, and those of the limits
    /// and the drain of a server.
    pub(super) close_codes: Vec<(u16, &'static str)>,
}

impl ClientLimits {
    pub(super) fn of(config: &WebSocketConfig, endpoint: &EndpointDescription) -> Self {
        let EndpointDescription { on_malformed, takes_binary, .. } = endpoint;
        let codes = &config.close_codes;
        let mut close_codes = vec![
            (CloseCode::NORMAL, "the endpoint is done"),
            (CloseCode::GOING_AWAY, "the server shuts down: come back, after a random pause"),
            (CloseCode::PROTOCOL, "the client has broken the WebSocket protocol"),
            (CloseCode::INVALID_DATA, "text that is not UTF-8"),
            (CloseCode::TOO_BIG, "a message is longer than `maxMessageSize`"),
            (CloseCode::INTERNAL_ERROR, "the server met an unexpected condition"),
            (codes.expired, "the authorization has expired"),
        ];
        // A loop of the program's own closes by its own rules.
        let (is_malformed, reacts) = match on_malformed {
            Some(OnMalformed::Reply) => ("too many malformed messages", true),
            Some(OnMalformed::Close) => ("a malformed message", true),
            Some(OnMalformed::Ignore) | None => ("", false),
        };
        let pings = config.keepalive_interval.is_some()
            || endpoint.received.is_some() && config.liveness_interval.is_some();
        let is_limited = config.message_rate.is_some() || config.byte_rate.is_some();
        let others = [
            (reacts && !takes_binary, CloseCode::UNSUPPORTED, "a binary message, where text is expected"),
            (reacts, codes.malformed, is_malformed),
            (endpoint.may_enter_rooms(), codes.lagged, "the client was too slow for a room"),
            (pings, codes.keepalive_timeout, "no answer to a ping"),
            (
                is_limited && config.on_rate_exceeded == RateExceeded::Close,
                codes.rate_exceeded,
                "more messages than `messageRate`, or more bytes than `byteRate`",
            ),
        ];
        close_codes.extend(
            others.into_iter().filter(|(occurs, ..)| *occurs).map(|(_, code, reason)| (code, reason)),
        );
        close_codes.extend(config.idle_timeout.map(|_| (codes.idle_timeout, "no message for `idleTimeout`")));
        close_codes.sort_by_key(|(code, _)| *code);
        Self {
            max_message_size: config.max_message_size,
            idle_timeout: config.idle_timeout,
            liveness_interval: config.liveness_interval,
            message_rate: config.message_rate,
            byte_rate: config.byte_rate,
            close_codes,
        }
    }
}

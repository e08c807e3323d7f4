//! Operations of an endpoint: what it receives, and what it sends.

use serde_json::{Value, json};

use super::{library_messages::LibraryMessage, parts::reference};
use crate::contract::endpoint_contract::{DescribedMessage, EndpointContract, Handler};

/// Returns the operations of an endpoint: one for each handler, for messages without one, for all
/// that is sent, for data without a form of its own, and for the library's own messages. AsyncAPI's
/// words are the server's: it receives what clients send.
pub(super) fn operations(endpoint: &EndpointContract) -> Vec<(String, Value)> {
    let mut operations: Vec<(&str, Value)> =
        endpoint.handlers.iter().filter_map(|handler| handled(endpoint, handler)).collect();
    let received = endpoint.received.iter().flat_map(|received| &received.messages);
    let unhandled: Vec<_> =
        received.filter(|message| endpoint.handler_of(message).is_none()).map(name_of).collect();
    if !unhandled.is_empty() {
        // Without handlers, the endpoint's own loop receives them all.
        let name = if endpoint.handlers.is_empty() { "receive" } else { "unhandled" };
        operations.push((name, operation(endpoint, "receive", &unhandled)));
    }
    if let Some(sent) = &endpoint.sent {
        let messages: Vec<_> = sent.messages.iter().map(name_of).collect();
        operations.push(("send", operation(endpoint, "send", &messages)));
    }
    operations.extend(of_raw(endpoint));
    operations.extend(of_library(endpoint));
    let named = |(name, operation)| (format!("{}.{name}", endpoint.name), operation);
    operations.into_iter().map(named).collect()
}

fn operation(endpoint: &EndpointContract, action: &str, messages: &[&str]) -> Value {
    let messages: Vec<Value> = messages.iter().map(|name| channel_message(endpoint, name)).collect();
    json!({ "action": action, "channel": reference(&["channels", &endpoint.name]), "messages": messages })
}

/// Returns the operation of a handler, unless none of the messages is left for it.
fn handled<'a>(endpoint: &'a EndpointContract, handler: &Handler) -> Option<(&'a str, Value)> {
    let received = endpoint.received.iter().flat_map(|received| &received.messages);
    let messages: Vec<_> = received.filter(|message| handler.handles(message)).map(name_of).collect();
    let name = match messages[..] {
        [] => return None,
        [message] => message,
        _ => "receive",
    };
    let mut operation = operation(endpoint, "receive", &messages);
    let Handler { docs, codes, fails, closes, answers_untyped, .. } = handler;
    if !docs.is_empty() {
        operation["description"] = json!(docs);
    }
    let replies = endpoint.replies_of(handler).map(name_of);
    let errors = fails.then(|| LibraryMessage::Error.name());
    let raw = answers_untyped.then(|| LibraryMessage::Raw.name());
    let replies: Vec<_> = replies.chain(errors).chain(raw).collect();
    if !replies.is_empty() {
        operation["reply"] = reply(endpoint, &replies);
    }
    if !codes.is_empty() || *closes || *answers_untyped {
        operation["x-ignitia"] =
            json!({ "errorCodes": codes, "mayClose": closes, "mayAnswerUntyped": answers_untyped });
    }
    Some((name, operation))
}

/// Returns the operations with data without a form of its own. They have the usual names where
/// there is nothing else.
fn of_raw(endpoint: &EndpointContract) -> Vec<(&'static str, Value)> {
    let of = |action| operation(endpoint, action, &[LibraryMessage::Raw.name()]);
    let mut operations = Vec::new();
    if endpoint.receives_raw() {
        let name = if endpoint.received.is_none() { "receive" } else { "receiveRaw" };
        operations.push((name, of("receive")));
    }
    if endpoint.sends_untyped {
        operations.push((if endpoint.sent.is_none() { "send" } else { "sendRaw" }, of("send")));
    }
    operations
}

/// Returns the operations with the library's own messages.
fn of_library(endpoint: &EndpointContract) -> Vec<(&'static str, Value)> {
    let all = LibraryMessage::all_of(endpoint).into_iter();
    let notices: Vec<_> = all.filter(|message| message.is_notice()).map(LibraryMessage::name).collect();
    let probe = |action| {
        let mut probe = operation(endpoint, action, &[LibraryMessage::Ping.name()]);
        probe["reply"] = reply(endpoint, &[LibraryMessage::Pong.name()]);
        probe
    };
    let mut operations = Vec::new();
    if !notices.is_empty() {
        operations.push(("notices", operation(endpoint, "send", &notices)));
    }
    if endpoint.received.is_some() {
        operations.push(("ping", probe("receive")));
        operations.extend(endpoint.limits.liveness_interval.map(|_| ("probe", probe("send"))));
    }
    operations
}

fn reply(endpoint: &EndpointContract, messages: &[&str]) -> Value {
    let messages: Vec<Value> = messages.iter().map(|name| channel_message(endpoint, name)).collect();
    json!({ "channel": reference(&["channels", &endpoint.name]), "messages": messages })
}

fn channel_message(endpoint: &EndpointContract, name: &str) -> Value {
    reference(&["channels", &endpoint.name, "messages", name])
}

fn name_of(message: &DescribedMessage) -> &str {
    &message.name
}

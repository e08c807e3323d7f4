//! Contracts as AsyncAPI documents.

mod library_messages;
mod parts;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::{Map, Value, json};

use self::{
    library_messages::LibraryMessage,
    parts::{correlation_id, id_schema, object, reference},
};
use super::{
    definitions::unique,
    endpoint_contract::{DescribedMessage, EndpointContract, Handler, Messages, PathParameter},
    interface::Interface,
    message_direction::MessageDirection,
    references::{DEFINITIONS, references},
    wording::pascal_case,
};
use crate::{dispatch::Tagging, limits::Rate};

/// Returns the AsyncAPI 3.0 document of endpoints.
pub(super) fn document(interface: &Interface) -> Value {
    let Interface { info, endpoints, problems, .. } = interface;
    let names = component_names(endpoints);
    let mut messages = Map::new();
    let codes = interface.error_codes();
    for endpoint in endpoints {
        for (all, message) in endpoint.all_messages() {
            let name = &names[&(&*message.name, endpoint.id)];
            messages.entry(name.clone()).or_insert_with(|| message_object(endpoint, all, message));
        }
        for message in LibraryMessage::all_of(endpoint) {
            let id = message.id_of(endpoint);
            let name = &names[&(message.name(), id)];
            messages.entry(name.clone()).or_insert_with(|| message.message(id, &codes));
        }
    }
    let mut about = json!({ "title": info.title, "version": info.version });
    if !info.description.is_empty() {
        about["description"] = json!(info.description);
    }
    let mut document = json!({
        "asyncapi": "3.0.0",
        "info": about,
        "defaultContentType": "application/json",
        "channels": object(endpoints.iter().map(|endpoint| (endpoint.name.clone(), channel(endpoint, &names)))),
        "operations": object(endpoints.iter().flat_map(operations)),
        "components": {
            "messages": messages,
            "schemas": schemas(interface),
        },
    });
    if let Some(server) = &info.server {
        document["servers"] = json!({ "server": server });
    }
    if !problems.is_empty() {
        document["x-ignitia"] = json!({ "problems": problems });
    }
    document
}

/// Returns the definitions, and the enums of messages that occur in other types.
fn schemas(interface: &Interface) -> Map<String, Value> {
    let mut schemas: Map<String, Value> =
        interface.definitions.iter().map(|(name, schema)| (name.clone(), schema.clone())).collect();
    let messages = interface.endpoints.iter().flat_map(EndpointContract::all_messages);
    let mut open: Vec<&Value> = interface.definitions.values().collect();
    open.extend(messages.map(|(_, message)| &message.schema.schema));
    while let Some(schema) = open.pop() {
        references(schema, &mut |reference| {
            let name = reference.strip_prefix(DEFINITIONS).unwrap_or_default();
            if let Some(found) = interface.enums.get(name)
                && schemas.insert(name.to_owned(), found.schema.clone()).is_none()
            {
                open.push(&found.schema);
            }
        });
    }
    schemas
}

/// Names of the messages among those of all endpoints, by their names and the id that they may
/// have. The first one has its own name.
type ComponentNames<'a> = BTreeMap<(&'a str, Option<&'static str>), String>;

fn component_names(endpoints: &[EndpointContract]) -> ComponentNames<'_> {
    let mut names = ComponentNames::new();
    let mut known = BTreeSet::new();
    for endpoint in endpoints {
        let own = endpoint.all_messages().map(|(_, message)| (&*message.name, endpoint.id));
        let of_library = LibraryMessage::all_of(endpoint).into_iter();
        let of_library = of_library.map(|message| (message.name(), message.id_of(endpoint)));
        for (message, id) in own.chain(of_library) {
            names.entry((message, id)).or_insert_with(|| {
                let other = id.map_or_else(|| "WithoutId".to_owned(), pascal_case);
                let is_first = !known.contains(message);
                let wanted = if is_first { message.to_owned() } else { format!("{message}.{other}") };
                let given = unique(&wanted, |name| !known.contains(name));
                known.insert(given.clone());
                given
            });
        }
    }
    names
}

fn channel(endpoint: &EndpointContract, names: &ComponentNames<'_>) -> Value {
    let EndpointContract { name, docs, path, parameters, query, subprotocols, .. } = endpoint;
    let own = endpoint.all_messages().map(|(_, message)| (&*message.name, endpoint.id));
    let of_library = LibraryMessage::all_of(endpoint).into_iter();
    let of_library = of_library.map(|message| (message.name(), message.id_of(endpoint)));
    let messages = own
        .chain(of_library)
        .map(|key| (key.0.to_owned(), reference(&["components", "messages", &names[&key]])));
    let address = parameters.iter().fold(path.clone(), |path, PathParameter { name, is_tail, .. }| {
        // A parameter is a name in AsyncAPI: the rest of a path cannot be told apart.
        if *is_tail { path.replace(&format!("{{*{name}}}"), &format!("{{{name}}}")) } else { path }
    });
    let mut channel = json!({
        "address": address,
        "title": name,
        "messages": object(messages),
        "x-ignitia": extension(endpoint),
    });
    if !docs.is_empty() {
        channel["description"] = json!(docs);
    }
    if !parameters.is_empty() {
        let parameter = |PathParameter { name, schema, .. }: &PathParameter| {
            let mut parameter = Map::new();
            if let Some(text) = schema.get("description") {
                parameter.insert("description".into(), text.clone());
            }
            if let Some(values) = schema.get("enum") {
                parameter.insert("enum".into(), values.clone());
            }
            (name.clone(), Value::Object(parameter))
        };
        channel["parameters"] = object(parameters.iter().map(parameter));
    }
    let mut binding = json!({ "method": "GET", "bindingVersion": "0.1.0" });
    match &query[..] {
        [] => {}
        [query] => binding["query"] = query.clone(),
        several => binding["query"] = json!({ "type": "object", "allOf": several }),
    }
    if !subprotocols.is_empty() {
        binding["headers"] = json!({
            "type": "object",
            "properties": { "Sec-WebSocket-Protocol": { "type": "string", "enum": subprotocols } },
        });
    }
    channel["bindings"] = json!({ "ws": binding });
    channel
}

/// Returns what AsyncAPI has no place for.
fn extension(endpoint: &EndpointContract) -> Value {
    let EndpointContract { id, received, sent, limits, parameters, resumes, .. } = endpoint;
    let EndpointContract { takes_binary, takes_text, sends_untyped, .. } = endpoint;
    let close_codes =
        limits.close_codes.iter().map(|(code, reason)| json!({ "code": code, "reason": reason }));
    let mut extension = json!({
        "maxMessageSize": limits.max_message_size,
        "closeCodes": close_codes.collect::<Value>(),
        "parameters": object(parameters.iter().map(|parameter| {
            (parameter.name.clone(), json!({ "schema": parameter.schema, "isTail": parameter.is_tail }))
        })),
    });
    let mut add = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            extension[name] = value;
        }
    };
    add("idleTimeout", limits.idle_timeout.map(seconds));
    add("livenessInterval", limits.liveness_interval.map(seconds));
    add("messageRate", limits.message_rate.map(rate));
    add("byteRate", limits.byte_rate.map(rate));
    add("id", id.map(Value::from));
    add("resumes", resumes.then(|| Value::from(true)));
    add("takesBinary", takes_binary.then(|| Value::from(true)));
    add("takesText", takes_text.then(|| Value::from(true)));
    add("sendsUntyped", sends_untyped.then(|| Value::from(true)));
    add("received", received.as_ref().map(representation));
    add("sent", sent.as_ref().map(representation));
    extension
}

/// Returns a time in seconds.
fn seconds(time: Duration) -> Value {
    Value::from(time.as_secs_f64())
}

fn rate(rate: Rate) -> Value {
    json!({ "perSecond": rate.per_second, "burst": rate.burst })
}

/// Returns the representation of messages: the names of the fields for the kind and the content.
fn representation(messages: &Messages) -> Value {
    match messages.tagging {
        Tagging::Internal { tag } => json!({ "tag": tag }),
        Tagging::Adjacent { tag, content } => json!({ "tag": tag, "content": content }),
        Tagging::External => json!({}),
    }
}

/// Returns the operations of an endpoint: one for each handler, for messages without one, for all
/// that is sent, and for the library's own messages. AsyncAPI's words are the server's: it receives
/// what clients send.
fn operations(endpoint: &EndpointContract) -> Vec<(String, Value)> {
    let mut operations: Vec<(&str, Value)> =
        endpoint.handlers.iter().filter_map(|handler| handled(endpoint, handler)).collect();
    let received = endpoint.received.iter().flat_map(|received| &received.messages);
    let unhandled: Vec<_> =
        received.filter(|message| endpoint.handler_of(message).is_none()).map(name_of).collect();
    if !unhandled.is_empty() {
        operations.push(("unhandled", operation(endpoint, "receive", &unhandled)));
    }
    if let Some(sent) = &endpoint.sent {
        let messages: Vec<_> = sent.messages.iter().map(name_of).collect();
        operations.push(("send", operation(endpoint, "send", &messages)));
    }
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
    let replies: Vec<_> = replies.chain(fails.then(|| LibraryMessage::Error.name())).collect();
    if !replies.is_empty() {
        operation["reply"] = reply(endpoint, &replies);
    }
    if !codes.is_empty() || *closes || *answers_untyped {
        operation["x-ignitia"] =
            json!({ "errorCodes": codes, "mayClose": closes, "mayAnswerUntyped": answers_untyped });
    }
    Some((name, operation))
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
    if endpoint.is_typed() {
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

fn message_object(endpoint: &EndpointContract, all: &Messages, message: &DescribedMessage) -> Value {
    let mut payload = message.schema.schema.clone();
    let id = endpoint.id.filter(|_| all.tagging != Tagging::External);
    if let (Some(id), Some(fields)) = (id, payload.as_object_mut()) {
        let properties = fields.entry("properties").or_insert_with(|| json!({}));
        properties[id] = id_schema(all.direction);
    }
    if all.direction == MessageDirection::Sent
        && endpoint.may_enter_rooms
        && let Some(Value::Object(properties)) = payload.get_mut("properties")
    {
        let description = "Position in the history of the room that the message is from.";
        properties.insert("$at".into(), json!({ "type": "string", "description": description }));
    }
    // Generators of code name a type by the title of its schema.
    payload["title"] = json!(message.name);
    let mut object = json!({ "name": message.schema.tag, "title": message.name, "payload": payload });
    if let Some(id) = id {
        object["correlationId"] = correlation_id(id);
    }
    if let Some(text) = message.schema.schema.get("description") {
        object["description"] = text.clone();
    }
    object
}

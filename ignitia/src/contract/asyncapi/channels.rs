//! Channels: the endpoints of a document.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{
    component_names::{ComponentNames, keys},
    parts::{object, reference},
};
use crate::{
    contract::{
        endpoint_contract::{EndpointContract, Messages, PathParameter},
        interface::Interface,
    },
    dispatch::Tagging,
    limits::Rate,
};

/// Keywords of an object of fields, which two schemas may have in common.
const FIELDS: &[&str] = &["additionalProperties", "description", "properties", "required", "title", "type"];

/// Returns the channel of an endpoint.
pub(super) fn channel(
    endpoint: &EndpointContract,
    names: &ComponentNames<'_>,
    interface: &Interface,
) -> Value {
    let EndpointContract { name, docs, path, parameters, subprotocols, .. } = endpoint;
    let messages =
        keys(endpoint).map(|key| (key.0.to_owned(), reference(&["components", "messages", &names[&key]])));
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
            let schema = interface.resolved(schema);
            let mut parameter = Map::new();
            if let Some(text) = schema.get("description") {
                parameter.insert("description".into(), text.clone());
            }
            if let Some(values) = texts(schema, interface) {
                parameter.insert("enum".into(), json!(values));
            }
            (name.clone(), Value::Object(parameter))
        };
        channel["parameters"] = object(parameters.iter().map(parameter));
    }
    let mut binding = json!({ "method": "GET", "bindingVersion": "0.1.0" });
    if let Some(query) = query(endpoint) {
        binding["query"] = query;
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

/// Returns the schema of the query; `None` if nothing is read from it. AsyncAPI wants the fields of
/// all its parts in one object.
fn query(endpoint: &EndpointContract) -> Option<Value> {
    let EndpointContract { query, resumes, .. } = endpoint;
    let mut schemas = query.clone();
    if *resumes {
        let description =
            "Position up to which the client has seen the history of a room: at most 16 of them.";
        schemas.push(json!({ "properties": { "$at": {
            "type": "array",
            "items": { "type": "string" },
            "description": description,
        } } }));
    }
    let mut schemas = schemas.into_iter();
    let mut whole = schemas.next()?;
    whole["type"] = json!("object");
    let (mut properties, mut required) = (taken(&mut whole, "properties"), taken(&mut whole, "required"));
    let mut others = Vec::new();
    for mut schema in schemas {
        // The fields of the one are unknown to the other.
        if let Some(fields) = whole.as_object_mut() {
            fields.remove("additionalProperties");
        }
        if schema.as_object().is_some_and(|fields| fields.keys().all(|keyword| FIELDS.contains(&&**keyword)))
        {
            merge(&mut properties, taken(&mut schema, "properties"));
            merge(&mut required, taken(&mut schema, "required"));
        } else {
            others.push(schema);
        }
    }
    whole["properties"] = if properties.is_null() { json!({}) } else { properties };
    if !required.is_null() {
        whole["required"] = required;
    }
    if !others.is_empty() {
        let before = taken(&mut whole, "allOf");
        whole["allOf"] = others.into();
        merge(&mut whole["allOf"], before);
    }
    Some(whole)
}

fn taken(schema: &mut Value, keyword: &str) -> Value {
    schema.as_object_mut().and_then(|fields| fields.remove(keyword)).unwrap_or_default()
}

/// Adds what an object or a list does not have yet.
fn merge(all: &mut Value, more: Value) {
    match (all, more) {
        (Value::Object(all), Value::Object(more)) => {
            for (name, value) in more {
                all.entry(name).or_insert(value);
            }
        }
        (Value::Array(all), Value::Array(more)) => {
            let new: Vec<Value> = more.into_iter().filter(|value| !all.contains(value)).collect();
            all.extend(new);
        }
        (all @ Value::Null, more) => *all = more,
        _ => {}
    }
}

/// Returns the texts that a schema allows, if they are few.
fn texts(schema: &Value, interface: &Interface) -> Option<Vec<String>> {
    let schema = interface.resolved(schema);
    let text = |value: &Value| Some(vec![value.as_str()?.to_owned()]);
    if let Some(value) = schema.get("const") {
        return text(value);
    }
    let all = |values: &Value, texts: &dyn Fn(&Value) -> Option<Vec<String>>| {
        values.as_array()?.iter().map(texts).collect::<Option<Vec<_>>>().map(|texts| texts.concat())
    };
    if let Some(values) = schema.get("enum") {
        return all(values, &text);
    }
    all(schema.get("oneOf").or_else(|| schema.get("anyOf"))?, &|schema| texts(schema, interface))
}

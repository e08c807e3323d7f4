//! Schemas of single messages, from the schema of their enum.

use serde_json::{Map, Value, json};

use crate::dispatch::Tagging;

/// Keywords of fields beside the tag.
const CONTENT: &[&str] = &["properties", "patternProperties", "$ref"];

/// Keywords that combine schemas.
const COMBINATIONS: &[&str] = &["allOf", "anyOf", "oneOf"];

/// Schema of the messages of one kind.
#[derive(Debug, Clone)]
pub(super) struct MessageSchema {
    /// Kind of the message on the wire.
    pub(super) tag: String,
    /// Schema of the whole message.
    pub(super) schema: Value,
}

/// Returns the schemas of an enum's messages; `None` if one of its variants has no tag.
pub(super) fn message_schemas(schema: &Value, tagging: Tagging) -> Option<Vec<MessageSchema>> {
    let mut messages = Vec::new();
    for variant in variants(schema) {
        match tagging {
            Tagging::Internal { tag } | Tagging::Adjacent { tag, .. } => {
                messages.push(MessageSchema {
                    tag: constant(variant.get("properties")?.get(tag)?)?,
                    schema: variant,
                });
            }
            Tagging::External => external(variant, &mut messages)?,
        }
    }
    Some(messages)
}

/// Returns the schema of what a message carries beside its tag; `None` if it carries nothing.
pub(super) fn payload(message: &Value, tagging: Tagging) -> Option<Value> {
    let properties = message.get("properties");
    match tagging {
        Tagging::Internal { tag } => {
            let mut payload = message.clone();
            let fields = payload.as_object_mut()?;
            remove_property(fields, tag);
            let has_own = CONTENT.iter().any(|keyword| fields.contains_key(*keyword))
                || fields.get("additionalProperties").is_some_and(|rest| *rest != json!(false));
            if !has_own && COMBINATIONS.iter().any(|keyword| fields.contains_key(*keyword)) {
                // All that is left of it is said by what it combines.
                fields.remove("type");
                return Some(payload);
            }
            has_own.then_some(payload)
        }
        Tagging::Adjacent { content, .. } => properties?.get(content).cloned(),
        Tagging::External => properties?.as_object()?.values().next().cloned(),
    }
}

/// Removes a property from the schema of an object.
fn remove_property(fields: &mut Map<String, Value>, name: &str) {
    if let Some(Value::Object(properties)) = fields.get_mut("properties") {
        properties.remove(name);
        if properties.is_empty() {
            fields.remove("properties");
        }
    }
    if let Some(Value::Array(required)) = fields.get_mut("required") {
        required.retain(|required| required != name);
        if required.is_empty() {
            fields.remove("required");
        }
    }
}

/// Returns the alternatives of an enum.
fn variants(schema: &Value) -> Vec<Value> {
    for keyword in ["oneOf", "anyOf"] {
        if let Some(Value::Array(variants)) = schema.get(keyword) {
            return variants.clone();
        }
    }
    vec![schema.clone()]
}

/// Adds the messages of an alternative without a tag: an object with one field, or texts.
fn external(variant: Value, messages: &mut Vec<MessageSchema>) -> Option<()> {
    if let Some(Value::Array(tags)) = variant.get("enum") {
        for tag in tags {
            messages.push(MessageSchema {
                tag: tag.as_str()?.to_owned(),
                schema: json!({ "const": tag, "type": "string" }),
            });
        }
        return Some(());
    }
    let tag = match constant(&variant) {
        Some(tag) => tag,
        None => variant.get("required")?.get(0)?.as_str()?.to_owned(),
    };
    messages.push(MessageSchema { tag, schema: variant });
    Some(())
}

/// Returns the only text that a schema allows.
fn constant(schema: &Value) -> Option<String> {
    let only = || schema.get("enum")?.as_array().filter(|values| values.len() == 1)?.first();
    Some(schema.get("const").or_else(only)?.as_str()?.to_owned())
}

//! Parts of documents.

use serde_json::{Value, json};

use crate::contract::message_direction::MessageDirection;

pub(super) fn id_schema(direction: MessageDirection) -> Value {
    let description = match direction {
        MessageDirection::Received => "Chosen by the client; the replies repeat it.",
        MessageDirection::Sent => "The id of the request, if this is a reply to one.",
    };
    json!({ "type": ["string", "number"], "maxLength": 128, "description": description })
}

pub(super) fn correlation_id(name: &str) -> Value {
    json!({ "location": format!("$message.payload#/{}", pointer_part(name)) })
}

pub(super) fn reference(path: &[&str]) -> Value {
    let escaped: Vec<String> = path.iter().map(|part| pointer_part(part)).collect();
    json!({ "$ref": format!("#/{}", escaped.join("/")) })
}

/// Escapes a part of a JSON pointer (RFC 6901, section 3).
pub(super) fn pointer_part(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

pub(super) fn object(entries: impl IntoIterator<Item = (String, Value)>) -> Value {
    Value::Object(entries.into_iter().collect())
}

//! Messages of a room's past, in messages of the program.

use serde_json::Value;

use super::interface::Interface;
use crate::rooms::Remembered;

/// Returns a problem for each type with remembered messages whose enum is not named.
pub(super) fn unnamed_messages(interface: &Interface) -> Vec<String> {
    let enums = interface.enums.iter().map(|(name, found)| (name, &found.schema));
    let types = interface.definitions.iter().chain(enums);
    let unnamed = types.filter(|(_, schema)| is_unnamed(schema)).map(|(name, _)| {
        let advice = "name their enum at the field, such as `#[schemars(with = \"Vec<Tell>\")]`";
        format!("`{name}` has messages of a room that are any objects: {advice}")
    });
    unnamed.collect()
}

fn is_unnamed(schema: &Value) -> bool {
    match schema {
        Value::Object(keywords) => {
            keywords.contains_key(Remembered::UNNAMED) || keywords.values().any(is_unnamed)
        }
        Value::Array(values) => values.iter().any(is_unnamed),
        _ => false,
    }
}

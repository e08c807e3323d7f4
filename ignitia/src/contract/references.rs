//! References of schemas to definitions.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::Value;

/// Place of the definitions, as references name it.
pub(super) const DEFINITIONS: &str = "#/components/schemas/";

/// Returns the name of the definition that a reference of schemars refers to. It is encoded as a
/// part of a JSON pointer (RFC 6901, section 6), in the fragment of a URI.
pub(super) fn definition_name(reference: &str) -> Option<Cow<'_, str>> {
    let encoded = reference.strip_prefix(DEFINITIONS)?;
    let name = percent_decode_str(encoded).decode_utf8().ok()?;
    Some(if name.contains('~') { name.replace("~1", "/").replace("~0", "~").into() } else { name })
}

/// Visits the references in a schema.
pub(super) fn references<'a>(schema: &'a Value, visit: &mut impl FnMut(&'a str)) {
    match schema {
        Value::Object(fields) => {
            for (keyword, value) in fields {
                match value {
                    Value::String(reference) if keyword == "$ref" => visit(reference),
                    value => references(value, visit),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, visit)),
        _ => {}
    }
}

/// Visits the references in a schema, to change them.
pub(super) fn visit_references(schema: &mut Value, visit: &mut impl FnMut(&mut String)) {
    match schema {
        Value::Object(fields) => {
            for (keyword, value) in fields {
                match value {
                    Value::String(reference) if keyword == "$ref" => visit(reference),
                    value => visit_references(value, visit),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| visit_references(value, visit)),
        _ => {}
    }
}

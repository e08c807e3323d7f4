//! JSON Schemas as types of TypeScript.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::contract::references::DEFINITIONS;

/// Largest integer up to which a `number` is exact: 2^53 - 1.
const MAX_SAFE: f64 = 9_007_199_254_740_991.0;

/// Length of the longest line into which a union is put.
const LINE: usize = 100;

/// Formats of integers that a `number` holds exactly.
const SHORT_FORMATS: &[&str] = &["int8", "int16", "int32", "uint8", "uint16", "uint32"];

/// Returns the type of a schema's values, as an expression.
pub(super) fn type_of(schema: &Value) -> String {
    union(alternatives(schema))
}

/// Returns the declaration of a type with a name and its documentation.
pub(super) fn declaration(name: &str, schema: &Value) -> String {
    // A type that is itself or another one is that one, and TypeScript has no words for more.
    let others: Vec<String> = alternatives(schema).into_iter().filter(|other| other != name).collect();
    union_declaration(name, schema, &others)
}

/// Returns the declaration of the union of types, with the documentation of a schema.
pub(super) fn union_declaration(name: &str, schema: &Value, types: &[String]) -> String {
    let comment = comment(schema, "");
    let line = format!("export type {name} = {};\n", union(types.to_vec()));
    if types.len() < 2 || line.len() <= LINE {
        return comment + &line;
    }
    format!("{comment}export type {name} =\n  | {};\n", types.join("\n  | "))
}

/// Returns a text as a comment for editors, with a line break, or nothing without a text.
pub(super) fn doc_comment(text: &str, indent: &str) -> String {
    let text = text.replace("*/", "*\u{200b}/");
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    match &lines[..] {
        [] => String::new(),
        [line] => format!("{indent}/** {line} */\n"),
        lines => {
            let mut comment = format!("{indent}/**\n");
            for line in lines {
                let space = if line.is_empty() { "" } else { " " };
                let _ = writeln!(comment, "{indent} *{space}{line}");
            }
            comment + indent + " */\n"
        }
    }
}

/// Returns the name of a property, in quotes if it has to be.
pub(super) fn property_name(name: &str) -> String {
    let is_identifier = name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_' || char == '$')
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && !name.is_empty();
    if is_identifier { name.to_owned() } else { literal(&Value::from(name)) }
}

/// Returns a value as a literal.
pub(super) fn literal(value: &Value) -> String {
    // JavaScript reads U+2028 and U+2029 in strings, but older programs do not.
    value.to_string().replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

fn comment(schema: &Value, indent: &str) -> String {
    schema
        .get("description")
        .and_then(Value::as_str)
        .map_or_else(String::new, |text| doc_comment(text, indent))
}

/// Returns the types of which a value has one.
fn alternatives(schema: &Value) -> Vec<String> {
    let fields = match schema {
        Value::Bool(false) => return vec!["never".into()],
        Value::Object(fields) => fields,
        _ => return vec!["unknown".into()],
    };
    if let Some(Value::String(reference)) = fields.get("$ref") {
        return vec![reference.strip_prefix(DEFINITIONS).unwrap_or("unknown").to_owned()];
    }
    if let Some(value) = fields.get("const") {
        return vec![literal(value)];
    }
    if let Some(Value::Array(values)) = fields.get("enum") {
        return values.iter().map(literal).collect();
    }
    // All of these have to hold at once.
    let mut parts = Vec::new();
    for keyword in ["oneOf", "anyOf"] {
        if let Some(Value::Array(schemas)) = fields.get(keyword) {
            parts.push(schemas.iter().flat_map(alternatives).collect());
        }
    }
    if let Some(Value::Array(schemas)) = fields.get("allOf") {
        parts.extend(schemas.iter().map(alternatives));
    }
    let own = of_instance_types(fields);
    if !own.is_empty() || parts.is_empty() {
        parts.push(own);
    }
    if parts.len() == 1 {
        return parts.remove(0);
    }
    let parts: Vec<String> = parts.into_iter().map(|part: Vec<String>| parenthesized(union(part))).collect();
    vec![parts.join(" & ")]
}

/// Returns the types that `type` names, with the keywords beside it. Empty if nothing is said.
fn of_instance_types(fields: &Map<String, Value>) -> Vec<String> {
    match fields.get("type") {
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).map(|name| of_instance_type(name, fields)).collect()
        }
        Some(Value::String(name)) => vec![of_instance_type(name, fields)],
        _ if fields.contains_key("properties") => vec![object(fields)],
        _ if ["oneOf", "anyOf", "allOf"].iter().any(|keyword| fields.contains_key(*keyword)) => Vec::new(),
        _ => vec!["unknown".into()],
    }
}

fn of_instance_type(name: &str, fields: &Map<String, Value>) -> String {
    match name {
        "string" | "boolean" | "null" | "number" => name.to_owned(),
        "integer" => integer(fields).to_owned(),
        "array" => array(fields),
        "object" => object(fields),
        _ => "unknown".to_owned(),
    }
}

fn integer(fields: &Map<String, Value>) -> &'static str {
    let format = fields.get("format").and_then(Value::as_str).unwrap_or_default();
    let bound = |keyword: &str| fields.get(keyword).and_then(Value::as_f64);
    let is_safe = |bound: Option<f64>| bound.is_some_and(|bound| bound.abs() <= MAX_SAFE);
    let is_short = SHORT_FORMATS.contains(&format) || is_safe(bound("minimum")) && is_safe(bound("maximum"));
    if is_short { "number" } else { "Integer" }
}

fn array(fields: &Map<String, Value>) -> String {
    match fields.get("items") {
        Some(Value::Array(items)) => {
            let items: Vec<String> = items.iter().map(type_of).collect();
            format!("[{}]", items.join(", "))
        }
        Some(item) => {
            let length = |keyword: &str| fields.get(keyword).and_then(Value::as_u64);
            let item = type_of(item);
            match (length("minItems"), length("maxItems")) {
                // An array of Rust has one length. Long ones would fill pages.
                (Some(least), Some(most)) if least == most && most <= 16 => {
                    format!("[{}]", vec![item; most as usize].join(", "))
                }
                _ => format!("{}[]", parenthesized(item)),
            }
        }
        None => "unknown[]".to_owned(),
    }
}

fn object(fields: &Map<String, Value>) -> String {
    let required = fields.get("required").and_then(Value::as_array);
    let is_required =
        |name: &str| required.is_some_and(|required| required.iter().any(|required| required == name));
    let properties = fields.get("properties").and_then(Value::as_object);
    let mut members = Vec::new();
    let mut values = Vec::new();
    // The kind of a message comes first.
    let is_constant = |(_, schema): &(&String, &Value)| schema.get("const").is_some();
    let (constants, variables): (Vec<_>, Vec<_>) = properties.into_iter().flatten().partition(is_constant);
    for (name, schema) in constants.into_iter().chain(variables) {
        let ty = type_of(schema);
        let mark = if is_required(name) { "" } else { "?" };
        members.push(format!("{}{}{mark}: {ty}", inline_comment(schema), property_name(name)));
        values.push(if mark.is_empty() { ty } else { format!("{ty} | undefined") });
    }
    let others = others(fields);
    if !others.is_empty() {
        // A known property belongs to the others, too, as TypeScript sees it.
        values.splice(0..0, others.iter().map(|schema| type_of(schema)));
        members.push(format!("[key: string]: {}", union(values)));
    }
    match &members[..] {
        [] if fields.get("additionalProperties") == Some(&Value::Bool(false)) => {
            "{ [key: string]: never }".to_owned()
        }
        [] => "object".to_owned(),
        members => format!("{{ {} }}", members.join("; ")),
    }
}

/// Returns the schemas of properties without a name of their own.
fn others(fields: &Map<String, Value>) -> Vec<&Value> {
    let patterns = fields.get("patternProperties").and_then(Value::as_object);
    let rest = fields.get("additionalProperties").filter(|rest| **rest != Value::Bool(false));
    patterns.into_iter().flat_map(Map::values).chain(rest).collect()
}

fn inline_comment(schema: &Value) -> String {
    let text = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ").replace("*/", "*\u{200b}/");
    if text.is_empty() { text } else { format!("/** {text} */ ") }
}

/// Returns the union of types, without repetitions.
pub(super) fn union(types: Vec<String>) -> String {
    let mut unique: Vec<String> = Vec::new();
    for ty in types {
        if !unique.contains(&ty) {
            unique.push(ty);
        }
    }
    match &unique[..] {
        [] => "never".to_owned(),
        // Anything is all of it.
        types if types.iter().any(|ty| ty == "unknown") => "unknown".to_owned(),
        types => types.join(" | "),
    }
}

fn parenthesized(ty: String) -> String {
    if ty.contains([' ', '|', '&']) && !is_one_group(&ty) { format!("({ty})") } else { ty }
}

/// Returns true if a type is one pair of brackets or quotes.
fn is_one_group(ty: &str) -> bool {
    let bytes = ty.as_bytes();
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (index, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' | b'(' if !quoted => depth += 1,
            b'}' | b']' | b')' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && !quoted && index + 1 < bytes.len() {
            return false;
        }
    }
    matches!(bytes.first(), Some(b'{' | b'[' | b'(' | b'"'))
}

//! Names that programs in JavaScript, the parser of AsyncAPI among them, cannot have in an object.

use serde_json::Value;

use super::interface::Interface;

/// Members of every object of JavaScript. No message may have their names.
const MEMBERS: &[&str] = &[
    "__defineGetter__",
    "__defineSetter__",
    "__lookupGetter__",
    "__lookupSetter__",
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "toLocaleString",
    "toString",
    "valueOf",
];

/// Names that nothing in a document may have.
const UNREADABLE: &[&str] = &["$ref", "__proto__", "hasOwnProperty"];

/// Names of functions that JavaScript calls by itself, and where.
const CALLED: &[(&str, &str)] = &[("then", "at `await`"), ("toJSON", "in `JSON.stringify`")];

/// Returns the reason why no kind of messages may have the name, if there is one. A client has a
/// function for each kind.
pub(super) fn refusal_of_kind(kind: &str) -> Option<String> {
    if kind.starts_with('$') {
        return Some("which begins like those of the library's own messages: rename it".to_owned());
    }
    let (_, place) = CALLED.iter().find(|(name, _)| *name == kind)?;
    Some(format!(
        "whose function in a client JavaScript calls by itself, {place}: rename it, by `#[serde(rename = ..)]`"
    ))
}

/// Returns true if a type or a message may not have the name.
pub(super) fn is_member(name: &str) -> bool {
    MEMBERS.contains(&name)
}

/// Returns true if nothing in a document may have the name.
pub(super) fn is_unreadable(name: &str) -> bool {
    UNREADABLE.contains(&name)
}

/// Returns a problem for each type with a field that has such a name.
pub(super) fn unreadable_fields(interface: &Interface) -> Vec<String> {
    let mut problems = Vec::new();
    let mut add = |owner: &str, name: &str| {
        let why = "which breaks programs that read the contract: rename it, by `#[serde(rename = ..)]`";
        let problem = format!("{owner} has the name `{name}`, {why}");
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    };
    let enums = interface.enums.iter().map(|(name, found)| (name, &found.schema));
    for (name, schema) in interface.definitions.iter().chain(enums) {
        fields(schema, &mut |field| add(&format!("a field of `{name}`"), field));
    }
    for endpoint in &interface.endpoints {
        let owner = format!("endpoint `{}`: a field of its query", endpoint.name);
        endpoint.query.iter().for_each(|schema| fields(schema, &mut |field| add(&owner, field)));
        let owner = format!("endpoint `{}`: a parameter of its path", endpoint.name);
        let parameters = endpoint.parameters.iter().map(|parameter| &*parameter.name);
        parameters.filter(|name| is_unreadable(name)).for_each(|name| add(&owner, name));
        let owner = format!("endpoint `{}`: its correlation id", endpoint.name);
        endpoint.id.iter().filter(|name| is_unreadable(name)).for_each(|name| add(&owner, name));
    }
    problems
}

/// Visits the fields of such names, however deep they are.
fn fields(schema: &Value, visit: &mut impl FnMut(&str)) {
    match schema {
        Value::Object(keywords) => {
            for (keyword, value) in keywords {
                if let (true, Value::Object(fields)) = (keyword == "properties", value) {
                    fields.keys().filter(|name| is_unreadable(name)).for_each(|name| visit(name));
                }
                self::fields(value, visit);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| fields(value, visit)),
        _ => {}
    }
}

//! Values that a URL can carry: texts, as far as the extractors read them.

use serde_json::{Map, Value};

use super::references::definition_name;

/// Keywords that combine schemas.
const COMBINATIONS: &[&str] = &["allOf", "anyOf", "oneOf"];

/// Schemas of the values of a URL, with the definitions that they refer to.
#[derive(Debug, Clone, Copy)]
pub(super) struct UrlSchemas<'a> {
    pub(super) definitions: &'a Map<String, Value>,
}

impl UrlSchemas<'_> {
    /// Returns true if none of the values is an object or an array, which no text stands for.
    pub(super) fn is_text(self, schema: &Value) -> bool {
        self.is_text_within(schema, &mut Vec::new())
    }

    /// Returns the names of the fields of a query that are no texts, or `None` if its values have
    /// no fields.
    pub(super) fn unfit_fields(self, query: &Value) -> Option<Vec<String>> {
        let mut unfit = Vec::new();
        self.find_unfit(query, &mut unfit, &mut Vec::new()).then_some(unfit)
    }

    fn is_text_within(self, schema: &Value, within: &mut Vec<String>) -> bool {
        let is = |name: &str| name == "object" || name == "array";
        let is_container = match schema.get("type") {
            Some(Value::String(name)) => is(name),
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).any(is),
            _ => false,
        };
        let mut parts = parts(schema);
        !is_container
            && parts.all(|part| self.is_text_within(part, within))
            && self.referred(schema, within, |target, within| self.is_text_within(target, within))
    }

    /// Adds the fields that are no texts. Returns false if a value is no object.
    fn find_unfit(self, schema: &Value, unfit: &mut Vec<String>, within: &mut Vec<String>) -> bool {
        let fields = schema.get("properties").and_then(Value::as_object);
        for (name, field) in fields.into_iter().flatten() {
            if !self.is_text(field) && !unfit.contains(name) {
                unfit.push(name.clone());
            }
        }
        let may_be_object = match schema.get("type") {
            Some(Value::String(name)) => name == "object",
            Some(Value::Array(names)) => names.iter().any(|name| name == "object"),
            _ => true,
        };
        let mut parts = parts(schema);
        may_be_object
            && parts.all(|part| self.find_unfit(part, unfit, within))
            && self.referred(schema, within, |target, within| self.find_unfit(target, unfit, within))
    }

    /// Asks about the definition that a schema refers to, unless the question is under way.
    fn referred(
        self,
        schema: &Value,
        within: &mut Vec<String>,
        ask: impl FnOnce(&Value, &mut Vec<String>) -> bool,
    ) -> bool {
        let name = schema.get("$ref").and_then(Value::as_str).and_then(definition_name);
        let Some(name) = name.filter(|name| within.iter().all(|other| other != name)) else { return true };
        let Some(target) = self.definitions.get(&*name) else { return true };
        within.push(name.into_owned());
        let answer = ask(target, within);
        within.pop();
        answer
    }
}

/// Returns the schemas that a schema combines.
fn parts(schema: &Value) -> impl Iterator<Item = &Value> {
    let combined = COMBINATIONS.iter().filter_map(|keyword| schema.get(keyword)?.as_array());
    combined.flatten()
}

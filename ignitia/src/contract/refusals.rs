//! Messages and queries that a schema allows, and serde refuses.
//!
//! A schema is generated from a type's declaration, and serde may read less: its buffer holds no
//! 128-bit integers, for example. So samples of each type are read, as a connection would read
//! them. An error that serde's derive has no reason for is a problem of the contract. Errors of the
//! program's own code are none: that code may have rules which no schema knows.

use std::{borrow::Cow, collections::HashSet};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::{
    endpoint_contract::EndpointContract,
    endpoint_description::EndpointDescription,
    interface::Interface,
    samples::{KEY, Sample, SampledSchemas, TEXT},
};

/// Longest part of a sample in a problem, in characters.
const LONGEST: usize = 200;

/// Returns a problem for each kind of messages and each query of which a sample is refused.
pub(super) fn refusals(interface: &Interface, described: &[EndpointDescription]) -> Vec<String> {
    let mut check =
        Check { schemas: SampledSchemas::of(interface), known: HashSet::new(), problems: Vec::new() };
    for (endpoint, description) in interface.endpoints.iter().zip(described) {
        check.messages(endpoint, description);
        check.queries(endpoint, description);
    }
    check.problems
}

struct Check<'a> {
    schemas: SampledSchemas<'a>,
    /// Types that were looked at.
    known: HashSet<&'static str>,
    problems: Vec<String>,
}

impl Check<'_> {
    fn messages(&mut self, endpoint: &EndpointContract, description: &EndpointDescription) {
        let (Some(received), Some(described)) = (&endpoint.received, &description.received) else { return };
        let type_name = described.schema.type_name;
        if !self.known.insert(type_name) {
            return;
        }
        for message in &received.messages {
            let samples = self.schemas.samples(&message.schema.schema);
            let refused = samples.iter().find_map(|sample| {
                let text = sample.value.to_string();
                let error = (described.refusal)(&text).filter(|error| is_of_serde(error, sample))?;
                Some((text, error))
            });
            if let Some((text, error)) = refused {
                let advice = advice_for(&error);
                self.add(&endpoint.name, type_name, &text, &error, advice);
            }
        }
    }

    fn queries(&mut self, endpoint: &EndpointContract, description: &EndpointDescription) {
        let described = description.query.iter().filter(|query| query.schema.schema.is_some());
        for (described, schema) in described.zip(&endpoint.query) {
            if !self.known.insert(described.schema.type_name) {
                continue;
            }
            let samples = self.schemas.samples(schema);
            let refused = samples.iter().find_map(|sample| {
                let query = as_query(sample)?;
                let error = (described.reader.query)(&query)?;
                // The program's own rules are the same for both.
                let is_read_as_json = || (described.reader.json)(&sample.value.to_string()).is_none();
                (is_of_serde(&error, sample) || is_read_as_json()).then_some((query, error))
            });
            if let Some((query, error)) = refused {
                let advice = advice_for_query(&error);
                self.add(&endpoint.name, described.schema.type_name, &query, &error, advice);
            }
        }
    }

    fn add(&mut self, endpoint: &str, type_name: &str, text: &str, error: &str, advice: &str) {
        let mut shown: Cow<'_, str> = text.into();
        if text.chars().count() > LONGEST {
            shown = text.chars().take(LONGEST).chain("..".chars()).collect();
        }
        // The place in the sample says nothing.
        let error = error.split(" at line ").next().unwrap_or(error);
        self.problems.push(format!(
            "endpoint `{endpoint}`: `{type_name}` refuses `{shown}`, which its schema allows ({error}): {advice}"
        ));
    }
}

/// Returns true if a text has the key of samples. serde_json swallows its first character where it
/// expects a Boolean.
fn has_key(text: &str) -> bool {
    text.contains(&KEY[1..])
}

/// Returns true if an error is about the form of a value, which serde's derive and the schema both
/// know, and not about its content.
fn is_of_serde(error: &str, sample: &Sample) -> bool {
    let own = |text: &str| error.contains(text);
    if own("128 is not supported") || own("missing field") {
        return true;
    }
    if own("unknown field") || own("unknown variant") {
        return !has_key(error) && !own(TEXT);
    }
    let Some((_, found)) = error.split_once("invalid type: ") else { return false };
    let is_unknown = sample.is_open && (found.starts_with("null") || found.starts_with("unit value"));
    // The text of a key need not be right, but it has to be a text.
    let is_key = has_key(found)
        && !["a tuple", "tuple", "struct", "a sequence", "an array", "a map", "unit"]
            .iter()
            .any(|expected| found.contains(&format!("expected {expected}")));
    !is_unknown && !is_key
}

fn advice_for(error: &str) -> &'static str {
    if error.contains("128 is not supported") || error.contains(r#"string "1", expected"#) {
        return "serde keeps a flattened field, and an enum inside with a tag or without any, in a \
            buffer that has no 128-bit integers and only texts as keys: write texts \
            (`HashMap<String, _>`), or take the field out of there";
    }
    if has_key(error) {
        return "the keys of JSON are texts: take keys that serde writes as texts, or a list of pairs";
    }
    "let `#[schemars(..)]` say what serde reads"
}

fn advice_for_query(error: &str) -> &'static str {
    if error.contains("128 is not supported") {
        return "a query has no integers of 128 bits: read a `String`";
    }
    if error.contains("missing field") {
        return "a query has no `null`, only fields that are left out: add `#[serde(default)]`, or remove \
            the field";
    }
    if error.contains("invalid type: map") {
        return "a query is read as the fields of a struct: take one, with an `Option` in place of each \
            variant";
    }
    if error.contains("unknown field") {
        return "let `#[schemars(..)]` say what serde reads";
    }
    if has_key(error) {
        return "the names in a query are texts: take a map with texts as keys";
    }
    "numbers and Booleans are read in the fields of the struct itself, and all that is in a flattened \
        struct or in an enum is texts: give the fields to the struct itself, or take a second `Query<..>`"
}

/// Writes an object as a query; `None` if it has a value that no text stands for.
fn as_query(sample: &Sample) -> Option<String> {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let mut parameters = Vec::new();
    for (name, value) in sample.value.as_object()? {
        let text = match value {
            // It may be one of any form, which is not left out.
            Value::Null if sample.is_open => return None,
            Value::Null => continue,
            Value::String(text) => text.clone(),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
            Value::Array(_) | Value::Object(_) => return None,
        };
        parameters.push(format!("{}={}", encoded(name), encoded(&text)));
    }
    Some(parameters.join("&"))
}

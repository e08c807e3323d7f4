//! Contracts: what they say of endpoints, and the documents that are made of them.

mod clashes;
mod console;
mod descriptions;
mod endings;
mod hostile_names;
mod in_urls;
mod many_endpoints;
mod names;
mod positions;
mod raw_data;
mod refusals;
mod refused_queries;
mod serde_and_schema;
mod serving;
mod silence;
mod unknown;

use ignitia::{contract::Contract, prelude::*};
use serde_json::Value;

/// Returns the AsyncAPI document of a router.
fn document(router: &Router) -> Value {
    parsed(&router.contract())
}

fn parsed(contract: &Contract) -> Value {
    serde_json::from_str(&contract.asyncapi()).unwrap()
}

/// Returns the names of an object's fields.
fn keys(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

/// Returns the close codes of an endpoint.
fn close_codes(document: &Value, endpoint: &str) -> Vec<u64> {
    let codes = document["channels"][endpoint]["x-ignitia"]["closeCodes"].as_array().unwrap();
    codes.iter().map(|code| code["code"].as_u64().unwrap()).collect()
}

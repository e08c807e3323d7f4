//! All endpoints of a contract, and what is said of them together.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    endpoint_contract::{EndpointContract, MessageEnum},
    references::DEFINITIONS,
};
use crate::dispatch::MALFORMED_CODES;

/// All endpoints of a contract, with the types that they share.
#[derive(Debug, Clone)]
pub(super) struct Interface {
    pub(super) info: Info,
    pub(super) endpoints: Vec<EndpointContract>,
    /// Enums of messages, by name.
    pub(super) enums: BTreeMap<String, MessageEnum>,
    /// Definitions of all other types, by name.
    pub(super) definitions: BTreeMap<String, Value>,
    pub(super) problems: Vec<String>,
}

impl Interface {
    /// Returns the definition that a schema refers to, or the schema itself.
    pub(super) fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let reference = schema.get("$ref").and_then(Value::as_str);
        let name = reference.and_then(|reference| reference.strip_prefix(DEFINITIONS));
        let defined = name.and_then(|name| {
            self.definitions.get(name).or_else(|| self.enums.get(name).map(|found| &found.schema))
        });
        defined.unwrap_or(schema)
    }

    /// Returns all codes of errors that are known, in alphabetical order.
    pub(super) fn error_codes(&self) -> Vec<&'static str> {
        let handlers = self.endpoints.iter().flat_map(|endpoint| &endpoint.handlers);
        let codes = handlers.flat_map(|handler| &handler.codes).chain(MALFORMED_CODES);
        codes.copied().collect::<BTreeSet<_>>().into_iter().collect()
    }
}

/// Data that the endpoints do not have.
#[derive(Debug, Clone)]
pub(super) struct Info {
    pub(super) title: String,
    pub(super) version: String,
    pub(super) description: String,
    /// The server as AsyncAPI describes it.
    pub(super) server: Option<Value>,
}

impl Default for Info {
    fn default() -> Self {
        Self {
            title: "WebSocket API".into(),
            version: "0.0.0".into(),
            description: String::new(),
            server: None,
        }
    }
}

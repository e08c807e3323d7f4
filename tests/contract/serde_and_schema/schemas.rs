//! Schemas of an endpoint's messages, as the AsyncAPI document of its router has them.

use ignitia::contract::Contract;
use jsonschema::{Draft, Validator};
use serde_json::{Value, json};

/// Messages of an endpoint, by direction as clients see the server.
pub(super) struct Schemas {
    pub(super) received: Vec<MessageSchema>,
    pub(super) sent: Vec<MessageSchema>,
    /// Those of the library itself that are sent.
    pub(super) of_library: Vec<MessageSchema>,
}

/// Schema of the messages of one kind.
pub(super) struct MessageSchema {
    pub(super) name: String,
    /// Its kind on the wire.
    pub(super) kind: String,
    /// The whole message, with the definitions that it refers to.
    pub(super) schema: Value,
    validator: Validator,
}

impl Schemas {
    /// Reads the document of a contract with one endpoint, without problems.
    pub(super) fn of(contract: &Contract) -> Self {
        assert!(contract.problems().is_empty(), "{:#?}", contract.problems());
        Self::with_problems(contract)
    }

    /// Reads the document of a contract with one endpoint.
    pub(super) fn with_problems(contract: &Contract) -> Self {
        let document: Value = serde_json::from_str(&contract.asyncapi()).unwrap();
        let is_own = |schema: &MessageSchema| !schema.kind.starts_with('$');
        let received = messages(&document, "/messages", "receive").into_iter().filter(is_own).collect();
        let (sent, mut of_library): (_, Vec<_>) =
            messages(&document, "/messages", "send").into_iter().partition(is_own);
        let replies = messages(&document, "/reply/messages", "receive");
        of_library.extend(replies.into_iter().filter(|reply| reply.kind == "$pong"));
        Self { received, sent, of_library }
    }
}

impl MessageSchema {
    fn new(message: &Value, schemas: &Value) -> Self {
        let text = |field: &str| message[field].as_str().unwrap().to_owned();
        let mut schema = message["payload"].clone();
        schema["components"] = json!({ "schemas": schemas });
        // Formats such as `uint64` are schemars' own: no validator asserts them.
        let validator = jsonschema::options().with_draft(Draft::Draft7).build(&schema).unwrap();
        Self { name: text("title"), kind: text("name"), schema, validator }
    }

    /// Returns true if a message is of this kind.
    pub(super) fn allows(&self, message: &Value) -> bool {
        self.validator.is_valid(message)
    }

    /// Returns the mistakes of a message of this kind.
    pub(super) fn mistakes(&self, message: &Value) -> Vec<String> {
        self.validator.iter_errors(message).map(|mistake| mistake.to_string()).collect()
    }
}

/// Returns the messages at a place in all operations of one direction.
fn messages(document: &Value, place: &str, action: &str) -> Vec<MessageSchema> {
    let operations = document["operations"].as_object().unwrap().values();
    let of_direction = operations.filter(|operation| operation["action"] == action);
    let references = of_direction.filter_map(|operation| operation.pointer(place)?.as_array()).flatten();
    references
        .map(|reference| {
            let message = target(document, target(document, reference));
            MessageSchema::new(message, &document["components"]["schemas"])
        })
        .collect()
}

/// Returns what a reference refers to.
fn target<'a>(document: &'a Value, reference: &Value) -> &'a Value {
    let path = reference["$ref"].as_str().unwrap().strip_prefix('#').unwrap();
    document.pointer(path).unwrap_or_else(|| panic!("nothing is at {path}"))
}

//! Names that meet: of enums, of types in them, of two enums of one endpoint, and of the client's
//! own code.

use ignitia::prelude::*;
use serde_json::{Value, json};

use super::{document, keys};

#[derive(serde::Deserialize, schemars::JsonSchema, ClientMessage)]
#[serde(tag = "type")]
enum Go {
    Go,
}

/// Returns the references of a document that lead nowhere.
fn broken_references(document: &Value) -> Vec<String> {
    fn visit(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
                fields.values().for_each(|value| visit(value, found));
            }
            Value::Array(values) => values.iter().for_each(|value| visit(value, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    visit(document, &mut found);
    found.retain(|reference| document.pointer(reference.trim_start_matches('#')).is_none());
    found
}

/// Returns the members of an endpoint's `on`.
fn heard(module: &str) -> Vec<&str> {
    let (_, on) = module.split_once("    on: {\n").unwrap();
    let (on, _) = on.split_once("    };\n").unwrap();
    on.lines().map(|line| line.trim().split(':').next().unwrap()).collect()
}

mod stored {
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    pub(super) struct Event {
        pub(super) at: u32,
    }
}

/// The enum of messages and a type that it contains have the same name.
#[test]
fn an_enum_named_like_a_type_in_it() {
    #[derive(serde::Deserialize, schemars::JsonSchema, ClientMessage)]
    #[serde(tag = "type")]
    enum Event {
        Happened { event: stored::Event },
    }

    #[websocket("/events", on_message)]
    async fn events(event: Event) {
        let Event::Happened { event } = event;
        let _ = event.at;
    }

    let module = Router::new().mount(events).contract().typescript();
    assert!(module.contains("{ at: number }"), "the type in it is lost: {module}");
}

mod one {
    #[derive(serde::Serialize, schemars::JsonSchema, ignitia::ServerMessage)]
    #[serde(tag = "type")]
    pub(super) enum News {
        One { a: u8 },
    }
}

mod two {
    #[derive(serde::Serialize, schemars::JsonSchema, ignitia::ServerMessage)]
    #[serde(tag = "type")]
    pub(super) enum News {
        Two { b: String },
    }
}

struct Both;

#[websocket("/both", message = Go, id = "id")]
impl Both {
    async fn accept() -> Self {
        Self
    }

    async fn on_open(&mut self) -> one::News {
        one::News::One { a: 1 }
    }

    #[on(Go)]
    async fn go(&mut self) -> two::News {
        two::News::Two { b: String::new() }
    }
}

/// Two enums of one name: only one of them is the reply.
#[test]
fn two_enums_of_one_name_in_one_endpoint() {
    let router = Router::new().mount_session::<Both>();
    let reply = &document(&router)["operations"]["both.GoGo"]["reply"]["messages"];
    assert_eq!(reply.as_array().unwrap().len(), 1, "{reply}");
}

#[derive(serde::Serialize, schemars::JsonSchema, ServerMessage)]
#[serde(tag = "type")]
enum Put<T> {
    Value { value: T },
}

struct Generic;

#[websocket("/generic", message = Go)]
impl Generic {
    async fn accept() -> Self {
        Self
    }

    async fn on_open(&mut self) -> Put<u8> {
        Put::Value { value: 1 }
    }

    #[on(Go)]
    async fn go(&mut self) -> Put<String> {
        Put::Value { value: String::new() }
    }
}

/// A generic enum with two arguments: both have the kind `Value`.
#[test]
fn one_kind_in_two_enums_is_one_member() {
    let contract = Router::new().mount_session::<Generic>().contract();
    let module = contract.typescript();
    assert_eq!(heard(&module), ["Value"], "TS2300: duplicate identifier");
    assert!(module.contains("value: number") && module.contains("value: string"), "one of them is lost");
}

/// schemars percent-encodes references.
#[test]
fn names_that_are_encoded_in_references() {
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    #[schemars(rename = "Page<{T}>")]
    #[expect(dead_code, reason = "only its schema counts")]
    struct Page<T> {
        items: Vec<T>,
    }

    #[derive(serde::Deserialize, schemars::JsonSchema, ClientMessage)]
    #[serde(tag = "type")]
    #[expect(dead_code, reason = "only its schema counts")]
    enum Paged {
        Pages { page: Page<u8> },
    }

    #[websocket("/pages", on_message)]
    async fn pages(paged: Paged) {
        drop(paged);
    }

    let router = Router::new().mount(pages);
    assert_eq!(broken_references(&document(&router)), [] as [&str; 0]);
    let module = router.contract().typescript();
    let (types, _) = module.split_once("export interface Endpoints").unwrap();
    assert!(!types.contains('%'), "no name of TypeScript has a `%`: {types}");
}

/// `Server` and `Error` are free each, but the client has a class `ServerError`.
#[test]
fn messages_named_like_the_clients_own_types() {
    #[derive(serde::Serialize, schemars::JsonSchema, ServerMessage)]
    #[serde(tag = "type")]
    enum Server {
        Error { text: String },
    }

    #[websocket("/server", on_message)]
    async fn server(go: Go) -> Server {
        let Go::Go = go;
        Server::Error { text: String::new() }
    }

    let module = Router::new().mount(server).contract().typescript();
    assert!(!module.contains("export type ServerError ="), "TS2300: duplicate identifier");
}

/// TypeScript refuses these names of types: TS2457.
#[test]
fn types_named_like_those_of_typescript() {
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    #[expect(non_camel_case_types, dead_code, reason = "only its schema counts")]
    struct symbol {
        glyph: char,
    }

    #[derive(serde::Deserialize, schemars::JsonSchema, ClientMessage)]
    #[serde(tag = "type")]
    #[expect(dead_code, reason = "only its schema counts")]
    enum Draw {
        Glyph { symbol: symbol },
    }

    #[websocket("/draw", on_message)]
    async fn draw(draw: Draw) {
        let _ = draw;
    }

    let module = Router::new().mount(draw).contract().typescript();
    assert!(!module.contains("export type symbol ="), "{module}");
}

#[websocket("/чат", on_message)]
async fn чат(go: Go) {
    let Go::Go = go;
}

#[test]
fn an_endpoint_without_a_letter_of_ascii_has_a_name() {
    let document = document(&Router::new().mount(чат));
    assert_ne!(keys(&document["channels"]), [""]);
}

#[websocket("/plain", on_message)]
async fn plain(go: Go) {
    let Go::Go = go;
}

#[websocket("/asked", on_message, id = "ref")]
async fn asked(go: Go) {
    let Go::Go = go;
}

/// A message of two endpoints has an id in one of them.
#[test]
fn one_enum_with_an_id_and_without() {
    let document = document(&Router::new().mount(plain).mount(asked));
    let message = |endpoint: &str| {
        let messages = document["channels"][endpoint]["messages"].as_object().unwrap();
        let (_, reference) = messages.iter().find(|(name, _)| *name != "error").unwrap();
        document.pointer(&reference["$ref"].as_str().unwrap()[1..]).unwrap()["correlationId"].clone()
    };
    assert_eq!(message("plain"), Value::Null);
    assert_eq!(message("asked"), json!({ "location": "$message.payload#/ref" }));
}

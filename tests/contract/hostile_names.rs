//! Names that are none in the languages of a contract.

use std::collections::BTreeMap;

use ignitia::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{document, keys};

#[derive(Deserialize, JsonSchema, ClientMessage)]
#[serde(tag = "type")]
#[expect(dead_code, reason = "only its schema counts")]
enum Ask {
    Go { size: Größe, page: Page, slash: Slash },
}

/// A type whose name is a word of another language.
#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema counts")]
struct Größe {
    of: Vec<Größe>,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Page<Item>")]
#[expect(dead_code, reason = "only its schema counts")]
struct Page {
    next: Vec<Page>,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "a/b~c")]
#[expect(dead_code, reason = "only its schema counts")]
struct Slash {
    next: BTreeMap<String, Slash>,
}

#[websocket("/go", on_message)]
async fn go(ask: Ask) {
    drop(ask);
}

/// Adds all references in a value.
fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

/// schemars encodes the names in references.
#[test]
fn references_find_definitions_of_any_name() {
    let document = document(&Router::new().mount(go));
    assert_eq!(keys(&document["components"]["schemas"]), ["Gr__e", "Page_Item_", "a_b_c"]);
    let mut found = Vec::new();
    references(&document, &mut found);
    let is_dangling = |reference: &&&str| document.pointer(&reference[1..]).is_none();
    assert_eq!(found.iter().filter(is_dangling).collect::<Vec<_>>(), [] as [&&str; 0]);
}

/// Words of TypeScript, and of the client, in which a type of that name would hide another.
#[test]
fn words_of_typescript_are_no_names_of_types() {
    macro_rules! typed {
        ($($variant:ident $name:literal)*) => {
            $(
                #[derive(Deserialize, JsonSchema)]
                #[schemars(rename = $name)]
                #[expect(dead_code, reason = "only its schema counts")]
                struct $variant { of: Vec<$variant> }
            )*

            #[derive(Deserialize, JsonSchema, ClientMessage)]
            #[serde(tag = "type")]
            #[expect(dead_code, reason = "only its schema counts")]
            enum Words { $($variant { of: $variant },)* }

            const NAMES: &[&str] = &[$($name),*];
        };
    }

    typed! {
        Enum "enum" Default "default" Debugger "debugger" With "with" Unique "unique" Infer "infer" String "string"
        Any "any" Symbol "symbol" Undefined "undefined" Connect "connect" Map "Map" Promise "Promise"
        ServerError "ServerError" Endpoints "Endpoints" Integer "Integer"
    }

    #[websocket("/words", on_message)]
    async fn words(words: Words) {
        drop(words);
    }

    let router = Router::new().mount(words);
    let schemas = document(&router)["components"]["schemas"].take();
    for name in NAMES {
        assert!(schemas.get(name).is_none(), "a type has the name {name}");
        assert!(schemas.get(format!("{name}2")).is_some(), "{:?}", keys(&schemas));
    }
}

/// The name of a message is made of two.
#[test]
fn words_of_the_client_are_no_names_of_messages() {
    #[derive(Serialize, JsonSchema, ServerMessage)]
    #[serde(tag = "type")]
    enum Server {
        Error { of: u8 },
    }

    #[websocket("/errors", on_message)]
    async fn errors(ask: Ask) -> Server {
        let Ask::Go { .. } = ask;
        Server::Error { of: 1 }
    }

    let router = Router::new().mount(errors);
    assert_eq!(
        keys(&document(&router)["components"]["messages"]),
        ["AskGo", "ServerError2", "error", "ping", "pong"]
    );
}

/// An endpoint without a name is none to AsyncAPI's parser, which panics.
#[test]
fn endpoints_keep_the_letters_of_all_languages() {
    #[websocket("/größe/x", on_message)]
    async fn größe_und_mehr(ask: Ask) {
        drop(ask);
    }

    #[websocket("/中", on_message)]
    async fn 中(ask: Ask) {
        drop(ask);
    }

    let router = Router::new().mount(größe_und_mehr).mount(中);
    assert_eq!(keys(&document(&router)["channels"]), ["größeUndMehr", "中"]);
}

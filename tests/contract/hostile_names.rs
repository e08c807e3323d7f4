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

/// Names over which AsyncAPI's parser breaks.
#[test]
fn fields_that_no_program_can_read() {
    #[derive(Deserialize, JsonSchema, ClientMessage)]
    #[serde(tag = "type")]
    #[expect(dead_code, reason = "only its schema counts")]
    enum Odd {
        Go {
            #[serde(rename = "__proto__")]
            proto: u8,
            #[serde(rename = "constructor")]
            fine: u8,
            inner: Inner,
        },
    }

    #[derive(Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only its schema counts")]
    struct Inner {
        #[serde(rename = "$ref")]
        reference: u8,
    }

    #[derive(Clone, Deserialize, JsonSchema)]
    #[serde(rename_all = "camelCase")]
    #[expect(dead_code, reason = "only its schema counts")]
    struct Filter {
        has_own_property: String,
    }

    #[websocket("/odd/<hasOwnProperty>", on_message, id = "$ref")]
    #[allow(non_snake_case, reason = "it is the name of the parameter")]
    async fn has_own_property(hasOwnProperty: u8, _: Query<Filter>, odd: Odd) {
        let _ = (hasOwnProperty, odd);
    }

    let contract = Router::new().mount(has_own_property).contract();
    let why = "which breaks programs that read the contract: rename it, by `#[serde(rename = ..)]`";
    let expected = [
        ("a field of `Inner`", "$ref"),
        ("a field of `Odd`", "__proto__"),
        ("endpoint `hasOwnProperty2`: a field of its query", "hasOwnProperty"),
        ("endpoint `hasOwnProperty2`: a parameter of its path", "hasOwnProperty"),
        ("endpoint `hasOwnProperty2`: its correlation id", "$ref"),
    ];
    let expected = expected.map(|(owner, name)| format!("{owner} has the name `{name}`, {why}"));
    assert_eq!(contract.problems(), expected);
}

/// Members of every object of JavaScript.
#[test]
fn names_of_types_and_messages_that_no_program_can_read() {
    #[derive(Deserialize, JsonSchema)]
    #[schemars(rename = "__proto__")]
    #[expect(dead_code, reason = "only its schema counts")]
    struct Proto {
        of: Vec<Proto>,
    }

    #[derive(Deserialize, JsonSchema, ClientMessage)]
    #[serde(tag = "type")]
    #[schemars(rename = "property")]
    #[expect(dead_code, reason = "only its schema counts")]
    enum Property {
        IsEnumerable { proto: Proto },
    }

    #[websocket("/property", on_message)]
    async fn property(property: Property) {
        drop(property);
    }

    let router = Router::new().mount(property);
    assert_eq!(router.contract().problems(), [] as [String; 0]);
    let components = document(&router)["components"].take();
    assert_eq!(keys(&components["messages"]), ["error", "ping", "pong", "propertyIsEnumerable2"]);
    assert_eq!(keys(&components["schemas"]), ["__proto__2"]);
}

/// Programs would take them for the library's.
#[test]
fn kinds_that_begin_like_those_of_the_library() {
    #[derive(Serialize, Deserialize, JsonSchema, ClientMessage, ServerMessage)]
    #[serde(tag = "type")]
    enum Own {
        #[serde(rename = "$error")]
        Error,
        Fine,
    }

    #[websocket("/own", on_message)]
    async fn own(own: Own) -> Own {
        own
    }

    let contract = Router::new().mount(own).contract();
    let ty = "behaviour::contract::hostile_names::kinds_that_begin_like_those_of_the_library::Own";
    let problem = format!(
        "endpoint `own`: `{ty}` has the kind `$error`, which begins like those of the library's own \
            messages: rename it"
    );
    assert_eq!(contract.problems(), [problem]);
}

/// The client has a function for each kind, and JavaScript would call these.
#[test]
fn kinds_that_javascript_calls_by_itself() {
    #[derive(Serialize, Deserialize, JsonSchema, ClientMessage, ServerMessage)]
    #[serde(tag = "type", rename_all = "camelCase")]
    enum Step {
        Then {
            then: u8,
        },
        #[serde(rename = "toJSON")]
        Json,
        Next,
    }

    #[websocket("/steps", on_message)]
    async fn steps(step: Step) -> Step {
        step
    }

    #[derive(Deserialize, JsonSchema, ClientMessage)]
    #[serde(tag = "type", rename_all = "camelCase")]
    enum Ask {
        Go,
    }

    #[derive(Serialize, JsonSchema, ServerMessage)]
    enum Tell {
        #[serde(rename = "then")]
        Then(u8),
    }

    #[websocket("/tells", on_message)]
    async fn tells(ask: Ask) -> Tell {
        let Ask::Go = ask;
        Tell::Then(1)
    }

    let problem = |endpoint: &str, name: &str, kind: &str, place: &str| {
        let ty = format!("behaviour::contract::hostile_names::kinds_that_javascript_calls_by_itself::{name}");
        format!(
            "endpoint `{endpoint}`: `{ty}` has the kind `{kind}`, whose function in a client JavaScript \
                calls by itself, {place}: rename it, by `#[serde(rename = ..)]`"
        )
    };
    let contract = Router::new().mount(steps).mount(tells).contract();
    let expected = [
        problem("steps", "Step", "then", "at `await`"),
        problem("steps", "Step", "toJSON", "in `JSON.stringify`"),
        problem("tells", "Tell", "then", "at `await`"),
    ];
    assert_eq!(contract.problems(), expected);
}

//! Names in a contract: of endpoints, types and messages.

use ignitia::prelude::*;
use serde_json::json;

use super::{document, keys};

mod first {
    use super::*;

    #[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
    pub(super) struct Point {
        pub(super) x: u8,
    }

    #[derive(serde::Deserialize, schemars::JsonSchema, ClientMessage)]
    #[serde(tag = "type")]
    pub(super) enum Ask {
        Go(Point),
    }

    #[websocket("/first/play", on_message)]
    pub(super) async fn play(ask: Ask) {
        let Ask::Go(Point { x }) = ask;
        let _ = x;
    }
}

mod second {
    use super::*;

    #[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
    pub(super) struct Point {
        pub(super) y: String,
    }

    #[derive(serde::Deserialize, schemars::JsonSchema, ClientMessage)]
    #[serde(tag = "type")]
    pub(super) enum Ask {
        Go(Point),
    }

    #[websocket("/second/play", on_message)]
    pub(super) async fn play(ask: Ask) {
        let Ask::Go(Point { y }) = ask;
        drop(y);
    }
}

#[websocket("/watch", on_message)]
async fn watch_all(ask: first::Ask) {
    let _ = ask;
}

/// Endpoints of one name have those of their paths. Types of one name have that of an endpoint in
/// front.
#[test]
fn two_of_one_name() {
    for swapped in [false, true] {
        let router = Router::new().mount(watch_all);
        let router = match swapped {
            false => router.mount(first::play).mount(second::play),
            true => router.mount(second::play).mount(first::play),
        };
        let document = document(&router);
        assert_eq!(keys(&document["channels"]), ["firstPlay", "secondPlay", "watchAll"]);
        let messages = ["SecondPlayAskGo", "WatchAllAskGo", "error", "ping", "pong"];
        assert_eq!(keys(&document["components"]["messages"]), messages);
        assert_eq!(keys(&document["components"]["schemas"]), ["SecondPlayPoint", "WatchAllPoint"]);
        let y = &document["components"]["schemas"]["SecondPlayPoint"]["properties"]["y"];
        assert_eq!(*y, json!({ "type": "string" }));
    }
}

#[test]
fn one_endpoint_at_two_places() {
    let version = || Router::new().mount(watch_all);
    let document = document(&Router::new().nest("/v1", version()).nest("/v2", version()));
    assert_eq!(keys(&document["channels"]), ["v1Watch", "v2Watch"]);
    assert_eq!(keys(&document["components"]["messages"]), ["AskGo", "error", "ping", "pong"]);
}

/// Two kinds that differ only in what is no letter.
#[test]
fn kinds_that_would_have_one_name() {
    #[derive(serde::Deserialize, schemars::JsonSchema, ClientMessage)]
    #[serde(tag = "type")]
    enum Odd {
        #[serde(rename = "say-it")]
        A,
        #[serde(rename = "say it")]
        B,
        #[serde(rename = "\u{1f600}")]
        C,
    }

    #[websocket("/odd", on_message)]
    async fn odd(odd: Odd) {
        let _ = odd;
    }

    let document = document(&Router::new().mount(odd));
    assert_eq!(
        keys(&document["components"]["messages"]),
        ["Odd2", "OddSayIt", "OddSayIt2", "error", "ping", "pong"]
    );
    assert_eq!(document["components"]["messages"]["OddSayIt2"]["name"], "say it");
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[expect(dead_code, reason = "only its schema counts")]
struct Page<T> {
    items: Vec<T>,
}

#[derive(serde::Deserialize, schemars::JsonSchema, ClientMessage)]
#[serde(tag = "type")]
#[expect(dead_code, reason = "only its schema counts")]
enum Tree {
    Node { left: Box<Tree>, right: Option<Box<Tree>> },
    Leaf { numbers: Page<u8>, texts: Page<String> },
}

#[websocket("/tree", on_message)]
async fn tree(tree: Tree) {
    drop(tree);
}

#[test]
fn recursive_and_generic_types() {
    let document = document(&Router::new().mount(tree));
    let schemas = &document["components"]["schemas"];
    assert_eq!(keys(schemas), ["Page", "Page2", "Tree"]);
    let node = &document["components"]["messages"]["TreeNode"]["payload"]["properties"];
    assert_eq!(node["left"], json!({ "$ref": "#/components/schemas/Tree" }));
    assert_eq!(schemas["Tree"]["oneOf"].as_array().unwrap().len(), 2);
}

/// A generic enum has the schema of its arguments where it is used.
#[test]
fn generic_enums() {
    #[derive(serde::Deserialize, schemars::JsonSchema, ClientMessage)]
    #[serde(tag = "type")]
    enum Put<T> {
        Value { value: T },
    }

    #[websocket("/put", on_message)]
    async fn put(put: Put<u8>) {
        let Put::Value { value } = put;
        let _ = value;
    }

    let router = Router::new().mount(put);
    assert_eq!(router.contract().problems(), [] as [&str; 0]);
    let value = &document(&router)["components"]["messages"]["PutValue"]["payload"]["properties"]["value"];
    assert_eq!(value["format"], "uint8");
}

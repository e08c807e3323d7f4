//! Names in a contract: of endpoints, types and messages.

use ignitia::prelude::*;
use serde_json::json;

use super::{document, keys, parsed};

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

/// Endpoints of one name are a problem, and have those of their paths. Types of one name have that
/// of an endpoint in front.
#[test]
fn two_of_one_name() {
    for swapped in [false, true] {
        let router = Router::new().mount(watch_all);
        let router = match swapped {
            false => router.mount(first::play).mount(second::play),
            true => router.mount(second::play).mount(first::play),
        };
        let paths = if swapped { ["/second/play", "/first/play"] } else { ["/first/play", "/second/play"] };
        let problem = format!(
            "endpoints `{}` and `{}` have one name, `play`: give one of them another, by `.name(\"{}\", ..)` \
                of the contract, or rename its function or session",
            paths[0], paths[1], paths[1]
        );
        assert_eq!(router.contract().problems(), [problem]);
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
    let router = Router::new().nest("/v1", version()).nest("/v2", version());
    let contract = router.contract();
    let [problem] = contract.problems() else { panic!("{:?}", contract.problems()) };
    assert!(problem.contains("`/v1/watch` and `/v2/watch` have one name, `watchAll`"), "{problem}");
    let document = document(&router);
    assert_eq!(keys(&document["channels"]), ["v1Watch", "v2Watch"]);
    assert_eq!(keys(&document["components"]["messages"]), ["AskGo", "error", "ping", "pong"]);
}

#[websocket("/rooms/<room>/<rest..>", on_message)]
async fn rooms(room: String, rest: String, ask: first::Ask) {
    drop((room, rest, ask));
}

#[test]
fn names_that_are_given() {
    let version = || Router::new().mount(watch_all).mount(rooms);
    let router = Router::new().nest("/v1", version()).nest("/v2", version());
    // In any order of `name` and the others, and asked for before.
    let contract = router.contract().title("Title", "1");
    assert_eq!(contract.problems().len(), 2);
    let contract = contract.name("/v2/watch", "new_watch").name("/v2/rooms/{room}/{rest}", "größe");
    let contract = contract.name("/v1/rooms/{room}/{*rest}", "r2");
    assert_eq!(contract.problems(), [] as [String; 0]);
    let document = parsed(&contract);
    assert_eq!(keys(&document["channels"]), ["größe", "new_watch", "r2", "watchAll"]);
    assert_eq!(document["channels"]["new_watch"]["address"], "/v2/watch");
    assert_eq!(document["info"]["title"], "Title");
    assert!(document["operations"].get("new_watch.AskGo").is_some(), "{document}");
}

#[test]
fn names_that_cannot_be_given() {
    let router = Router::new().mount(watch_all).mount(rooms);
    for (path, name, problem) in [
        (
            "/wath",
            "watch",
            "no endpoint has the path `/wath`, which is to have the name `watch`: there are `/watch`",
        ),
        ("/watch", "rooms", "endpoints `/watch` and `/rooms/{room}/{rest}` have one name, `rooms`"),
        ("/watch", "", "`` is no name of an endpoint, for the path `/watch`"),
        ("/watch", "a b", "`a b` is no name of an endpoint"),
        ("/watch", "2nd", "write letters, digits and `_`, a letter first"),
        ("/watch", "__proto__", "is no name of an endpoint"),
        ("/watch", "hasOwnProperty", "is no name of an endpoint"),
    ] {
        let contract = router.contract().name(path, name);
        let [found] = contract.problems() else { panic!("{name}: {:?}", contract.problems()) };
        assert!(found.contains(problem), "{found}");
    }
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

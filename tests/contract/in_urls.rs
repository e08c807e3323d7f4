//! Types of the path and the query, and what a URL can carry.

use std::{collections::HashMap, convert::Infallible, str::FromStr};

use ignitia::{FromRequestParts, Parts, prelude::*, rooms::Resume};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::document;

#[derive(JsonSchema)]
struct Meters(f64);

/// Written as `1,2`, whatever its schema says.
#[derive(JsonSchema)]
struct Point {
    x: f64,
    y: f64,
}

/// A suit.
#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Suit {
    Hearts,
    Spades,
    /// Documented.
    #[expect(dead_code, reason = "only its schema counts")]
    None,
}

macro_rules! parsed {
    ($($type:ty, $value:expr;)*) => {
        $(impl FromStr for $type {
            type Err = Infallible;

            fn from_str(_: &str) -> Result<Self, Infallible> {
                Ok($value)
            }
        })*
    };
}

parsed! {
    Meters, Meters(1.0);
    Point, Point { x: 1.0, y: 2.0 };
    Suit, if true { Suit::Hearts } else { Suit::Spades };
}

#[websocket("/at/<depth>/<point>/<suit>")]
async fn places(depth: Meters, point: Point, suit: Suit, ws: WebSocketConnection) -> Response {
    let _ = (depth.0, point.x, point.y, suit, ws);
    Response::ok()
}

#[test]
fn a_parameter_of_the_path_is_a_text() {
    let router = Router::new().mount(places);
    let wanted = "is no text in its schema, and `<point>` stands in a path: \
        give it the schema of a text, such as `#[schemars(with = \"String\")]`";
    let problem = format!("endpoint `places`: `behaviour::contract::in_urls::Point` {wanted}");
    assert_eq!(router.contract().problems(), [problem]);
    let typescript = router.contract().typescript();
    for member in ["depth: Meters;", "point: string;", "suit: Suit;"] {
        assert!(typescript.contains(member), "{member}");
    }
    let parameters = &document(&router)["channels"]["places"]["parameters"];
    assert_eq!(parameters["suit"], json!({ "enum": ["hearts", "spades", "none"], "description": "A suit." }));
    // Nothing refers to it.
    assert_eq!(document(&router)["components"]["schemas"].get("Point"), None);
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema counts")]
struct Fine {
    text: String,
    number: Option<u32>,
    flag: bool,
    suit: Option<Side>,
    any: Either,
    #[serde(flatten)]
    page: Page,
}

#[derive(Deserialize, JsonSchema)]
enum Side {
    Left,
    Right,
}

#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema counts")]
pub(super) enum Either {
    Number(u64),
    Text(String),
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema counts")]
struct Page {
    page: String,
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema counts")]
struct Lists {
    tags: Vec<String>,
    page: Page,
    tree: Option<Box<Lists>>,
    side: Shape,
    fine: u8,
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema counts")]
enum Shape {
    Point,
    Circle { radius: u8 },
}

#[websocket("/fine")]
async fn fine(_: Query<Fine>, _: Query<HashMap<String, u8>>, ws: WebSocketConnection) -> Response {
    drop(ws);
    Response::ok()
}

#[websocket("/lists")]
async fn lists(_: Query<Lists>, ws: WebSocketConnection) -> Response {
    drop(ws);
    Response::ok()
}

#[websocket("/pairs")]
async fn pairs(_: Query<Vec<(String, String)>>, ws: WebSocketConnection) -> Response {
    drop(ws);
    Response::ok()
}

#[test]
fn a_query_has_fields_that_are_texts() {
    let contract = Router::new().mount(fine).contract();
    assert_eq!(contract.problems(), [] as [String; 0]);
    let contract = Router::new().mount(lists).mount(pairs).contract();
    let problem = |field: &str| {
        format!(
            "endpoint `lists`: `behaviour::contract::in_urls::Lists` has a list or an object as `{field}`: \
                a query has texts, numbers and Booleans only"
        )
    };
    let of_pairs = "endpoint `pairs`: `alloc::vec::Vec<(alloc::string::String, alloc::string::String)>` \
        has no named fields, and stands in a query: give it some";
    let mut expected: Vec<String> = ["page", "side", "tags", "tree"].map(problem).into();
    expected.push(of_pairs.to_owned());
    let mut problems = contract.problems().to_vec();
    problems.sort();
    assert_eq!(problems, expected);
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema counts")]
struct Sorted {
    by: String,
    page: Option<u32>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema counts")]
struct Strict {
    token: String,
}

#[websocket("/merged")]
async fn merged(_: Query<Sorted>, _: Query<Page>, _: Resume, ws: WebSocketConnection) -> Response {
    drop(ws);
    Response::ok()
}

#[websocket("/strict")]
async fn strict(_: Query<Strict>, _: Query<Page>, ws: WebSocketConnection) -> Response {
    drop(ws);
    Response::ok()
}

/// AsyncAPI wants the fields of a query in one object.
#[test]
fn the_fields_of_several_types_are_one_query() {
    let router = Router::new().mount(merged);
    assert_eq!(router.contract().problems(), [] as [String; 0]);
    let query = document(&router)["channels"]["merged"]["bindings"]["ws"]["query"].take();
    let fields: Vec<&String> = query["properties"].as_object().unwrap().keys().collect();
    assert_eq!(fields, ["$at", "by", "page"]);
    assert_eq!((&query["type"], &query["required"]), (&json!("object"), &json!(["by", "page"])));
    assert_eq!(query["properties"]["$at"]["type"], "array");
}

/// `Resume` is somewhere within it.
struct Wrapped;

impl<S: Sync> FromRequestParts<S> for Wrapped {
    type Rejection = <Resume as FromRequestParts<S>>::Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        Resume::from_request_parts(parts, state).await.map(|_| Self)
    }
}

#[websocket("/named")]
async fn named(_: Wrapped, _: Resume, ws: WebSocketConnection) -> Response {
    drop(ws);
    Response::ok()
}

#[websocket("/maybe")]
async fn maybe(resume: Result<Resume, (StatusCode, &'static str)>, ws: WebSocketConnection) -> Response {
    drop((resume, ws));
    Response::ok()
}

#[test]
fn resume_counts_beside_an_extractor_around_it_and_in_a_result() {
    let router = Router::new().mount(named).mount(maybe);
    let document = document(&router);
    for name in ["named", "maybe"] {
        let channel = &document["channels"][name];
        assert_eq!(channel["x-ignitia"]["resumes"], true, "{name}");
        assert_eq!(channel["bindings"]["ws"]["query"]["properties"]["$at"]["type"], "array", "{name}");
    }
    assert_eq!(router.contract().typescript().matches("resumes: true").count(), 2);
}

#[test]
fn a_type_that_denies_the_fields_of_another() {
    let contract = Router::new().mount(strict).contract();
    let problem = "endpoint `strict`: `behaviour::contract::in_urls::Strict` denies the field `page`, which \
        another argument reads from the same query: remove `deny_unknown_fields`";
    assert_eq!(contract.problems(), [problem]);
}

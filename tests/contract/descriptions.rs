//! Everything that an endpoint is, in its contract.

use std::{borrow::Cow, fmt, time::Duration};

use ignitia::{prelude::*, rooms::Resume, websocket::WebSocketConfig};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{close_codes, document, keys, parsed};

#[derive(Deserialize, JsonSchema, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema counts")]
enum Ask<'a> {
    /// Draws cards.
    Draw {
        /// Number of cards.
        cards: u8,
        #[serde(borrow)]
        note: Option<Cow<'a, str>>,
    },
    #[serde(alias = "bye")]
    Leave,
    Later(Wish),
    #[serde(other)]
    Unknown,
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema counts")]
struct Wish {
    place: Place,
}

#[derive(Deserialize, Serialize, JsonSchema)]
struct Place {
    x: f64,
    #[serde(default)]
    y: f64,
}

#[derive(Serialize, JsonSchema, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema counts")]
enum Tell {
    Hand { cards: Vec<u8>, at: Place },
    Empty,
}

#[derive(Debug)]
pub(super) struct TooMany;

impl fmt::Display for TooMany {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("too many")
    }
}

impl MessageError for TooMany {
    fn code(&self) -> &'static str {
        "too_many"
    }

    fn public_message(&self) -> Cow<'_, str> {
        "there are not so many cards".into()
    }

    fn codes() -> &'static [&'static str] {
        &["too_many"]
    }
}

/// The query of a deck.
#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema counts")]
struct Options {
    jokers: Option<bool>,
}

pub(super) struct Deck;

/// Decks of cards.
///
/// Each connection has one.
#[websocket("/decks/<size>/<rest..>", message = Ask<'_>, reply = Tell, id = "id")]
impl Deck {
    async fn accept(size: u16, rest: String, _: Query<Options>, _: Resume) -> Self {
        let _ = (size, rest);
        Self
    }

    /// Draws from the top.
    #[on(Draw { cards, .. })]
    async fn draw(&mut self, cards: u8) -> Result<Tell, TooMany> {
        Ok(Tell::Hand { cards: vec![cards], at: Place { x: 0.0, y: 0.0 } })
    }

    #[on(Leave)]
    async fn leave(&mut self) -> CloseFrame {
        CloseFrame { code: 1000, reason: String::new() }
    }

    #[on(Later(_))]
    async fn later(&mut self, request: ReplyTo<Tell>) {
        drop(request);
    }

    #[on(_)]
    async fn rest(&mut self) {}

    async fn on_binary(&mut self, bytes: Vec<u8>) {
        drop(bytes);
    }
}

fn decks() -> Value {
    document(&Router::new().mount_session::<Deck>())
}

#[test]
fn the_channel_of_a_session() {
    let document = decks();
    let channel = &document["channels"]["deck"];
    assert_eq!(channel["address"], "/decks/{size}/{rest}");
    assert_eq!(channel["description"], "Decks of cards.\n\nEach connection has one.");
    assert_eq!(keys(&channel["parameters"]), ["rest", "size"]);
    assert_eq!(
        keys(&channel["messages"]),
        [
            "AskDraw",
            "AskLater",
            "AskLeave",
            "TellEmpty",
            "TellHand",
            "error",
            "joined",
            "lagged",
            "ping",
            "pong",
            "raw",
            "resumed"
        ]
    );
    let query = &channel["bindings"]["ws"]["query"];
    assert_eq!(query["properties"]["jokers"]["type"], json!(["boolean", "null"]));
    assert_eq!(query["properties"]["$at"]["type"], "array");
    let own = &channel["x-ignitia"];
    assert_eq!(own["parameters"]["size"]["schema"]["format"], "uint16");
    assert_eq!(own["parameters"]["rest"], json!({ "schema": { "type": "string" }, "isTail": true }));
    assert_eq!(
        (&own["id"], &own["resumes"], &own["takesBinary"]),
        (&json!("id"), &json!(true), &json!(true))
    );
    assert_eq!((&own["received"], &own["sent"]), (&json!({ "tag": "type" }), &json!({ "tag": "type" })));
    assert_eq!(own["maxMessageSize"], 1 << 20);
}

#[test]
fn the_operations_of_a_session() {
    let document = decks();
    let operations = &document["operations"];
    assert_eq!(
        keys(operations),
        [
            "deck.AskDraw",
            "deck.AskLater",
            "deck.AskLeave",
            "deck.notices",
            "deck.ping",
            "deck.receiveRaw",
            "deck.send"
        ]
    );
    let draw = &operations["deck.AskDraw"];
    assert_eq!((&draw["action"], &draw["description"]), (&json!("receive"), &json!("Draws from the top.")));
    let replies = |operation: &Value| -> Vec<String> {
        let messages = operation["reply"]["messages"].as_array().into_iter().flatten();
        messages
            .map(|message| message["$ref"].as_str().unwrap().rsplit('/').next().unwrap().to_owned())
            .collect()
    };
    assert_eq!(replies(draw), ["TellHand", "TellEmpty", "error"]);
    assert_eq!(
        draw["x-ignitia"],
        json!({ "errorCodes": ["too_many"], "mayClose": true, "mayAnswerUntyped": false })
    );
    assert_eq!(replies(&operations["deck.AskLater"]), ["TellHand", "TellEmpty"]);
    let leave = &operations["deck.AskLeave"];
    assert_eq!(leave["reply"], Value::Null);
    assert_eq!(leave["x-ignitia"], json!({ "errorCodes": [], "mayClose": true, "mayAnswerUntyped": false }));
    assert_eq!(operations["deck.send"]["messages"].as_array().unwrap().len(), 2);
}

#[test]
fn the_messages_of_a_session() {
    let document = decks();
    let draw = &document["components"]["messages"]["AskDraw"];
    assert_eq!((&draw["name"], &draw["description"]), (&json!("draw"), &json!("Draws cards.")));
    assert_eq!(draw["correlationId"]["location"], "$message.payload#/id");
    let payload = &draw["payload"];
    assert_eq!(payload["properties"]["cards"]["description"], "Number of cards.");
    assert_eq!(payload["properties"]["type"]["const"], "draw");
    assert_eq!(payload["required"], json!(["type", "cards"]));
    // Draft 07 has no keyword beside a reference.
    let later = &document["components"]["messages"]["AskLater"]["payload"];
    assert_eq!(later["allOf"], json!([{ "$ref": "#/components/schemas/Wish" }]));
}

/// Those of malformed messages, and those of the handlers' own errors.
#[test]
fn codes_of_errors() {
    let router = Router::new().mount_session::<Deck>();
    let codes = document(&router)["components"]["messages"]["error"]["payload"]["properties"]["code"].clone();
    for code in ["too_many", "unknown_tag", "invalid_json"] {
        assert!(codes["examples"].as_array().unwrap().contains(&json!(code)), "{codes}");
        assert!(router.contract().typescript().contains(&format!("  | \"{code}\"\n")));
    }
}

/// serde reads another form of a type than it writes.
#[test]
fn a_type_that_is_read_in_another_form_than_it_is_written_has_two_definitions() {
    let document = decks();
    let schemas = &document["components"]["schemas"];
    assert_eq!(keys(schemas), ["PlaceInput", "PlaceOutput", "Wish"]);
    assert_eq!(schemas["PlaceInput"]["required"], json!(["x"]));
    assert_eq!(schemas["PlaceOutput"]["required"], json!(["x", "y"]));
    assert_eq!(schemas["Wish"]["properties"]["place"], json!({ "$ref": "#/components/schemas/PlaceInput" }));
}

#[derive(Serialize, JsonSchema, ServerMessage)]
#[serde(tag = "type", content = "data")]
#[expect(dead_code, reason = "only its schema counts")]
pub(super) enum News {
    Score(u64),
    Over,
}

/// Watches a game.
#[websocket("/games/<game>", on_message)]
async fn game(game: u32, ask: Ask2) -> Option<News> {
    let _ = (game, ask);
    None
}

#[derive(Deserialize, JsonSchema, ClientMessage)]
#[expect(dead_code, reason = "only its schema counts")]
pub(super) enum Ask2 {
    Move { x: u8 },
    Stop,
}

#[websocket("/typed")]
pub(super) async fn typed(ws: TypedConnection<Ask2, News>) -> Response {
    drop(ws);
    Response::ok()
}

#[websocket("/untyped")]
pub(super) async fn untyped(ws: WebSocketConnection) -> Response {
    drop(ws);
    Response::ok()
}

#[test]
fn functions_of_all_kinds() {
    let document = document(&Router::new().mount(game).mount(typed).mount(untyped));
    let channels = &document["channels"];
    assert_eq!(keys(channels), ["game", "typed", "untyped"]);
    assert_eq!(channels["game"]["description"], "Watches a game.");
    for name in ["game", "typed"] {
        let own = &channels[name]["x-ignitia"];
        assert_eq!(
            (&own["received"], &own["sent"]),
            (&json!({}), &json!({ "tag": "type", "content": "data" }))
        );
        let messages = keys(&channels[name]["messages"]);
        let expected = ["Ask2Move", "Ask2Stop", "NewsOver", "NewsScore", "error", "ping", "pong"];
        assert_eq!(messages, expected, "{name}");
    }
    assert_eq!(keys(&channels["untyped"]["messages"]), ["raw"]);
    let operations = &document["operations"];
    let of_game = ["game.notices", "game.ping", "game.receive", "game.send"];
    let of_typed = ["typed.notices", "typed.ping", "typed.receive", "typed.send"];
    let of_untyped = ["untyped.receive", "untyped.send"];
    assert_eq!(keys(operations), [&of_game[..], &of_typed, &of_untyped].concat());
    assert_eq!(operations["untyped.receive"]["action"], "receive");
    let raw = &document["components"]["messages"]["raw"];
    assert_eq!((&raw["name"], &raw["contentType"]), (&json!("$raw"), &json!("application/octet-stream")));
    let asked = &operations["game.receive"];
    assert_eq!(asked["messages"].as_array().unwrap().len(), 2);
    assert_eq!(asked["reply"]["messages"], operations["game.send"]["messages"]);
    let messages = &document["components"]["messages"];
    assert_eq!(messages["Ask2Stop"]["payload"]["const"], "Stop");
    assert_eq!(messages["Ask2Move"]["payload"]["required"], json!(["Move"]));
    assert_eq!(messages["NewsScore"]["payload"]["properties"]["data"]["format"], "uint64");
}

/// Values that hooks and clocks return are sent, too, and messages of rooms if nothing else is.
#[test]
fn messages_that_nobody_asks_for() {
    struct Clock;

    #[websocket("/clock", message = Ask2)]
    impl Clock {
        async fn accept() -> Self {
            Self
        }

        #[every("1h")]
        async fn tick(&mut self) -> News {
            News::Over
        }

        #[on(_)]
        async fn any(&mut self) {}
    }

    #[websocket("/member", on_message)]
    async fn member(rooms: Rooms<News>, ask: Ask2) {
        let _ = (rooms, ask);
    }

    let rooms = Rooms::<News>::new();
    let document = document(&Router::new().mount_session::<Clock>().state(rooms).mount(member).state(()));
    for name in ["clock.send", "member.send"] {
        assert_eq!(document["operations"][name]["messages"].as_array().unwrap().len(), 2, "{name}");
    }
}

#[test]
fn the_configuration_of_the_route_or_of_its_router() {
    let of_route = WebSocketConfig::default().max_message_size(7).subprotocols(["v1", "v2"]);
    let of_router = WebSocketConfig::default().max_message_size(9).idle_timeout(Duration::from_secs(60));
    let inner = Router::new().mount(game).mount_with(typed, of_route).websocket_config(of_router);
    let outer =
        Router::new().websocket_config(WebSocketConfig::default().max_message_size(11)).mount(untyped);
    let document = document(&outer.nest("/api/{tenant}", inner));
    let channels = &document["channels"];
    let size = |name: &str| channels[name]["x-ignitia"]["maxMessageSize"].clone();
    assert_eq!((size("game"), size("typed"), size("untyped")), (json!(9), json!(7), json!(11)));
    let own = &channels["game"]["x-ignitia"];
    assert_eq!(own["idleTimeout"], 60.0);
    let codes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1011, 3000, 3008, 3008];
    assert_eq!(close_codes(&document, "game"), codes);
    assert_eq!(channels["game"]["address"], "/api/{tenant}/games/{game}");
    assert_eq!(keys(&channels["game"]["parameters"]), ["game", "tenant"]);
    let offered = &channels["typed"]["bindings"]["ws"]["headers"]["properties"]["Sec-WebSocket-Protocol"];
    assert_eq!(offered["enum"], json!(["v1", "v2"]));
}

#[test]
fn the_head_of_the_document() {
    let contract =
        Router::new().mount(untyped).contract().title("Cards", "1.2.0").description("All of them.");
    let document = parsed(&contract.clone().server("wss://cards.example.org/play").unwrap());
    assert_eq!(document["asyncapi"], "3.0.0");
    let info = json!({ "title": "Cards", "version": "1.2.0", "description": "All of them." });
    assert_eq!(document["info"], info);
    let server = json!({ "host": "cards.example.org", "protocol": "wss", "pathname": "/play" });
    assert_eq!(document["servers"]["server"], server);
    for wrong in ["cards.example.org", "https://cards.example.org", "/play", "", "wss://"] {
        let error = contract.clone().server(wrong).unwrap_err();
        assert!(error.is_route() && error.to_string().contains(&format!("`{wrong}`")), "{error}");
    }
}

/// With an id they repeat it, and without one they do not.
#[test]
fn messages_of_the_library() {
    #[websocket("/plain", on_message)]
    async fn plain(ask: Ask2) {
        let _ = ask;
    }

    let config = WebSocketConfig::default().liveness_interval(Duration::from_secs(20));
    let document = document(&Router::new().mount_with(plain, config).mount_session::<Deck>());
    let messages = &document["components"]["messages"];
    for (channel, message, component, id) in [
        ("plain", "error", "error", None),
        ("plain", "pong", "pong", None),
        ("plain", "ping", "ping", None),
        ("deck", "error", "error.Id", Some("id")),
        ("deck", "pong", "pong.Id", Some("id")),
        ("deck", "ping", "ping", None),
    ] {
        let referred = &document["channels"][channel]["messages"][message];
        assert_eq!(*referred, json!({ "$ref": format!("#/components/messages/{component}") }));
        let found = &messages[component];
        assert_eq!(found["name"], format!("${message}"));
        assert_eq!(found["payload"]["properties"]["type"]["const"], format!("${message}"));
        assert_eq!(found["payload"]["properties"].get("id").is_some(), id.is_some(), "{component}");
        assert_eq!(found.get("correlationId").is_some(), id.is_some(), "{component}");
    }
    let names = |operation: &str, of: &str| -> Vec<String> {
        let messages = document["operations"][operation].pointer(of).and_then(Value::as_array);
        let names = messages.into_iter().flatten().map(|message| message["$ref"].as_str().unwrap());
        names.map(|name| name.rsplit('/').next().unwrap().to_owned()).collect()
    };
    assert_eq!(names("plain.notices", "/messages"), ["error"]);
    assert_eq!(names("deck.notices", "/messages"), ["error", "lagged", "joined", "resumed"]);
    for operation in ["plain.ping", "plain.probe", "deck.ping"] {
        assert_eq!(names(operation, "/messages"), ["ping"], "{operation}");
        assert_eq!(names(operation, "/reply/messages"), ["pong"], "{operation}");
    }
    assert_eq!(document["operations"]["plain.probe"]["action"], "send");
    assert_eq!(document["operations"].get("deck.probe"), None);
}

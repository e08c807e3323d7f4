//! serde's attributes hold for messages of ours.

#![allow(dead_code, reason = "what is decoded is looked at by `Debug` only")]

use std::{borrow::Cow, collections::BTreeMap};

use ignitia::{ClientMessage, ServerMessage, prelude::*};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;

use crate::support::{ask, client};

/// The answer: the message as it was understood.
#[derive(Debug, Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "SCREAMING_SNAKE_CASE")]
enum Understood {
    AsDebug { as_text: String },
}

fn understood(message: &impl std::fmt::Debug) -> Understood {
    Understood::AsDebug { as_text: format!("{message:?}") }
}

/// Expects for each text the `Debug` form of the message, or the code of an error.
async fn check(router: Router, path: &str, cases: &[(&str, &str)]) {
    let mut socket = client(router).connect(path).await;
    for (text, expected) in cases {
        let answer = ask(&mut socket, *text).await;
        let found = match answer["type"].as_str() {
            Some("asDebug") => &answer["AS_TEXT"],
            _ => &answer["code"],
        };
        assert_eq!(found, &Value::from(*expected), "{text}: {answer}");
    }
}

#[derive(Debug, Deserialize, ClientMessage)]
#[serde(tag = "kind", rename_all = "SCREAMING-KEBAB-CASE", rename_all_fields = "camelCase")]
enum Renamed {
    SendText {
        long_name: String,
        #[serde(rename = "TO", alias = "to", alias = "recipient")]
        to: u8,
    },
    #[serde(alias = "bye", alias = "leave")]
    LeaveNow,
    #[serde(rename = "own name", rename_all = "PascalCase")]
    Own { long_name: Option<String> },
    #[serde(rename(deserialize = "in"))]
    In {
        #[serde(rename(deserialize = "x"), default)]
        y: u8,
    },
}

#[websocket("/", on_message)]
async fn renamed(message: Renamed) -> Understood {
    understood(&message)
}

#[tokio::test]
async fn renames_and_aliases_hold() {
    check(
        Router::new().mount(renamed),
        "/",
        &[
            (r#"{"kind":"SEND-TEXT","longName":"a","TO":1}"#, r#"SendText { long_name: "a", to: 1 }"#),
            (r#"{"kind":"SEND-TEXT","longName":"a","to":1}"#, r#"SendText { long_name: "a", to: 1 }"#),
            (r#"{"recipient":1,"kind":"SEND-TEXT","longName":"a"}"#, r#"SendText { long_name: "a", to: 1 }"#),
            (r#"{"kind":"SEND-TEXT","longName":"a","to":1,"TO":1}"#, "duplicate_field"),
            (r#"{"kind":"SEND-TEXT","long_name":"a","TO":1}"#, "missing_field"),
            (r#"{"kind":"LEAVE-NOW"}"#, "LeaveNow"),
            (r#"{"kind":"bye"}"#, "LeaveNow"),
            (r#"{"a":1,"kind":"leave"}"#, "LeaveNow"),
            (r#"{"kind":"LeaveNow"}"#, "unknown_tag"),
        ],
    )
    .await;
    check(
        Router::new().mount(renamed),
        "/",
        &[
            (r#"{"kind":"own name","LongName":"a"}"#, r#"Own { long_name: Some("a") }"#),
            (r#"{"kind":"own name","LongName":null}"#, "Own { long_name: None }"),
            (r#"{"kind":"own name"}"#, "Own { long_name: None }"),
            (r#"{"x":3,"kind":"in"}"#, "In { y: 3 }"),
            (r#"{"kind":"in","y":3}"#, "In { y: 0 }"),
            (r#"{"kind":"In"}"#, "unknown_tag"),
        ],
    )
    .await;
}

#[derive(Debug, Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Lenient {
    Known {
        a: u8,
    },
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize, ClientMessage)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
enum LenientAdjacent {
    Known {
        a: u8,
    },
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize, ClientMessage)]
#[serde(rename_all = "snake_case")]
enum LenientExternal {
    Known {
        a: u8,
    },
    #[serde(other)]
    Other,
}

#[websocket("/internal", on_message)]
async fn lenient(message: Lenient) -> Understood {
    understood(&message)
}

#[websocket("/adjacent", on_message)]
async fn lenient_adjacent(message: LenientAdjacent) -> Understood {
    understood(&message)
}

#[websocket("/external", on_message)]
async fn lenient_external(message: LenientExternal) -> Understood {
    understood(&message)
}

#[tokio::test]
async fn other() {
    let router = || Router::new().mount(lenient).mount(lenient_adjacent).mount(lenient_external);
    check(
        router(),
        "/internal",
        &[
            (r#"{"type":"known","a":1}"#, "Known { a: 1 }"),
            (r#"{"a":1,"type":"known"}"#, "Known { a: 1 }"),
            (r#"{"type":"known","a":"x"}"#, "invalid_type"),
            (r#"{"type":"new in the next version","b":[1,{}]}"#, "Other"),
            (r#"{"b":[1,{}],"type":"new"}"#, "Other"),
            (r#"{"type":"other"}"#, "Other"),
            (r#"{"b":1}"#, "missing_tag"),
            (r#"{"type":1}"#, "invalid_type"),
        ],
    )
    .await;
    check(
        router(),
        "/adjacent",
        &[
            (r#"{"type":"known","data":{"a":1}}"#, "Known { a: 1 }"),
            (r#"{"type":"new"}"#, "Other"),
            (r#"{"type":"new","data":null}"#, "Other"),
        ],
    )
    .await;
    check(router(), "/external", &[(r#"{"known":{"a":1}}"#, "Known { a: 1 }"), (r#""new""#, "Other")]).await;
}

fn seven() -> u8 {
    7
}

fn even<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    let number = u8::deserialize(deserializer)?;
    if number % 2 == 0 { Ok(number) } else { Err(D::Error::custom(format!("{number} is a secret"))) }
}

#[derive(Debug, Deserialize)]
struct Common {
    room: String,
    #[serde(default)]
    urgent: bool,
}

#[derive(Debug, Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Strict {
    Fields {
        a: u8,
        #[serde(default)]
        b: String,
        #[serde(default = "seven")]
        c: u8,
        #[serde(default, deserialize_with = "even")]
        d: u8,
        #[serde(skip)]
        e: u8,
    },
    Unit,
}

#[derive(Debug, Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Flat {
    Both {
        text: String,
        #[serde(flatten)]
        common: Common,
    },
    Rest {
        #[serde(flatten)]
        rest: BTreeMap<String, u8>,
    },
    Plain {
        a: u8,
    },
}

#[websocket("/strict", on_message)]
async fn strict(message: Strict) -> Understood {
    understood(&message)
}

#[websocket("/flat", on_message)]
async fn flat(message: Flat) -> Understood {
    understood(&message)
}

#[tokio::test]
async fn defaults_unknown_fields_and_custom_functions_hold() {
    check(
        Router::new().mount(strict),
        "/strict",
        &[
            (r#"{"type":"fields","a":1}"#, r#"Fields { a: 1, b: "", c: 7, d: 0, e: 0 }"#),
            (
                r#"{"d":4,"c":3,"b":"2","a":1,"type":"fields"}"#,
                r#"Fields { a: 1, b: "2", c: 3, d: 4, e: 0 }"#,
            ),
            (r#"{"type":"fields","a":1,"d":5}"#, "invalid"),
            (r#"{"d":5,"type":"fields","a":1}"#, "invalid"),
            (r#"{"type":"fields","a":1,"e":5}"#, "unknown_field"),
            (r#"{"x":5,"type":"fields","a":1}"#, "unknown_field"),
            (r#"{"type":"fields","a":1,"b":null}"#, "invalid_type"),
            (r#"{"type":"unit"}"#, "Unit"),
        ],
    )
    .await;
}

#[tokio::test]
async fn flattened_fields_are_decoded() {
    check(
        Router::new().mount(flat),
        "/flat",
        &[
            (
                r#"{"type":"both","text":"t","room":"r"}"#,
                r#"Both { text: "t", common: Common { room: "r", urgent: false } }"#,
            ),
            (
                r#"{"urgent":true,"room":"r","type":"both","text":"t"}"#,
                r#"Both { text: "t", common: Common { room: "r", urgent: true } }"#,
            ),
            (r#"{"type":"rest"}"#, "Rest { rest: {} }"),
            (r#"{"b":2,"type":"rest","a":1}"#, r#"Rest { rest: {"a": 1, "b": 2} }"#),
            (r#"{"type":"plain","a":1}"#, "Plain { a: 1 }"),
            (r#"{"type":"both","text":"t"}"#, "missing_field"),
            (r#"{"type":"rest","a":"x"}"#, "invalid_type"),
        ],
    )
    .await;
}

/// Fields borrow from the text: a session does not keep its messages.
#[derive(Debug, Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Borrowed<'a> {
    Say {
        #[serde(borrow)]
        text: Cow<'a, str>,
        to: u64,
    },
    #[serde(borrow)]
    Many(Names<'a>),
    Leave,
}

#[derive(Debug, Deserialize)]
struct Names<'a> {
    #[serde(borrow, default)]
    names: Vec<Cow<'a, str>>,
}

struct Borrowing {
    heard: Vec<String>,
}

#[websocket("/borrowing", message = Borrowed<'_>, reply = Understood)]
impl Borrowing {
    async fn accept() -> Self {
        Self { heard: Vec::new() }
    }

    #[on(Say { text, to })]
    async fn say(&mut self, text: Cow<'_, str>, to: u64) -> Understood {
        let kind = if matches!(text, Cow::Borrowed(_)) { "borrowed" } else { "owned" };
        tokio::task::yield_now().await;
        self.heard.push(text.clone().into_owned());
        Understood::AsDebug { as_text: format!("{kind} {text} for {to}") }
    }

    #[on(Many(names))]
    async fn many(&mut self, names: Names<'_>) -> Understood {
        Understood::AsDebug { as_text: names.names.join("+") }
    }

    #[on(Leave)]
    async fn leave(&mut self) -> Understood {
        Understood::AsDebug { as_text: self.heard.join("|") }
    }
}

#[tokio::test]
async fn sessions_may_borrow_from_the_text() {
    check(
        Router::new().mount_session::<Borrowing>(),
        "/borrowing",
        &[
            (r#"{"type":"say","text":"plain","to":1}"#, "borrowed plain for 1"),
            (r#"{"text":"behind","to":2,"type":"say"}"#, "borrowed behind for 2"),
            (r#"{"type":"say","text":"esc\u0061ped\n","to":3}"#, "owned escaped\n for 3"),
            (r#"{"to":4,"text":"\"","type":"s\u0061y"}"#, "owned \" for 4"),
            (r#"{"type":"many","names":["a","\t","ü"]}"#, "a+\t+ü"),
            (r#"{"type":"leave"}"#, "plain|behind|escaped\n|\""),
        ],
    )
    .await;
}

#[derive(Debug, Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Generic<T, const N: usize = 1>
where
    T: Default,
{
    Value {
        value: T,
        #[serde(default)]
        more: Vec<T>,
    },
    #[serde(bound = "")]
    Unit,
}

#[derive(Debug, Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Got<T: std::fmt::Debug> {
    Value { value: T },
    Nothing,
}

type Numbers = Generic<u32>;
type Message<T> = Generic<T>;

#[websocket("/numbers", on_message)]
async fn numbers(message: Numbers) -> Got<u32> {
    match message {
        Generic::Value { value, more } => Got::Value { value: value + more.iter().sum::<u32>() },
        Generic::Unit => Got::Nothing,
    }
}

#[websocket("/texts", on_message)]
async fn texts(message: Message<String>) -> Got<String> {
    match message {
        Generic::Value { value, more } => Got::Value { value: value + &more.concat() },
        Generic::Unit => Got::Nothing,
    }
}

struct Aliased;

#[websocket("/aliased", message = Numbers, reply = Got<u32>)]
impl Aliased {
    async fn accept() -> Self {
        Self
    }

    #[on(Value { value, .. })]
    async fn value(&mut self, value: u32) -> Got<u32> {
        Got::Value { value }
    }

    #[on(Unit)]
    async fn unit(&mut self) -> Got<u32> {
        Got::Nothing
    }
}

#[tokio::test]
async fn messages_may_be_generic_or_aliases() {
    let client = client(Router::new().mount(numbers).mount(texts).mount_session::<Aliased>());
    let mut socket = client.connect("/numbers").await;
    let got = ask(&mut socket, r#"{"type":"value","value":1,"more":[2,3]}"#).await;
    assert_eq!(got, json!({"type": "value", "value": 6}));
    assert_eq!(ask(&mut socket, r#"{"type":"unit"}"#).await, json!({"type": "nothing"}));
    assert_eq!(ask(&mut socket, r#"{"type":"value","value":"1"}"#).await["code"], "invalid_type");
    let mut socket = client.connect("/texts").await;
    let got = ask(&mut socket, r#"{"value":"a","type":"value","more":["b"]}"#).await;
    assert_eq!(got, json!({"type": "value", "value": "ab"}));
    let mut socket = client.connect("/aliased").await;
    let got = ask(&mut socket, r#"{"value":5,"type":"value","more":[]}"#).await;
    assert_eq!(got, json!({"type": "value", "value": 5}));
}

mod nested {
    pub(super) mod messages {
        #[derive(Debug, serde::Deserialize, ignitia::ClientMessage)]
        #[serde(tag = "type")]
        pub(in super::super) enum In {
            Ping(Inner),
            Pong,
        }

        #[derive(Debug, serde::Deserialize)]
        pub(in super::super) struct Inner {
            pub(in super::super) number: u8,
        }

        #[derive(Debug, serde::Serialize, ignitia::ServerMessage)]
        #[serde(tag = "type")]
        pub(in super::super) enum Out {
            Pinged { number: u8 },
        }
    }

    pub(super) mod endpoints {
        use ignitia::websocket;

        use super::messages;

        #[websocket("/function", on_message)]
        pub(in super::super) async fn function(message: messages::In) -> Option<messages::Out> {
            match message {
                messages::In::Ping(inner) => Some(messages::Out::Pinged { number: inner.number }),
                messages::In::Pong => None,
            }
        }

        pub(in super::super) struct Session;

        #[websocket("/session", message = super::messages::In, reply = super::messages::Out)]
        impl Session {
            async fn accept() -> Self {
                Self
            }

            #[on(Ping(inner))]
            async fn ping(&mut self, inner: messages::Inner) -> messages::Out {
                messages::Out::Pinged { number: inner.number + 1 }
            }

            #[on(Pong)]
            async fn pong(&mut self) {}
        }
    }
}

#[tokio::test]
async fn messages_may_be_declared_in_modules() {
    use nested::endpoints::{Session, function};
    let client = client(Router::new().mount(function).mount_session::<Session>());
    for (path, number) in [("/function", 3), ("/session", 4)] {
        let mut socket = client.connect(path).await;
        socket.send_text(r#"{"type":"Pong"}"#).await;
        let answer = ask(&mut socket, r#"{"number":3,"type":"Ping"}"#).await;
        assert_eq!(answer, json!({"type": "Pinged", "number": number}));
    }
}

/// Names that are no ASCII, keywords, and empty names.
#[derive(Debug, Deserialize, ClientMessage)]
#[serde(tag = "der \"Typ\"\n", rename_all = "snake_case")]
enum Odd {
    #[serde(rename = "")]
    Empty,
    #[serde(rename = "größe \"x\"")]
    Size {
        r#type: u8,
        #[serde(rename = "")]
        nameless: u8,
    },
}

#[websocket("/odd", on_message)]
async fn odd(message: Odd) -> Understood {
    understood(&message)
}

#[tokio::test]
async fn odd_names_are_escaped() {
    check(
        Router::new().mount(odd),
        "/odd",
        &[
            (r#"{"der \"Typ\"\n":""}"#, "Empty"),
            (r#"{"der \"Typ\"\n":"größe \"x\"","type":1,"":2}"#, "Size { type: 1, nameless: 2 }"),
            (
                r#"{"":2,"type":1,"der \u0022Typ\u0022\u000a":"gr\u00f6\u00dfe \"x\""}"#,
                "Size { type: 1, nameless: 2 }",
            ),
            (r#"{"type":"x"}"#, "missing_tag"),
        ],
    )
    .await;
}

/// A tag of another name, with a field called `type`; and one with the names of Rust.
#[derive(Debug, Deserialize, ClientMessage)]
#[serde(tag = "Op")]
#[allow(non_snake_case)]
enum AsIs {
    SendText { r#type: String, TO: u8 },
}

#[websocket("/as_is", on_message)]
async fn as_is(message: AsIs) -> Understood {
    understood(&message)
}

#[tokio::test]
async fn names_without_renaming_stay_as_they_are() {
    check(
        Router::new().mount(as_is),
        "/as_is",
        &[
            (r#"{"Op":"SendText","type":"a","TO":1}"#, r#"SendText { type: "a", TO: 1 }"#),
            (r#"{"type":"SendText","Op":"SendText","TO":1}"#, r#"SendText { type: "SendText", TO: 1 }"#),
            (r#"{"op":"SendText","type":"a","TO":1}"#, "missing_tag"),
        ],
    )
    .await;
}

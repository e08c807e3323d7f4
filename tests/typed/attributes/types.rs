//! Message types that borrow, are generic, or are declared elsewhere.

use std::borrow::Cow;

use ignitia::{ClientMessage, ServerMessage, prelude::*};
use serde::{Deserialize, Serialize};

use super::{Understood, check};
use crate::support::{ask, client};

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

//! Methods of sessions: hooks, `#[on(..)]`, and other items in the block.

use std::{fmt::Debug, time::Duration};

use ignitia::{
    ClientMessage, ServerMessage,
    prelude::*,
    websocket::{CloseCause, CloseKind},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use tokio::time::Instant;

use super::{Event, EventLog, log};
use crate::support::client;

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum In {
    Next,
    Fields { a: u8, b: String, r#type_: bool },
    New(Body),
    Close,
    SendFirst,
}

#[derive(Deserialize, Debug)]
struct Body {
    name: String,
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Out {
    Count { count: u32 },
    Text { text: String },
}

struct Counter {
    count: u32,
}

/// Documented, and with more than the methods that are called.
#[websocket("/counter", message = In, reply = Out)]
impl Counter {
    /// A constant of its own.
    const STEP: u32 = 2;

    async fn accept() -> Self {
        Self::new()
    }

    fn new() -> Self {
        Self { count: Self::STEP }
    }

    /// Documented.
    #[on(Next)]
    #[allow(clippy::unused_async)]
    pub(super) async fn next(&mut self) -> Out {
        self.count += Self::STEP;
        self.told()
    }

    #[on(Fields { b, r#type_: c, a: number })]
    async fn fields(&mut self, mut b: String, number: u8, c: bool) -> Out {
        b.push('!');
        Out::Text { text: format!("{number} {b} {c}") }
    }

    #[on(New(body))]
    async fn body(&mut self, body: Body) -> Out {
        let Body { name } = body;
        Out::Text { text: name }
    }

    #[on(Close)]
    async fn close(&mut self, ws: &WebSocketConnection) {
        let frame = CloseFrame { code: 4009, reason: "by hand".into() };
        ws.close(Some(frame)).await.unwrap();
    }

    #[on(SendFirst)]
    async fn send_first(&mut self, connection: &WebSocketConnection) -> Result<Vec<Out>> {
        connection.send_text("first").await?;
        Ok(vec![self.told(), self.told()])
    }

    fn told(&self) -> Out {
        Out::Count { count: self.count }
    }
}

impl Counter {
    #[allow(dead_code)]
    fn in_another_block(&self) {}
}

#[tokio::test]
async fn methods_take_fields_keep_state_and_reply() {
    let mut socket = client(Router::new().mount_session::<Counter>()).connect("/counter").await;
    for count in [4, 6, 8] {
        socket.send_text(r#"{"type":"next"}"#).await;
        assert_eq!(socket.recv_json::<Value>().await["count"], count);
    }
    socket.send_text(r#"{"a":1,"b":"x","type_":true,"type":"fields"}"#).await;
    assert_eq!(socket.recv_json::<Value>().await["text"], "1 x! true");
    socket.send_text(r#"{"type":"new","name":"n"}"#).await;
    assert_eq!(socket.recv_json::<Value>().await["text"], "n");
    socket.send_text(r#"{"type":"send_first"}"#).await;
    assert_eq!(socket.recv_text().await, "first");
    for _ in 0..2 {
        assert_eq!(socket.recv_json::<Value>().await["count"], 8);
    }
    socket.send_text(r#"{"type":"close"}"#).await;
    assert_eq!(socket.expect_close(4009).await.reason, "by hand");
    socket.expect_end().await;
}

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum Ping {
    Ping,
}

/// A session whose `on_open` does what its path names.
struct Opening {
    how: String,
    log: EventLog,
}

struct Refused;

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("hunter2")
    }
}

impl MessageError for Refused {
    fn code(&self) -> &'static str {
        "refused"
    }

    fn public_message(&self) -> std::borrow::Cow<'_, str> {
        "not now".into()
    }

    fn close(&self) -> Option<CloseFrame> {
        Some(CloseFrame { code: 4010, reason: "refused".into() })
    }
}

#[websocket("/opening/<how>", message = Ping, reply = Out, id = "id")]
impl Opening {
    async fn accept(how: String, State(log): State<EventLog>) -> Self {
        Self { how, log }
    }

    async fn on_open(&mut self, ws: &WebSocketConnection) -> Result<Vec<Out>, Refused> {
        match self.how.as_str() {
            "nothing" => Ok(vec![]),
            "two" => Ok([1, 2].map(|count| Out::Count { count }).into()),
            "slow" => {
                tokio::time::sleep(Duration::from_secs(3)).await;
                Ok(vec![Out::Count { count: 3 }])
            }
            "close" => {
                ws.close(Some(CloseFrame { code: 4011, reason: "at once".into() })).await.unwrap();
                Ok(vec![])
            }
            "panic" => panic!("on purpose"),
            _ => Err(Refused),
        }
    }

    #[on(Ping)]
    async fn ping(&mut self) -> Out {
        Out::Text { text: "pong".into() }
    }

    async fn on_close(self, why: CloseCause) {
        self.log.say(Event::Closing(why));
    }
}

#[tokio::test(start_paused = true)]
async fn on_open_runs_before_any_message() {
    let (log, mut events) = log();
    let client = client(Router::new().state(log).mount_session::<Opening>());
    for (how, counts) in [("nothing", &[][..]), ("two", &[1, 2]), ("slow", &[3])] {
        let mut socket = client.connect(&Opening::uri(how)).await;
        let start = Instant::now();
        socket.send_text(r#"{"type":"Ping","id":7}"#).await;
        for count in counts {
            // No message asked for this reply, so it has no id.
            assert_eq!(socket.recv_json::<Value>().await, json!({"type": "count", "count": count}));
        }
        assert_eq!(socket.recv_json::<Value>().await, json!({"type": "text", "text": "pong", "id": 7}));
        assert_eq!(start.elapsed().as_secs(), if how == "slow" { 3 } else { 0 });
        socket.close(1000, "").await;
        socket.expect_close(1000).await;
        assert_eq!(events.cause().await.kind, CloseKind::Peer);
    }
}

#[tokio::test]
async fn on_open_may_end_the_session() {
    let (log, mut events) = log();
    let client = client(Router::new().state(log).mount_session::<Opening>());
    let mut socket = client.connect("/opening/close").await;
    assert_eq!(socket.expect_close(4011).await.reason, "at once");
    socket.expect_end().await;
    assert_eq!(events.cause().await.kind, CloseKind::Local);

    let mut socket = client.connect("/opening/error").await;
    let error = json!({"type": "$error", "code": "refused", "message": "not now"});
    assert_eq!(socket.recv_json::<Value>().await, error);
    assert_eq!(socket.expect_close(4010).await.reason, "refused");
    assert_eq!(events.cause().await.kind, CloseKind::Local);

    let mut socket = client.connect("/opening/panic").await;
    assert_eq!(socket.expect_close(1011).await.reason, "");
    assert_eq!(events.cause().await.kind, CloseKind::Panic);
    assert_eq!(events.so_far(), []);
}

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum Set<T> {
    Set { value: T },
    Get,
}

struct Cell<T> {
    value: T,
}

/// A session with a type parameter, and with its own type of reply in each method.
#[websocket("/cell", message = Set<T>, reply = Value2)]
impl<T> Cell<T>
where
    T: DeserializeOwned + Default + Debug + Send + 'static,
{
    async fn accept() -> Self {
        Self { value: T::default() }
    }

    #[on(Set { value })]
    async fn set(&mut self, value: T) {
        self.value = value;
    }

    #[on(Get)]
    async fn get(&mut self) -> Value2 {
        Value2::Value { text: format!("{:?}", self.value) }
    }
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type")]
enum Value2 {
    Value { text: String },
}

#[tokio::test]
async fn sessions_may_be_generic() {
    let client = client(
        Router::new()
            .nest("/numbers", Router::new().mount_session::<Cell<u8>>())
            .nest("/lists", Router::new().mount_session::<Cell<Vec<String>>>()),
    );
    for (path, default, value, text) in
        [("/numbers/cell", "0", "7", "7"), ("/lists/cell", "[]", r#"["a"]"#, r#"["a"]"#)]
    {
        let mut socket = client.connect(path).await;
        socket.send_text(r#"{"type":"Get"}"#).await;
        assert_eq!(socket.recv_json::<Value>().await["text"], default);
        socket.send_text(format!(r#"{{"value":{value},"type":"Set"}}"#)).await;
        socket.send_text(r#"{"type":"Get"}"#).await;
        assert_eq!(socket.recv_json::<Value>().await["text"], text);
    }
}

macro_rules! session {
    ($name:ident, $path:literal, $variant:ident, $method:ident) => {
        struct $name;

        #[websocket($path, message = Ping, reply = Out)]
        impl $name {
            async fn accept() -> Self {
                Self
            }

            #[on($variant)]
            async fn $method(&mut self) -> Out {
                Out::Text { text: stringify!($name $method).into() }
            }
        }
    };
}

macro_rules! session_of_its_own_names {
    ($name:ident, $path:literal) => {
        struct $name;

        #[websocket($path, message = Ping, reply = Out)]
        impl $name {
            async fn accept() -> Self {
                Self
            }

            #[on(Ping)]
            async fn ping(&mut self, ws: &WebSocketConnection) -> Out {
                assert!(!ws.is_closed());
                Out::Text { text: stringify!($name).into() }
            }

            async fn on_close(self, _why: CloseCause) {}
        }
    };
}

session!(ByMacro, "/by_macro", Ping, ping);
session_of_its_own_names!(ByOther, "/by_other");

#[tokio::test]
async fn sessions_may_be_declared_by_macros() {
    let client = client(Router::new().mount_session::<ByMacro>().mount_session::<ByOther>());
    for (path, name) in [("/by_macro", "ByMacro ping"), ("/by_other", "ByOther")] {
        let mut socket = client.connect(path).await;
        socket.send_text(r#"{"type":"Ping"}"#).await;
        assert_eq!(socket.recv_json::<Value>().await["text"], name);
    }
}

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type")]
#[allow(non_camel_case_types)]
enum Odd {
    r#type { r#match: u8 },
    dispatch,
}

/// Names that the expansion could clash with: its own, keywords, hooks of the runtime trait.
struct __Message;

#[websocket("/odd/<type>", message = Odd, reply = Out)]
impl __Message {
    async fn accept(r#type: u8) -> Self {
        assert_eq!(r#type, 7);
        Self
    }

    #[on(r#type { r#match })]
    async fn open(&mut self, r#match: u8, __ws: &WebSocketConnection) -> Out {
        Out::Count { count: r#match.into() }
    }

    #[on(dispatch)]
    async fn close(&mut self, __text: &WebSocketConnection) -> Out {
        __text.send_text("x").await.unwrap();
        Out::Count { count: 0 }
    }

    async fn on_close(self) {}
}

#[tokio::test]
async fn names_of_the_expansion_do_not_clash() {
    let mut socket = client(Router::new().mount_session::<__Message>()).connect("/odd/7").await;
    socket.send_text(r#"{"type":"type","match":5}"#).await;
    assert_eq!(socket.recv_json::<Value>().await["count"], 5);
    socket.send_text(r#"{"type":"dispatch"}"#).await;
    assert_eq!(socket.recv_text().await, "x");
    assert_eq!(socket.recv_json::<Value>().await["count"], 0);
}

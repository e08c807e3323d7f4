//! Sessions with every hook and every form of method, argument and reply.

#![deny(warnings)]

use std::{borrow::Cow, convert::Infallible, fmt};

use ignitia::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Ask {
    Say { text: String, to: u64 },
    Move { at: (i32, i32), speed: f32 },
    Rename(Name),
    Nothing,
    Several,
    Perhaps,
    Fail,
    Write { r#type: String, ws: u8 },
    Leave {},
}

#[derive(Deserialize)]
struct Name {
    first: String,
    last: String,
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Told {
    Said { from: u64, text: String },
    Welcome,
}

#[derive(Debug)]
struct Muted;

impl fmt::Display for Muted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("muted")
    }
}

impl MessageError for Muted {
    fn code(&self) -> &'static str {
        "muted"
    }

    fn public_message(&self) -> Cow<'_, str> {
        "you cannot speak for a while".into()
    }
}

#[derive(Clone)]
struct Db;

struct Chat {
    room: String,
    name: String,
}

#[websocket("/chat/<room>", message = Ask, reply = Told, id = "id", on_malformed = close)]
impl Chat {
    const LIMIT: usize = 100;

    async fn accept(room: String, State(Db): State<Db>, headers: Headers) -> Result<Self, StatusCode> {
        if headers.is_empty() { Err(StatusCode::FORBIDDEN) } else { Ok(Self { room, name: String::new() }) }
    }

    async fn on_open(&mut self, ws: &WebSocketConnection) -> Result<Told, Muted> {
        self.name = ws.id().to_string();
        Ok(Told::Welcome)
    }

    #[on(Say { text, to })]
    async fn say(&mut self, text: String, to: u64) -> Result<Told, Muted> {
        if text.len() > Self::LIMIT { Err(Muted) } else { Ok(self.said(to, text)) }
    }

    #[on(Move { at: (x, y), speed })]
    async fn go(&mut self, speed: f32, y: i32, x: i32) -> Told {
        self.said(0, format!("{x} {y} {speed}"))
    }

    #[on(Rename(Name { first, last: family }))]
    async fn rename(&mut self, family: String, first: String, ws: &WebSocketConnection) -> Result<()> {
        self.name = first + &family;
        ws.send_text("renamed").await
    }

    #[on(Nothing)]
    async fn nothing(&self) {}

    #[on(Several)]
    async fn several(&mut self) -> Vec<Told> {
        vec![Told::Welcome, Told::Welcome]
    }

    #[on(Perhaps)]
    async fn perhaps(&mut self) -> Option<Told> {
        None
    }

    #[on(Fail)]
    pub async fn fail(&mut self) -> Result<Vec<Told>, Infallible> {
        Ok(Vec::new())
    }

    #[on(Write { r#type, ws: number })]
    async fn write(&mut self, r#type: String, mut number: u8, ws: &WebSocketConnection) -> Result<()> {
        number += 1;
        ws.send_text(format!("{} {number}", r#type)).await
    }

    #[on(Leave {})]
    async fn leave(&mut self) -> CloseFrame {
        CloseFrame { code: 1000, reason: self.room.clone() }
    }

    async fn on_close(mut self, why: CloseCause, ws: &WebSocketConnection) {
        self.name.clear();
        println!("{}{} {why:?} {}", self.room, self.name, ws.id());
    }

    fn said(&self, from: u64, text: String) -> Told {
        Told::Said { from, text: format!("{}: {text}", self.name) }
    }
}

#[derive(Deserialize, ClientMessage)]
enum Least {
    Go,
}

#[derive(Default)]
struct Minimal;

#[websocket("/least", message = Least)]
impl Minimal {
    async fn accept() -> Self {
        Self
    }

    #[on(Go)]
    async fn go(&mut self) {}
}

type Outcome<T> = std::result::Result<T, Response>;

/// All forms of the hooks.
struct Hooks;

#[websocket("/hooks", message = Least)]
impl Hooks {
    async fn accept(_: Headers) -> Outcome<Self> {
        Err(Response::unauthorized("who are you?"))
    }

    async fn on_open(&mut self) {}

    #[on(Go)]
    async fn go(&mut self) -> impl ignitia::Reply + use<> {
        Some(Told::Welcome)
    }

    async fn on_close(self, ws: &WebSocketConnection) {
        let _ = ws.id();
    }
}

struct Closing;

#[websocket("/closing", message = self::Least, on_malformed = ignore)]
impl Closing {
    async fn accept() -> Closing {
        Closing
    }

    async fn on_open(&mut self) -> Option<CloseFrame> {
        None
    }

    #[on(Go)]
    async fn go(&mut self, ws: &ignitia::WebSocketConnection) -> Result<()> {
        ws.close(None).await
    }

    async fn on_close(self, _: CloseCause) {}
}

fn main() {
    let router = Router::new()
        .mount_session::<Minimal>()
        .mount_session::<Hooks>()
        .mount_session_with::<Closing>(ignitia::websocket::WebSocketConfig::default())
        .state(Db)
        .mount_session::<Chat>();
    assert!(router.into_axum().is_ok());
    let _: axum::Router = axum::Router::new().mount_session::<Chat>().with_state(Db);
    assert_eq!((Chat::PATH, Chat::METHOD), ("/chat/<room>", "GET"));
    assert_eq!((Chat::MESSAGE, Chat::REPLY), (Some("Ask"), Some("Told")));
    assert_eq!((Minimal::MESSAGE, Minimal::REPLY), (Some("Least"), None));
    assert_eq!(Chat::EXTRACTORS, ["State<Db>", "Headers"]);
    assert_eq!(Chat::uri("a b"), "/chat/a%20b");
    let _ = Minimal::default();
}

//! Source code of the generated programs, with the macros and by hand.

/// First lines of every program.
pub(super) const HEAD: &str = "\
#![allow(dead_code, unused_imports, missing_docs)]
use ignitia::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone)]
struct Db;
";

/// Code of an endpoint, with the macros and by hand. `@` stands for its number.
#[derive(Clone, Copy)]
pub(super) struct EndpointKind {
    /// Part of the programs' names.
    pub(super) name: &'static str,
    /// True if the endpoint uses the messages.
    pub(super) messages: bool,
    pub(super) typed: &'static str,
    pub(super) by_hand: &'static str,
}

/// Messages of the endpoints.
pub(super) const TYPED_MESSAGES: &str = r#"
#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ClientMsg {
    Send { text: String, to: u64 },
    Join { room: String },
    Leave,
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ServerMsg {
    Said { text: String, from: u64 },
    Joined { room: String },
    Left,
}
"#;

const CONNECTION: EndpointKind = EndpointKind {
    name: "connection",
    messages: false,
    typed: r#"
#[websocket("/e@/<room>")]
async fn endpoint(room: String, State(_db): State<Db>, mut ws: WebSocketConnection) -> Result<Response> {
    ws.send_text(room).await?;
    while let Some(message) = ws.recv().await {
        if message.is_data() {
            ws.send(message).await?;
        }
    }
    Ok(Response::ok())
}

pub(super) fn add(router: Router<Db>) -> Router<Db> {
    router.mount(endpoint)
}
"#,
    by_hand: r#"
async fn endpoint(Path(room): Path<String>, State(_db): State<Db>, mut ws: WebSocketConnection) -> Result<Response> {
    ws.send_text(room).await?;
    while let Some(message) = ws.recv().await {
        if message.is_data() {
            ws.send(message).await?;
        }
    }
    Ok(Response::ok())
}

pub(super) fn add(router: Router<Db>) -> Router<Db> {
    router.websocket("/e@/{room}", endpoint)
}
"#,
};

const ON_MESSAGE: EndpointKind = EndpointKind {
    name: "on_message",
    messages: true,
    typed: r#"
#[websocket("/e@/<room>", on_message)]
async fn endpoint(room: String, State(_db): State<Db>, message: ClientMsg) -> ServerMsg {
    match message {
        ClientMsg::Send { text, to } => ServerMsg::Said { text: text + &room, from: to },
        ClientMsg::Join { room } => ServerMsg::Joined { room },
        ClientMsg::Leave => ServerMsg::Left,
    }
}

pub(super) fn add(router: Router<Db>) -> Router<Db> {
    router.mount(endpoint)
}
"#,
    by_hand: r#"
async fn endpoint(Path(room): Path<String>, State(_db): State<Db>, mut ws: WebSocketConnection) -> Result<Response> {
    while let Some(message) = ws.recv().await {
        let Message::Text(text) = message else { continue };
        let reply = match serde_json::from_str::<ClientMsg>(&text) {
            Ok(ClientMsg::Send { text, to }) => ServerMsg::Said { text: text + &room, from: to },
            Ok(ClientMsg::Join { room }) => ServerMsg::Joined { room },
            Ok(ClientMsg::Leave) => ServerMsg::Left,
            Err(error) => {
                ws.send_json(&json!({ "type": "error", "message": error.to_string() })).await?;
                continue;
            }
        };
        ws.send_json(&reply).await?;
    }
    Ok(Response::ok())
}

pub(super) fn add(router: Router<Db>) -> Router<Db> {
    router.websocket("/e@/{room}", endpoint)
}
"#,
};

const SESSION: EndpointKind = EndpointKind {
    name: "session",
    messages: true,
    typed: r#"
struct Chat {
    room: String,
}

#[websocket("/e@/<room>", message = ClientMsg, reply = ServerMsg)]
impl Chat {
    async fn accept(room: String, State(_db): State<Db>) -> Self {
        Self { room }
    }

    #[on(Send { text, to })]
    async fn send(&mut self, text: String, to: u64) -> ServerMsg {
        ServerMsg::Said { text: text + &self.room, from: to }
    }

    #[on(Join { room })]
    async fn join(&mut self, room: String) -> ServerMsg {
        self.room.clone_from(&room);
        ServerMsg::Joined { room }
    }

    #[on(Leave)]
    async fn leave(&mut self) -> ServerMsg {
        ServerMsg::Left
    }
}

pub(super) fn add(router: Router<Db>) -> Router<Db> {
    router.mount_session::<Chat>()
}
"#,
    by_hand: r#"
struct Chat {
    room: String,
}

impl Chat {
    async fn send(&mut self, text: String, to: u64) -> ServerMsg {
        ServerMsg::Said { text: text + &self.room, from: to }
    }

    async fn join(&mut self, room: String) -> ServerMsg {
        self.room.clone_from(&room);
        ServerMsg::Joined { room }
    }

    async fn leave(&mut self) -> ServerMsg {
        ServerMsg::Left
    }
}

async fn endpoint(Path(room): Path<String>, State(_db): State<Db>, mut ws: WebSocketConnection) -> Result<Response> {
    let mut chat = Chat { room };
    while let Some(message) = ws.recv().await {
        let Message::Text(text) = message else { continue };
        let reply = match serde_json::from_str::<ClientMsg>(&text) {
            Ok(ClientMsg::Send { text, to }) => chat.send(text, to).await,
            Ok(ClientMsg::Join { room }) => chat.join(room).await,
            Ok(ClientMsg::Leave) => chat.leave().await,
            Err(error) => {
                ws.send_json(&json!({ "type": "error", "message": error.to_string() })).await?;
                continue;
            }
        };
        ws.send_json(&reply).await?;
    }
    Ok(Response::ok())
}

pub(super) fn add(router: Router<Db>) -> Router<Db> {
    router.websocket("/e@/{room}", endpoint)
}
"#,
};

const CLIENT_MESSAGE: EndpointKind = EndpointKind {
    name: "client_message",
    messages: false,
    typed: r#"
#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ClientMsg {
    Send { text: String, to: u64 },
    Join { room: String },
    Move { x: f64, y: f64 },
    Typing,
    Leave,
}

pub(super) fn add(router: Router<Db>) -> Router<Db> {
    router
}
"#,
    by_hand: r#"
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ClientMsg {
    Send { text: String, to: u64 },
    Join { room: String },
    Move { x: f64, y: f64 },
    Typing,
    Leave,
}

pub(super) fn add(router: Router<Db>) -> Router<Db> {
    router
}
"#,
};

/// Rows of the table: each kind alone, and a program with all kinds, in which every endpoint has
/// its own messages.
pub(super) const ROWS: [(&str, &[EndpointKind]); 5] = [
    ("connection", &[CONNECTION]),
    ("on_message", &[ON_MESSAGE]),
    ("session of 3 variants", &[SESSION]),
    ("derive(ClientMessage), 5 variants", &[CLIENT_MESSAGE]),
    ("endpoints of all kinds, own messages", &[CONNECTION, ON_MESSAGE, SESSION]),
];

//! What may stand before the message.

#![deny(warnings)]

use std::{net::IpAddr, str::FromStr, sync::Arc};

use ignitia::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone)]
struct Db;

#[derive(Clone)]
struct RoomId(u64);

impl FromStr for RoomId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

#[derive(Clone, Deserialize)]
struct Login {
    token: String,
}

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum Ask {
    Say { text: String },
    Leave,
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type")]
enum Told {
    Said { text: String },
}

type Message = Ask;
type Ws = WebSocketConnection;

mod transport {
    pub use ignitia::WebSocketConnection as Connection;
    pub use ignitia::WebSocketConnection;
}

#[websocket("/none", on_message)]
async fn none(_: Ask) {}

#[websocket("/parameters/<room>/<from>/<rest..>", on_message)]
async fn parameters(from: IpAddr, rest: String, room: RoomId, msg: Ask) -> Option<Told> {
    match msg {
        Ask::Say { text } => Some(Told::Said { text: format!("{} {from} {rest} {text}", room.0) }),
        Ask::Leave => None,
    }
}

#[websocket("/changed/<room>", on_message)]
async fn changed(mut room: String, mut msg: Ask) -> Option<Told> {
    if let Ask::Say { text } = &mut msg {
        room.push_str(text);
    }
    Some(Told::Said { text: room })
}

#[websocket("/connection", on_message)]
async fn connection(State(Db): State<Db>, ws: WebSocketConnection, msg: Ask) -> Result<()> {
    match msg {
        Ask::Say { text } => ws.send_text(text).await,
        Ask::Leave => ws.close(None).await,
    }
}

#[websocket("/connection-by-path", on_message)]
async fn connection_by_path(_: transport::WebSocketConnection, _: crate_of_messages::Ask) {}

#[websocket("/message-under-alias", on_message)]
async fn message_under_alias(ws: Ws2, msg: Message) {
    let _ = (ws, msg);
}

type Ws2 = Extension<u8>;

#[websocket("/shared/<room>", on_message)]
async fn shared(
    room: String,
    Extension(log): Extension<Arc<str>>,
    Query(login): Query<Arc<Login>>,
    Headers(headers): Headers,
    Cookies(cookies): Cookies,
    RequestId(id): RequestId,
    msg: Ask,
) -> Option<Told> {
    let who = cookies.get("who").unwrap_or_default();
    match msg {
        Ask::Say { text } => Some(Told::Said {
            text: format!("{room} {log} {} {} {who} {id} {text}", login.token, headers.len()),
        }),
        Ask::Leave => None,
    }
}

#[websocket("/body/<room>", on_message)]
async fn body(room: String, Json(login): Json<Login>, msg: Ask) -> Option<Told> {
    match msg {
        Ask::Say { text } => Some(Told::Said { text: room + &login.token + &text }),
        Ask::Leave => None,
    }
}

#[websocket("/seven/<a>/<b>", on_message)]
async fn seven(
    a: u8,
    b: u8,
    _: State<Db>,
    _: Headers,
    _: Cookies,
    _: RequestId,
    _: Json<Login>,
    ws: WebSocketConnection,
    msg: Ask,
) {
    let _ = (a, b, ws, msg);
}

mod crate_of_messages {
    pub(super) use super::Ask;
}

#[websocket("/typed/<room>")]
async fn typed(room: String, State(Db): State<Db>, mut ws: TypedConnection<Ask, Told>) -> Result<Response> {
    while let Some(ask) = ws.recv().await {
        match ask {
            Ok(Ask::Say { text }) => ws.send(&Told::Said { text: room.clone() + &text }).await?,
            Ok(Ask::Leave) => return Ok(Response::ok()),
            Err(malformed) => ws.send_error(&malformed).await?,
        }
    }
    Ok(Response::ok())
}

type Typed = TypedConnection<Ask, Told>;

#[websocket("/typed-under-alias")]
async fn typed_under_alias(ws: Typed) -> Response {
    let _: &Ws = ws.get_ref();
    let _: Option<transport::Connection> = None;
    Response::ok()
}

fn main() {
    let router = Router::new()
        .mount(none)
        .mount(parameters)
        .mount(changed)
        .mount(connection_by_path)
        .mount(message_under_alias)
        .mount(body)
        .mount(typed_under_alias)
        .state(Db)
        .mount(connection)
        .mount(typed)
        .mount(seven);
    assert!(router.into_axum().is_ok());
    assert_eq!(seven::EXTRACTORS, ["State<Db>", "Headers", "Cookies", "RequestId", "Json<Login>"]);
    assert_eq!(seven::MESSAGE, Some("Ask"));
    assert_eq!((typed::MESSAGE, typed::REPLY), (Some("Ask"), Some("Told")));
    let _ = shared::uri("lobby");
}

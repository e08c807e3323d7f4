//! A method for all that no other method handles: the enum of another crate may be `#[non_exhaustive]`.

#![deny(clippy::unused_async)]

use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
#[non_exhaustive]
enum ClientMsg {
    Say { text: String },
    Move { x: f32 },
    Leave,
}

#[derive(serde::Serialize, ServerMessage)]
#[serde(tag = "type")]
enum ServerMsg {
    Said { text: String },
    Unknown,
}

struct First;

#[websocket("/first", message = ClientMsg, reply = ServerMsg, id = "id")]
impl First {
    async fn accept() -> Self {
        Self
    }

    #[on(_)]
    async fn rest(&mut self, request: ReplyTo<ServerMsg>, ws: &WebSocketConnection) -> ServerMsg {
        let _ = (request, ws);
        ServerMsg::Unknown
    }

    #[on(Say { text })]
    async fn say(&mut self, text: String) -> ServerMsg {
        ServerMsg::Said { text }
    }

    #[on(Move { x: _ })]
    async fn go(&mut self) {}
}

struct Alone;

#[websocket("/alone", message = ClientMsg)]
impl Alone {
    async fn accept() -> Self {
        Self
    }

    #[on(_)]
    async fn all(&mut self) -> ServerMsg {
        ServerMsg::Unknown
    }
}

fn main() {
    let msg = [ClientMsg::Say { text: String::new() }, ClientMsg::Move { x: 0.0 }, ClientMsg::Leave];
    assert_eq!(msg.iter().filter(|msg| matches!(msg, ClientMsg::Move { x } if *x == 0.0)).count(), 1);
    let _: Router = Router::new().mount_session::<First>().mount_session::<Alone>();
}

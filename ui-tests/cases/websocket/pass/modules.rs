//! Several endpoints in a module, in nested modules, in functions, and imported from them.

#![deny(warnings)]

use ignitia::prelude::*;

mod v1 {
    use super::*;

    #[websocket("/v1/chat/<room>")]
    pub async fn chat(room: String, _: WebSocketConnection) -> String {
        room
    }

    #[websocket("/v1/echo")]
    pub(super) async fn echo(_: WebSocketConnection) -> Response {
        Response::ok()
    }

    pub mod rooms {
        use ignitia::prelude::*;

        #[websocket("/v1/rooms/<room>")]
        pub(in crate::v1) async fn chat(room: super::Room, _: WebSocketConnection) -> String {
            room.to_string()
        }

        pub fn routes() -> Router {
            Router::new().mount(chat).mount(self::chat_of_two)
        }

        #[websocket("/v1/rooms/<room>/<other>")]
        async fn chat_of_two(room: super::Room, other: super::Room, _: WebSocketConnection) -> String {
            format!("{room} {other}")
        }
    }

    type Room = u64;
}

mod v2 {
    use super::*;

    #[websocket("/v2/chat/<room>")]
    pub async fn chat(room: String, ws: WebSocketConnection) -> String {
        v1::chat(room, ws).await
    }
}

use v1::echo;
use v2::chat as chat_of_today;

fn local() -> Router {
    #[websocket("/local")]
    async fn local(_: WebSocketConnection) -> Response {
        Response::ok()
    }

    Router::new().mount(local)
}

fn main() {
    let router = Router::new()
        .mount(v1::chat)
        .mount(echo)
        .mount(chat_of_today)
        .merge(v1::rooms::routes())
        .merge(local());
    assert!(router.into_axum().is_ok());
    assert_eq!(chat_of_today::PATH, "/v2/chat/<room>");
}

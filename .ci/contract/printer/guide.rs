//! The endpoints of the guide whose chapters show front ends.

mod browser {
    use ignitia::prelude::*;
    use schemars::JsonSchema;
    use serde::{Deserialize, Serialize};

    #[derive(Deserialize, JsonSchema, ClientMessage)]
    #[serde(tag = "type", rename_all = "snake_case")]
    enum SumsAsk {
        /// Adds two numbers.
        Add { a: i32, b: i32 },
    }

    #[derive(Serialize, JsonSchema, ServerMessage)]
    #[serde(tag = "type", rename_all = "snake_case")]
    enum SumsTell {
        Sum { is: i32 },
    }

    #[derive(Deserialize, JsonSchema)]
    struct RoomQuery {
        token: Option<String>,
    }

    #[websocket("/sums", on_message, id = "id")]
    async fn sums(ask: SumsAsk) -> SumsTell {
        let SumsAsk::Add { a, b } = ask;
        SumsTell::Sum { is: a.wrapping_add(b) }
    }

    #[websocket("/rooms/<room>")]
    async fn room(room: String, Query(login): Query<RoomQuery>, ws: WebSocketConnection) -> Result<Response> {
        let RoomQuery { token } = login;
        ws.send_text(format!("{room}, {token:?}")).await?;
        Ok(Response::ok())
    }

    pub(super) fn router() -> Router {
        Router::new().mount(sums).mount(room)
    }
}

mod stored_messages {
    use ignitia::{prelude::*, rooms::Resume};
    use schemars::JsonSchema;

    #[derive(serde::Serialize, JsonSchema)]
    struct Post {
        id: u64,
        key: String,
        text: String,
    }

    #[derive(serde::Deserialize, JsonSchema, ClientMessage)]
    #[serde(tag = "type", rename_all = "snake_case")]
    enum ChatAsk {
        Say { key: String, text: String },
        Older { before: Option<u64> },
    }

    #[derive(serde::Serialize, JsonSchema, ServerMessage)]
    #[serde(tag = "type", rename_all = "snake_case")]
    enum ChatTell {
        Said { post: Post },
        Stored { post: u64 },
        Page { posts: Vec<Post> },
    }

    struct Chat;

    #[websocket("/chat", message = ChatAsk, reply = ChatTell, id = "id")]
    impl Chat {
        async fn accept(_: Resume) -> Self {
            Self
        }

        #[on(Say { key, text })]
        async fn say(&mut self, key: String, text: String) -> ChatTell {
            ChatTell::Said { post: Post { id: 1, key, text } }
        }

        #[on(Older { before })]
        async fn older(&mut self, before: Option<u64>) -> ChatTell {
            before.map_or_else(|| ChatTell::Page { posts: Vec::new() }, |post| ChatTell::Stored { post })
        }
    }

    pub(super) fn router() -> Router {
        Router::new().mount_session::<Chat>()
    }
}

mod upload {
    use ignitia::prelude::*;
    use schemars::JsonSchema;
    use serde::{Deserialize, Serialize};

    #[derive(Deserialize, JsonSchema, ClientMessage)]
    #[serde(tag = "type", rename_all = "snake_case")]
    enum UploaderAsk {
        Begin { name: String, size: u64 },
    }

    #[derive(Serialize, JsonSchema, ServerMessage)]
    #[serde(tag = "type", rename_all = "snake_case")]
    enum UploaderTell {
        Ready { piece: u32 },
        Progress { received: u64 },
        Stored { name: String },
    }

    struct Uploader;

    #[websocket("/uploads", message = UploaderAsk, reply = UploaderTell, id = "id")]
    impl Uploader {
        async fn accept() -> Self {
            Self
        }

        #[on(Begin { name, size })]
        async fn begin(&mut self, name: String, size: u64) -> UploaderTell {
            if size == 0 { UploaderTell::Stored { name } } else { UploaderTell::Ready { piece: 1 } }
        }

        async fn on_binary(&mut self, piece: Vec<u8>) -> UploaderTell {
            UploaderTell::Progress { received: piece.len() as u64 }
        }
    }

    pub(super) fn router() -> Router {
        Router::new().mount_session::<Uploader>()
    }
}

pub(crate) fn router() -> ignitia::Router {
    browser::router().merge(stored_messages::router()).merge(upload::router())
}

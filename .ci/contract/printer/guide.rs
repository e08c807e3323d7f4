//! The endpoints of the guide whose chapters show front ends.

mod browser {
    use ignitia::prelude::*;
    use schemars::JsonSchema;
    use serde::{Deserialize, Serialize};

    #[derive(Deserialize, JsonSchema, ClientMessage)]
    #[serde(tag = "type", rename_all = "snake_case")]
    enum Ask {
        /// Adds two numbers.
        Add { a: i32, b: i32 },
    }

    #[derive(Serialize, JsonSchema, ServerMessage)]
    #[serde(tag = "type", rename_all = "snake_case")]
    enum Tell {
        Sum { is: i32 },
    }

    #[derive(Deserialize, JsonSchema)]
    struct Login {
        token: Option<String>,
    }

    #[websocket("/sums", on_message, id = "id")]
    async fn sums(ask: Ask) -> Tell {
        let Ask::Add { a, b } = ask;
        Tell::Sum { is: a.wrapping_add(b) }
    }

    #[websocket("/rooms/<room>")]
    async fn room(room: String, Query(login): Query<Login>, ws: WebSocketConnection) -> Result<Response> {
        let Login { token } = login;
        ws.send_text(format!("{room}, {token:?}")).await?;
        Ok(Response::ok())
    }

    pub(super) fn router() -> Router {
        Router::new().mount(sums).mount(room)
    }
}

mod upload {
    use ignitia::prelude::*;
    use schemars::JsonSchema;
    use serde::{Deserialize, Serialize};

    #[derive(Deserialize, JsonSchema, ClientMessage)]
    #[serde(tag = "type", rename_all = "snake_case")]
    enum Ask {
        Begin { name: String, size: u64 },
    }

    #[derive(Serialize, JsonSchema, ServerMessage)]
    #[serde(tag = "type", rename_all = "snake_case")]
    enum Tell {
        Ready { piece: u32 },
        Progress { received: u64 },
        Stored { name: String },
    }

    struct Uploader;

    #[websocket("/uploads", message = Ask, reply = Tell, id = "id")]
    impl Uploader {
        async fn accept() -> Self {
            Self
        }

        #[on(Begin { name, size })]
        async fn begin(&mut self, name: String, size: u64) -> Tell {
            if size == 0 { Tell::Stored { name } } else { Tell::Ready { piece: 1 } }
        }

        async fn on_binary(&mut self, piece: Vec<u8>) -> Tell {
            Tell::Progress { received: piece.len() as u64 }
        }
    }

    pub(super) fn router() -> Router {
        Router::new().mount_session::<Uploader>()
    }
}

pub(crate) fn router() -> ignitia::Router {
    browser::router().merge(upload::router())
}

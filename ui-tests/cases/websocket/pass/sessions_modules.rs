//! Sessions in modules and in functions, private types in public sessions, messages from elsewhere.

#![deny(warnings)]

use ignitia::prelude::*;

pub mod chat {
    use ignitia::prelude::*;

    use super::messages;

    #[derive(serde::Serialize, ServerMessage)]
    #[serde(tag = "type")]
    enum Told {
        Said { text: String },
    }

    struct User {
        name: String,
    }

    impl<S: Sync> ignitia::FromRequestParts<S> for User {
        type Rejection = StatusCode;

        async fn from_request_parts(
            parts: &mut axum::http::request::Parts,
            _: &S,
        ) -> std::result::Result<Self, StatusCode> {
            Ok(Self { name: parts.uri.to_string() })
        }
    }

    pub struct Chat {
        user: User,
    }

    #[websocket("/chat", message = messages::Ask, reply = Told)]
    impl Chat {
        async fn accept(user: User) -> Self {
            Self { user }
        }

        #[on(Say { text })]
        async fn say(&mut self, text: String) -> Told {
            Told::Said { text: text + &self.user.name }
        }

        #[on(Leave)]
        async fn leave(&mut self) {}
    }

    impl Chat {
        /// Another block is the user's own affair.
        pub fn name(&self) -> &str {
            &self.user.name
        }
    }
}

mod messages {
    #[derive(serde::Deserialize, ignitia::ClientMessage)]
    #[serde(tag = "type")]
    pub(super) enum Ask {
        Say { text: String },
        Leave,
    }
}

use messages::Ask as Question;

struct Renamed;

#[websocket("/renamed", message = Question)]
impl Renamed {
    async fn accept() -> Self {
        Self
    }

    #[on(Say { text: _ })]
    async fn say(&mut self) {}

    #[on(Leave)]
    async fn leave(&mut self) {}
}

mod elsewhere {
    use ignitia::prelude::*;

    pub struct Far;

    mod inner {
        use super::{Far, websocket};

        #[websocket("/far", message = super::super::messages::Ask)]
        impl Far {
            pub(in crate::elsewhere) async fn accept() -> super::Far {
                Far
            }

            #[on(Say { .. })]
            async fn say(&mut self) {}

            #[on(Leave)]
            async fn leave(&mut self) {}
        }
    }
}

fn local() -> Router {
    #[derive(serde::Deserialize, ClientMessage)]
    #[serde(tag = "type")]
    enum Ask {
        Say { text: String },
        Leave,
    }

    #[derive(serde::Serialize, ServerMessage)]
    #[serde(tag = "type")]
    enum Told {
        Said { text: String },
    }

    struct Local {
        name: String,
    }

    #[websocket("/local/<name>", message = Ask, reply = Told, id = "id")]
    impl Local {
        async fn accept(name: String) -> Self {
            Self { name }
        }

        #[on(Say { text })]
        async fn say(&mut self, text: String) -> Told {
            Told::Said { text: format!("{} {text}", self.name) }
        }

        #[on(Leave)]
        async fn leave(&mut self) {}
    }

    #[websocket("/local", on_message, id = "id")]
    async fn local(msg: Ask) -> Option<Told> {
        match msg {
            Ask::Say { text } => Some(Told::Said { text }),
            Ask::Leave => None,
        }
    }

    #[websocket("/typed")]
    async fn typed(ws: TypedConnection<Ask, Told>) -> Result<Response> {
        ws.send(&Told::Said { text: "hello".into() }).await?;
        Ok(Response::ok())
    }

    Router::new().mount_session::<Local>().mount(local).mount(typed)
}

fn main() {
    let router = Router::new()
        .mount_session::<chat::Chat>()
        .mount_session::<Renamed>()
        .mount_session::<elsewhere::Far>()
        .merge(local());
    assert!(router.into_axum().is_ok());
    let _ = chat::Chat::name;
}

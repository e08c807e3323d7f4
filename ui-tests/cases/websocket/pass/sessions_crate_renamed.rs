//! The runtime crate under other names, for typed endpoints.

#![deny(warnings)]

extern crate ignitia as web;

mod rt {
    pub use ignitia::*;
}

mod renamed {
    #[derive(serde::Deserialize, web::ClientMessage)]
    #[serde(tag = "type")]
    #[message(crate = ::web)]
    pub enum Ask {
        Say { text: String },
        Leave,
    }

    #[derive(serde::Serialize, web::ServerMessage)]
    #[message(crate = ::web)]
    #[serde(tag = "type")]
    pub enum Told {
        Said { text: String },
    }

    #[web::websocket("/renamed", on_message, id = "id", crate = ::web)]
    pub async fn renamed(msg: Ask) -> Option<Told> {
        match msg {
            Ask::Say { text } => Some(Told::Said { text }),
            Ask::Leave => None,
        }
    }
}

use renamed::{Ask, Told};

struct Chat;

#[rt::websocket("/chat", message = Ask, reply = Told, id = "id", crate = crate::rt)]
impl Chat {
    async fn accept() -> Self {
        Self
    }

    #[on(Say { text })]
    async fn say(&mut self, text: String, ws: &rt::WebSocketConnection) -> Told {
        let _ = ws;
        Told::Said { text }
    }

    #[on(Leave)]
    async fn leave(&mut self) {}

    async fn on_close(self) {}
}

#[derive(serde::Deserialize, rt::ClientMessage)]
#[serde(tag = "type")]
#[message(crate = rt)]
enum Relative {
    Leave,
}

#[rt::websocket("/relative", crate = rt)]
async fn relative(_: rt::TypedConnection<Relative, Told>) -> rt::CloseFrame {
    let _ = Relative::Leave;
    rt::CloseFrame { code: 4000, reason: String::new() }
}

macro_rules! by_dollar_crate {
    ($ask:ident, $told:ident, $session:ident) => {
        #[derive(serde::Deserialize, rt::ClientMessage)]
        #[message(crate = $crate::rt)]
        enum $ask {
            Leave,
        }

        #[derive(serde::Serialize, rt::ServerMessage)]
        #[message(crate = $crate::rt)]
        enum $told {
            Left,
        }

        struct $session;

        #[rt::websocket("/dollar", crate = $crate::rt, message = $ask, reply = $told)]
        impl $session {
            async fn accept() -> Self {
                Self
            }

            #[on(Leave)]
            async fn leave(&mut self) -> $told {
                $told::Left
            }
        }
    };
}

by_dollar_crate!(DollarAsk, DollarTold, Dollar);

fn main() {
    let router = rt::Router::new()
        .mount(renamed::renamed)
        .mount(relative)
        .mount_session::<Chat>()
        .mount_session::<Dollar>();
    assert!(router.into_axum().is_ok());
}

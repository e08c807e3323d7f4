//! The runtime crate under other names.

#![deny(warnings)]

extern crate ignitia as web;

mod rt {
    pub use ignitia::*;
}

mod renamed {
    #[web::websocket("/renamed/<room>", crate = ::web)]
    pub async fn renamed(room: String, _: web::WebSocketConnection) -> String {
        room
    }
}

#[rt::websocket("/alias/<room>", crate = crate::rt)]
async fn alias(room: String, _: rt::Headers, _: rt::WebSocketConnection) -> String {
    room
}

#[rt::websocket("/relative", crate = rt,)]
async fn relative(_: rt::WebSocketConnection) -> rt::CloseFrame {
    rt::CloseFrame { code: 4000, reason: String::new() }
}

macro_rules! by_dollar_crate {
    ($name:ident) => {
        #[rt::websocket("/dollar", crate = $crate::rt)]
        async fn $name(_: rt::WebSocketConnection) -> rt::StatusCode {
            rt::StatusCode::FORBIDDEN
        }
    };
}

by_dollar_crate!(dollar);

fn main() {
    let router = rt::Router::new().mount(renamed::renamed).mount(alias).mount(relative).mount(dollar);
    assert!(router.into_axum().is_ok());
}

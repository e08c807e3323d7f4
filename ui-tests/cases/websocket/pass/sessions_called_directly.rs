//! The methods of a session are methods: a unit test calls them.

#![deny(warnings)]

use std::future::{Future, IntoFuture};

use ignitia::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum Ask {
    Say { text: String },
    Leave,
}

#[derive(Debug, PartialEq, Serialize, ServerMessage)]
#[serde(tag = "type")]
enum Told {
    Said { text: String },
}

#[derive(Debug)]
struct Chat {
    room: String,
    said: usize,
}

#[websocket("/chat/<room>", message = Ask, reply = Told)]
impl Chat {
    async fn accept(room: String) -> Result<Self, StatusCode> {
        if room == "attic" { Err(StatusCode::FORBIDDEN) } else { Ok(Self { room, said: 0 }) }
    }

    #[on(Say { text })]
    async fn send(&mut self, text: String) -> Told {
        self.said += 1;
        Told::Said { text: format!("{}: {text}", self.room) }
    }

    #[on(Leave)]
    async fn leave(&mut self) -> Option<CloseFrame> {
        None
    }

    async fn on_close(self, _: CloseCause) {}
}

/// Runs a future that waits for nothing.
fn now<F: IntoFuture>(future: F) -> F::Output {
    let mut future = Box::pin(future.into_future());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => panic!("it waits"),
    }
}

async fn session() {
    assert_eq!(Chat::accept("attic".into()).await.expect_err("it is closed"), StatusCode::FORBIDDEN);
    let mut chat = Chat::accept("lobby".into()).await.expect("it is open");
    assert_eq!(chat.send("hi".into()).await, Told::Said { text: "lobby: hi".into() });
    assert!(chat.leave().await.is_none());
    assert_eq!(chat.said, 1);
}

fn main() {
    now(session());
    let _ = |chat: Chat, why| now(chat.on_close(why));
    assert!(Router::new().mount_session::<Chat>().into_axum().is_ok());
}

//! Documentation, conditions and lints on sessions, their methods, and their messages.

#![deny(warnings, missing_docs)]

use ignitia::prelude::*;
use serde::{Deserialize, Serialize};

/// What is asked.
#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type")]
pub enum Ask {
    /// Says something.
    Say {
        /// What.
        text: String,
        /// How loud.
        #[cfg(any())]
        volume: Volume,
    },
    /// Switched off.
    #[cfg(any())]
    Shout(NoSuchType),
    /// Switched on.
    #[cfg(all())]
    Leave,
}

/// What is told.
#[derive(Serialize, ServerMessage)]
#[serde(tag = "type")]
pub enum Told {
    /// Somebody said something.
    Said {
        /// What.
        text: String,
    },
}

/// The state of a connection.
pub struct Chat {
    room: String,
}

/// Its methods.
#[websocket("/chat/<room>", message = Ask, reply = Told, id = "id")]
#[allow(clippy::needless_pass_by_value)]
impl Chat {
    /// Makes a session.
    pub async fn accept(room: String) -> Self {
        Self { room }
    }

    /// Says something.
    #[on(Say { text })]
    #[allow(unused_variables)]
    pub async fn say(&mut self, text: String) -> Told {
        let greeting = "hello";
        Told::Said { text }
    }

    /// Switched off, like its variant.
    #[cfg(any())]
    #[on(Shout(text))]
    async fn shout(&mut self, text: NoSuchType) -> Told {
        no_such_function()
    }

    /// Switched off above the other attribute.
    #[on(Shout(text))]
    #[cfg(any())]
    async fn shout_louder(&mut self, text: NoSuchType) -> Told {
        no_such_function()
    }

    #[doc(hidden)]
    #[cfg(all())]
    #[on(Leave)]
    #[expect(unused_variables, reason = "the greeting comes later")]
    async fn leave(&mut self) -> CloseFrame {
        let greeting = "hello";
        CloseFrame { code: 1000, reason: self.room.clone() }
    }

    #[cfg(any())]
    async fn helper(&mut self) -> NoSuchType {
        no_such_function()
    }

    #[allow(clippy::unused_async)]
    async fn on_close(self) {}
}

struct Switched;

#[cfg(any())]
#[websocket("/switched", message = NoSuchType, reply = AnotherOne, id = "id")]
impl Switched {
    async fn accept() -> Self {
        Self
    }

    #[on(Say { text })]
    async fn say(&mut self, text: String) {}
}

#[websocket("/switched", message = NoSuchType, reply = AnotherOne, id = "id")]
#[cfg(any())]
impl Switched {
    async fn accept() -> Self {
        Self
    }

    #[on(Say { text })]
    async fn say(&mut self, text: String) {}
}

#[websocket("/switched", message = Ask, id = "id")]
#[cfg(not(any()))]
impl Switched {
    async fn accept() -> Self {
        Self
    }

    #[on(Say { .. })]
    async fn say(&mut self) {}

    #[on(Leave)]
    async fn leave(&mut self) {}
}

fn main() {
    let router = Router::new().mount_session::<Chat>().mount_session::<Switched>();
    assert!(router.into_axum().is_ok());
}

//! Sessions whose variants, fields, arguments and methods have names that the expansion could take for its own.

#![deny(warnings)]

use ignitia::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "kind")]
enum Message {
    Self_ {
        self_: u8,
        r#type: String,
        r#async: u8,
    },
    Ok {
        result: u8,
    },
    Err {
        error: u8,
    },
    Some {
        value: u8,
    },
    None,
    Async(Inner),
    Await,
    Type {
        __message: u8,
        __id: u8,
        __ws: u8,
        __text: u8,
        __decoded: u8,
        __ended: u8,
    },
    Message {
        message: u8,
        id: u8,
        text: u8,
        ws: u8,
    },
    #[allow(non_camel_case_types)]
    r#fn,
    #[allow(non_camel_case_types)]
    lower,
}

#[derive(Deserialize)]
struct Inner {
    value: u8,
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "kind")]
enum Answer {
    Message { reply: u64 },
    r#Type,
}

struct Session {
    value: u64,
}

#[websocket("/names/<session>/<state>/<request>/<type>", message = Message, reply = Answer, id = "reply_to")]
impl Session {
    async fn accept(session: u8, state: u8, request: u8, r#type: String) -> Self {
        let sum = u64::from(session) + u64::from(state) + u64::from(request);
        Self { value: sum + r#type.len() as u64 }
    }

    #[on(Self_ { self_, r#type, r#async })]
    async fn open(&mut self, r#async: u8, r#type: String, self_: u8) -> Answer {
        self.answer(u64::from(self_ + r#async) + r#type.len() as u64)
    }

    #[on(Ok { result })]
    async fn dispatch(&mut self, result: u8) -> Answer {
        self.answer(result.into())
    }

    #[on(Err { error })]
    async fn close(&mut self, error: u8) -> Answer {
        self.answer(error.into())
    }

    #[on(Some { value })]
    async fn accepted(&mut self, value: u8) -> Result<Answer> {
        Result::Ok(self.answer(value.into()))
    }

    #[on(None)]
    async fn into_response(&mut self) -> Option<Answer> {
        Option::None
    }

    #[on(Async(Inner { value }))]
    async fn r#async(&mut self, value: u8) -> Answer {
        self.answer(value.into())
    }

    #[on(Await)]
    async fn r#await(&mut self) -> Answer {
        Answer::r#Type
    }

    #[on(Type { __message, __id, __ws, __text, __decoded, __ended })]
    async fn r#type(
        &mut self,
        __id: u8,
        __ws: u8,
        __message: u8,
        __text: u8,
        __decoded: u8,
        __ended: u8,
        ws: &WebSocketConnection,
    ) -> Result<Answer> {
        ws.send_text("typed").await?;
        Result::Ok(self.answer(u64::from(__id + __ws + __message + __text + __decoded + __ended)))
    }

    #[on(Message { message, id, text, ws })]
    async fn message(&mut self, text: u8, message: u8, ws: u8, id: u8) -> Answer {
        self.answer(u64::from(text + message + ws + id))
    }

    #[on(r#fn)]
    async fn serve(&mut self) {}

    #[on(lower)]
    async fn mount(&mut self) {}

    async fn on_close(self, r#type: CloseCause) {
        let _ = r#type;
    }

    fn answer(&self, more: u64) -> Answer {
        Answer::Message { reply: self.value + more }
    }

    /// No hook: it only begins like one.
    async fn under_way(&mut self) {}
}

#[allow(dead_code)]
mod shadowed {
    use super::{Inner, websocket};

    pub struct Option;
    pub struct Result;
    pub struct String;
    pub struct Send;
    pub struct Vec;
    pub struct Box;
    pub struct Ok;
    pub mod core {}
    pub mod std {}
    pub mod ignitia {}
    pub mod serde {}

    #[derive(::serde::Deserialize, ::ignitia::ClientMessage)]
    #[serde(tag = "type", crate = "::serde")]
    pub enum Ask {
        Put(Inner),
    }

    #[derive(::serde::Serialize, ::ignitia::ServerMessage)]
    #[serde(tag = "type", crate = "::serde")]
    pub enum Told {
        Got { value: u8 },
    }

    pub struct Shadowed;

    #[websocket("/shadowed/<name>", message = Ask, reply = Told, id = "id")]
    impl Shadowed {
        async fn accept(name: u8) -> Self {
            let _ = name;
            Self
        }

        #[on(Put(inner))]
        async fn put(&mut self, inner: Inner) -> Told {
            Told::Got { value: inner.value }
        }
    }

    #[websocket("/shadowed", on_message, id = "id")]
    pub async fn shadowed(msg: Ask) -> Told {
        match msg {
            Ask::Put(Inner { value }) => Told::Got { value },
        }
    }
}

#[allow(non_snake_case)]
#[websocket("/on-message/<msg>/<id>", on_message, id = "request")]
async fn __message(msg: u8, id: u8, __ws: WebSocketConnection, __id: Message) -> Option<Answer> {
    let _ = (__ws, __id);
    Some(Answer::Message { reply: u64::from(msg + id) })
}

#[websocket("/message", on_message)]
async fn each_message(message: Message) {
    let _ = message;
}

fn main() {
    let router = Router::new()
        .mount_session::<Session>()
        .mount_session::<shadowed::Shadowed>()
        .mount(shadowed::shadowed)
        .mount(__message)
        .mount(each_message);
    assert!(router.into_axum().is_ok());
    assert_eq!(Session::PARAMETERS, ["session", "state", "request", "type"]);
    let _ = |mut session: Session| async move { session.under_way().await };
}

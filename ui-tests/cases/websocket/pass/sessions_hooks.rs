//! Sessions with clocks, events, raw text, bytes and later answers; events of a private type in a public session.

#![deny(warnings)]

use std::time::Duration;

use ignitia::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type")]
pub enum Ask {
    Hello { id: String },
    Bye,
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type")]
pub enum Told {
    Hello { to: String },
}

struct News<T> {
    text: T,
}

const PERIOD: Duration = Duration::from_secs(30);

pub struct Chat<T> {
    value: T,
}

#[websocket("/chat/<room>", message = Ask, reply = Told)]
impl<T: Default + ToString + Send + 'static> Chat<T> {
    async fn accept(room: String, events: Events<News<T>>, headers: Headers) -> Result<Self, StatusCode> {
        drop((room, events, headers));
        Ok(Self { value: T::default() })
    }

    async fn on_open(&mut self, events: Events<News<T>>, ws: &WebSocketConnection) {
        let _ = (events.try_send(News { text: T::default() }), ws.id());
    }

    async fn on_raw(&mut self, text: &str) -> Option<Message> {
        (text == "ping").then(|| "pong".into())
    }

    async fn on_binary(&mut self, bytes: Vec<u8>, ws: &WebSocketConnection) -> Result<()> {
        ws.send_binary(bytes).await
    }

    async fn on_event(&mut self, News { text }: News<T>) -> Option<Told> {
        self.value = text;
        Some(Told::Hello { to: self.value.to_string() })
    }

    #[every("250ms")]
    async fn tick(&mut self) {}

    #[every(PERIOD * 2)]
    async fn minute(&mut self, ws: &WebSocketConnection) -> Vec<Told> {
        drop(ws.clone());
        Vec::new()
    }

    #[on(Hello { id })]
    async fn hello(&mut self, id: String) -> Told {
        Told::Hello { to: id }
    }

    #[on(Bye)]
    async fn bye(&mut self) -> CloseFrame {
        CloseFrame { code: 1000, reason: "bye".into() }
    }

    async fn on_close(self, _: CloseCause) {}
}

macro_rules! ticking {
    ($name:ident, $period:expr, $method:ident, $event:ty) => {
        struct $name;

        #[websocket("/ticking", message = Ask, reply = Told, id = "request")]
        impl $name {
            async fn accept(events: Events<$event>) -> Self {
                drop(events);
                Self
            }

            #[every($period)]
            async fn $method(&mut self) {}

            #[on(Hello { id })]
            async fn hello(&mut self, id: String, request: ReplyTo<Told>, ws: &WebSocketConnection) -> Result<()> {
                ws.reply_to(&request, Told::Hello { to: id }).await
            }

            #[on(Bye)]
            async fn bye(&mut self) {}

            async fn on_event(&mut self, event: $event) {
                let _ = event;
            }
        }
    };
}

ticking!(Literal, "5s", tick, u8);
ticking!(Expression, Duration::from_secs(5), tick, Vec<String>);

async fn heartbeat(text: &str, _: &WebSocketConnection) -> Option<()> {
    text.is_empty().then_some(())
}

mod uploads {
    use ignitia::{Message, WebSocketConnection};

    pub async fn echo(bytes: Vec<u8>, _: &WebSocketConnection) -> Message {
        bytes.into()
    }
}

#[websocket("/function", on_message, id = "request", on_raw = heartbeat, on_binary = uploads::echo)]
async fn function(headers: Headers, request: ReplyTo, ws: WebSocketConnection, msg: Ask) -> Result<()> {
    match msg {
        Ask::Hello { id } => ws.reply_to(&request, Told::Hello { to: format!("{id} {headers:?}") }).await,
        Ask::Bye => Ok(()),
    }
}

#[websocket("/raw", on_message, on_raw = self::heartbeat)]
async fn raw(_: Ask) {}

fn main() {
    let _ = Router::new()
        .mount_session::<Chat<u32>>()
        .nest("/literal", Router::new().mount_session::<Literal>())
        .nest("/expression", Router::new().mount_session::<Expression>())
        .mount(function)
        .mount(raw);
    // They stay methods: a unit test calls them.
    let _ = |mut chat: Chat<u32>| async move {
        chat.tick().await;
        (chat.on_event(News { text: 8 }).await, chat.on_raw("ping").await)
    };
}

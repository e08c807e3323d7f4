//! Nothing of the standard library's prelude is in scope, for typed endpoints.

#![deny(warnings)]
#![no_implicit_prelude]

#[derive(::serde::Deserialize, ::ignitia::ClientMessage)]
#[serde(tag = "type")]
enum Ask {
    Say { text: ::std::string::String, to: ::std::option::Option<u64> },
    Put(Value),
    Leave,
}

#[derive(::serde::Deserialize)]
struct Value {
    value: u8,
}

#[derive(::serde::Deserialize, ::ignitia::ClientMessage)]
#[serde(tag = "type", content = "data")]
enum Adjacent {
    Say(::std::string::String),
}

#[derive(::serde::Deserialize, ::ignitia::ClientMessage)]
enum External<'a, T> {
    Say(::std::borrow::Cow<'a, str>),
    Put(T),
}

#[derive(::serde::Serialize, ::ignitia::ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Told {
    Said { text: ::std::string::String },
}

struct Chat {
    room: ::std::string::String,
}

#[::ignitia::websocket("/chat/<room>/<seat>", message = Ask, reply = Told, id = "id")]
impl Chat {
    async fn accept(
        room: ::std::string::String,
        seat: u8,
        headers: ::ignitia::Headers,
        _events: ::ignitia::Events<u8>,
    ) -> ::std::result::Result<Self, ::ignitia::StatusCode> {
        match headers.len() + ::std::convert::Into::<usize>::into(seat) {
            0 => ::std::result::Result::Err(::ignitia::StatusCode::FORBIDDEN),
            _ => ::std::result::Result::Ok(Self { room }),
        }
    }

    async fn on_open(&mut self, ws: &::ignitia::WebSocketConnection) -> ::ignitia::Result<()> {
        ws.send_text("welcome").await
    }

    async fn on_raw(&mut self, text: &str) -> ::std::option::Option<::ignitia::Message> {
        (text == "ping").then(|| ::std::convert::From::from("pong"))
    }

    async fn on_binary(&mut self, bytes: ::std::vec::Vec<u8>, ws: &::ignitia::WebSocketConnection) -> ::ignitia::Result<()> {
        ws.send_binary(bytes).await
    }

    async fn on_event(&mut self, event: u8) -> ::std::option::Option<Told> {
        let _ = event;
        ::std::option::Option::None
    }

    #[every("5s")]
    async fn tick(&mut self) {}

    #[every(::std::time::Duration::from_secs(60))]
    async fn minute(&mut self, _: &::ignitia::WebSocketConnection) {}

    #[on(Say { text, to: _ })]
    async fn say(&mut self, text: ::std::string::String) -> Told {
        self.room.push_str(&text);
        Told::Said { text }
    }

    #[on(Put(value))]
    async fn put(
        &mut self,
        value: Value,
        ws: &::ignitia::WebSocketConnection,
    ) -> ::std::option::Option<Told> {
        ::std::println!("{} {}", value.value, ws.id());
        ::std::option::Option::None
    }

    #[on(Leave)]
    async fn leave(&mut self) -> ::ignitia::CloseFrame {
        ::ignitia::CloseFrame { code: 4000, reason: ::std::string::String::new() }
    }

    async fn on_close(self, why: ::ignitia::websocket::CloseCause) {
        ::std::println!("{} {why:?}", self.room);
    }
}

struct Least;

#[::ignitia::websocket("/least", message = External<'_, u8>)]
impl Least {
    async fn accept() -> Self {
        Self
    }

    #[on(Say(text))]
    async fn say(&mut self, text: ::std::borrow::Cow<'_, str>) {
        ::std::println!("{text}");
    }

    #[on(Put(_))]
    async fn put(&mut self) {}
}

#[::ignitia::websocket("/echo/<room>", on_message, id = "id", on_malformed = ignore)]
async fn echo(
    room: ::std::string::String,
    ws: ::ignitia::WebSocketConnection,
    msg: Ask,
) -> ::ignitia::Result<::std::vec::Vec<Told>> {
    ws.send_text(room).await?;
    ::std::result::Result::Ok(match msg {
        Ask::Say { text, to: ::std::option::Option::None } => ::std::vec![Told::Said { text }],
        _ => ::std::vec::Vec::new(),
    })
}

#[::ignitia::websocket("/adjacent", on_message, id = "id")]
async fn adjacent(msg: Adjacent) -> Told {
    let Adjacent::Say(text) = msg;
    Told::Said { text }
}

#[::ignitia::websocket("/typed")]
async fn typed(mut ws: ::ignitia::TypedConnection<Adjacent, Told>) -> ::ignitia::Response {
    while ws.recv().await.is_some() {}
    ::ignitia::ResponseExt::text("")
}

fn main() {
    let router = ::ignitia::Router::new()
        .mount(echo)
        .mount(adjacent)
        .mount(typed)
        .mount_session::<Chat>()
        .mount_session::<Least>();
    ::std::assert!(router.into_axum().is_ok());
    ::std::assert!(Chat::uri(1, 2) == "/chat/1/2");
}

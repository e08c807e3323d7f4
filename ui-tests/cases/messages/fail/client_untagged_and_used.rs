use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(untagged)]
enum ClientMsg {
    Say { text: String },
    Move { x: i32, y: i32 },
}

#[websocket("/echo", on_message, id = "id")]
async fn echo(msg: ClientMsg) {
    match msg {
        ClientMsg::Say { text } => println!("{text}"),
        ClientMsg::Move { x, y } => println!("{x} {y}"),
    }
}

struct Chat;

#[websocket("/chat", message = ClientMsg)]
impl Chat {
    async fn accept() -> Self {
        Self
    }

    #[on(Say { text })]
    async fn say(&mut self, text: String) {
        println!("{text}");
    }

    #[on(Move { x, y })]
    async fn go(&mut self, x: i32, y: i32) {
        println!("{x} {y}");
    }
}

fn main() {
    let _ = Router::new().mount(echo).mount_session::<Chat>();
}

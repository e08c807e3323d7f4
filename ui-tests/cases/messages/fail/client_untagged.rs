use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(untagged)]
enum ClientMsg {
    Say { text: String },
    Move { x: i32, y: i32 },
}

#[websocket("/echo", on_message)]
async fn echo(msg: ClientMsg) {
    match msg {
        ClientMsg::Say { text } => println!("{text}"),
        ClientMsg::Move { x, y } => println!("{x} {y}"),
    }
}

fn main() {
    let _ = Router::new().mount(echo);
}

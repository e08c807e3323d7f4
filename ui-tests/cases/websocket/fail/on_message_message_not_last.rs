use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

#[websocket("/echo", on_message)]
async fn echo(msg: ClientMsg, State(greeting): State<String>) {
    match msg {
        ClientMsg::Say { text } => println!("{greeting} {text}"),
        ClientMsg::Leave => {}
    }
}

fn main() {
    let _ = Router::new().state(String::new()).mount(echo);
}

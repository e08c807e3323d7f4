use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

#[websocket("/echo", message)]
async fn echo(msg: ClientMsg) {
    match msg {
        ClientMsg::Say { text } => println!("{text}"),
        ClientMsg::Leave => {}
    }
}

fn main() {
    let _ = Router::new().mount(echo);
}

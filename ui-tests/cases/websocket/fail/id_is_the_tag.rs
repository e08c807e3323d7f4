use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "kind")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

#[websocket("/echo", on_message, id = "kind")]
async fn echo(msg: ClientMsg) {
    match msg {
        ClientMsg::Say { text } => println!("{text}"),
        ClientMsg::Leave => {}
    }
}

fn main() {
    let _ = Router::new().mount(echo);
}

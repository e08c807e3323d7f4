use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type", content = "data")]
enum ClientMsg {
    Say(String),
    Leave,
}

#[websocket("/echo", on_message, id = "data")]
async fn echo(msg: ClientMsg) {
    match msg {
        ClientMsg::Say(text) => println!("{text}"),
        ClientMsg::Leave => {}
    }
}

fn main() {
    let _ = Router::new().mount(echo);
}

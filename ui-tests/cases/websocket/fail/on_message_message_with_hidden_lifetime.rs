use std::borrow::Cow;

use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg<'a> {
    Say { text: Cow<'a, str> },
    Leave,
}

#[websocket("/echo", on_message)]
async fn echo(msg: ClientMsg) {
    match msg {
        ClientMsg::Say { text } => println!("{text}"),
        ClientMsg::Leave => {}
    }
}

fn main() {
    let _ = Router::new().mount(echo);
}

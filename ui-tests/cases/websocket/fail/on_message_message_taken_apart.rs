use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

#[websocket("/echo", on_message)]
async fn echo(ClientMsg::Say { text }: ClientMsg) {
    println!("{text}");
}

fn main() {
    let _ = Router::new().mount(echo);
}

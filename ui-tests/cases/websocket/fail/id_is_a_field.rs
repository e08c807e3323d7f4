use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Delete { id: u64 },
}

#[websocket("/echo", on_message, id = "id")]
async fn echo(msg: ClientMsg) {
    match msg {
        ClientMsg::Say { text } => println!("{text}"),
        ClientMsg::Delete { id } => println!("{id}"),
    }
}

fn main() {
    let _ = Router::new().mount(echo);
}

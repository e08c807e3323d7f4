use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

#[websocket("/rooms/<room>", on_message)]
async fn room(Path(room): Path<String>, msg: ClientMsg) {
    match msg {
        ClientMsg::Say { text } => println!("{text} in {room}"),
        ClientMsg::Leave => {}
    }
}

fn main() {
    let _ = Router::new().mount(room);
}

// Mistakes: 4
use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

#[derive(serde::Serialize, ServerMessage)]
#[serde(tag = "type")]
enum ServerMsg {
    Said { text: String },
}

#[websocket("/rooms/<room>", on_message, id = "id")]
async fn chat(room: Strng, State(db): State<Dbb>, msg: ClientMesg) -> Result<Option<ServerMesg>, CloseFrame> {
    drop((room, db, msg));
    Ok(None)
}

fn main() {
    let _ = (Router::new().mount(chat), ClientMsg::Leave, ServerMsg::Said { text: String::new() });
}

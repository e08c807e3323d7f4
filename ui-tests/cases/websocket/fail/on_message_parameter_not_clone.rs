use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

struct RoomId(u64);

impl std::str::FromStr for RoomId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

#[websocket("/rooms/<room>", on_message)]
async fn room(room: RoomId, msg: ClientMsg) {
    match msg {
        ClientMsg::Say { text } => println!("{text} in {}", room.0),
        ClientMsg::Leave => {}
    }
}

fn main() {
    let _ = Router::new().mount(room);
}

use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    #[serde(rename = "$ping")]
    Ping,
}

fn main() {
    let _ = |message: ClientMsg| match message {
        ClientMsg::Say { text } => text,
        ClientMsg::Ping => String::new(),
    };
}

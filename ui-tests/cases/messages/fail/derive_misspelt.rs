use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessages)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

fn main() {
    let _ = Router::<()>::new();
}

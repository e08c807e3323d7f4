use ignitia::Router;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

fn main() {
    let _ = Router::<()>::new();
}

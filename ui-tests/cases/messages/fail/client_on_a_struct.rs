use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
struct Say {
    text: String,
}

#[websocket("/echo", on_message)]
async fn echo(msg: Say) {
    println!("{}", msg.text);
}

fn main() {
    let _ = Router::new().mount(echo);
}

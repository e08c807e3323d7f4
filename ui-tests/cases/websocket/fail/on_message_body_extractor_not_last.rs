use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

#[websocket("/echo", on_message)]
async fn echo(Json(greeting): Json<String>, headers: Headers, msg: ClientMsg) {
    match msg {
        ClientMsg::Say { text } => println!("{greeting} {text} {}", headers.len()),
        ClientMsg::Leave => {}
    }
}

fn main() {
    let _ = Router::new().mount(echo);
}

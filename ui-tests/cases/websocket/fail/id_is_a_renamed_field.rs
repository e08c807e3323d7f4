use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
enum ClientMsg {
    Say { text: String },
    Delete { request_id: u64 },
}

#[websocket("/echo", on_message, id = "requestId")]
async fn echo(msg: ClientMsg) {
    match msg {
        ClientMsg::Say { text } => println!("{text}"),
        ClientMsg::Delete { request_id } => println!("{request_id}"),
    }
}

fn main() {
    let _ = Router::new().mount(echo);
}

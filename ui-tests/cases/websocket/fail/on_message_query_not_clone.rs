use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

#[derive(serde::Deserialize)]
struct Login {
    name: String,
}

#[websocket("/rooms", on_message)]
async fn room(Query(login): Query<Login>, msg: ClientMsg) {
    match msg {
        ClientMsg::Say { text } => println!("{} says {text}", login.name),
        ClientMsg::Leave => {}
    }
}

fn main() {
    let _ = Router::new().mount(room);
}

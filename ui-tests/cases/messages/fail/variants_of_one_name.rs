// Mistakes: 4
// Warnings: 2
use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ClientMsg {
    SayIt { text: String },
    #[serde(rename = "say_it")]
    Tell { text: String },
    #[serde(alias = "say_it")]
    Shout,
}

#[derive(serde::Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "lowercase")]
enum ServerMsg {
    LoggedIn,
    Loggedin,
    #[serde(rename = "error")]
    NotFound,
    Error,
}

#[websocket("/chat", on_message)]
async fn chat(msg: ClientMsg) -> ServerMsg {
    match msg {
        ClientMsg::SayIt { text } | ClientMsg::Tell { text } if text.is_empty() => ServerMsg::Error,
        ClientMsg::Shout => ServerMsg::Loggedin,
        _ => ServerMsg::NotFound,
    }
}

fn main() {
    let _ = (Router::new().mount(chat), ServerMsg::LoggedIn);
}

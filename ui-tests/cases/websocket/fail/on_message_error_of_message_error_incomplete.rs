use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

#[derive(Debug)]
struct Muted;

impl MessageError for Muted {
    fn code(&self) -> &'static str {
        "muted"
    }

    fn public_message(&self) -> std::borrow::Cow<'_, str> {
        "you cannot speak".into()
    }
}

#[websocket("/echo", on_message)]
async fn echo(msg: ClientMsg) -> Result<(), Muted> {
    match msg {
        ClientMsg::Say { .. } => Err(Muted),
        ClientMsg::Leave => Ok(()),
    }
}

fn main() {
    let _ = Router::new().mount(echo);
}

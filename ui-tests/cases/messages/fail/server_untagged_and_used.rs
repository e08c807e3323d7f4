use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

#[derive(serde::Serialize, ServerMessage)]
#[serde(untagged)]
enum ServerMsg {
    Said { text: String },
}

#[websocket("/echo", on_message, id = "id")]
async fn echo(msg: ClientMsg) -> Option<ServerMsg> {
    match msg {
        ClientMsg::Say { text } => Some(ServerMsg::Said { text }),
        ClientMsg::Leave => None,
    }
}

#[websocket("/typed")]
async fn typed(ws: TypedConnection<ClientMsg, ServerMsg>) -> Result<Response> {
    ws.send(&ServerMsg::Said { text: "hello".into() }).await?;
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().mount(echo).mount(typed);
}

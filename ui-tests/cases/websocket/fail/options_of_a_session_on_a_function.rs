use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Leave,
}

#[derive(serde::Serialize, ServerMessage)]
#[serde(tag = "type")]
enum ServerMsg {
    Left,
}

#[websocket("/chat", message = ClientMsg, reply = ServerMsg, on_malformed = close)]
async fn chat(ws: TypedConnection<ClientMsg, ServerMsg>) -> Result<Response> {
    ws.send(&ServerMsg::Left).await?;
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().mount(chat);
}

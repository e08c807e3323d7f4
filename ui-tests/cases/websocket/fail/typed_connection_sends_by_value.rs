use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

#[derive(serde::Serialize, ServerMessage)]
#[serde(tag = "type")]
enum ServerMsg {
    Said { text: String },
}

#[websocket("/echo")]
async fn echo(ws: TypedConnection<ClientMsg, ServerMsg>) -> Result<Response> {
    ws.send(ServerMsg::Said { text: "hello".into() }).await?;
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().mount(echo);
}

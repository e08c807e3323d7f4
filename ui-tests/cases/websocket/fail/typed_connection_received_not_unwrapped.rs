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
async fn echo(mut ws: TypedConnection<ClientMsg, ServerMsg>) -> Result<Response> {
    while let Some(msg) = ws.recv().await {
        if let ClientMsg::Say { text } = msg {
            ws.send(&ServerMsg::Said { text }).await?;
        }
    }
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().mount(echo);
}

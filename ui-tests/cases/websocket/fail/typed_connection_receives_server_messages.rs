use ignitia::prelude::*;

#[derive(serde::Serialize, ServerMessage)]
#[serde(tag = "type")]
enum ServerMsg {
    Said { text: String },
}

#[websocket("/echo")]
async fn echo(ws: TypedConnection<ServerMsg, ServerMsg>) -> Result<Response> {
    ws.accept().await?;
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().mount(echo);
}

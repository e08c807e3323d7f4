use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

#[websocket("/echo")]
async fn echo(ws: TypedConnection<ClientMsg, String>) -> Result<Response> {
    ws.accept().await?;
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().mount(echo);
}

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

#[websocket("/echo/<room>", on_message)]
async fn echo(room: String, msg: ClientMsg, ws: WebSocketConnection) -> Option<ServerMsg> {
    match msg {
        ClientMsg::Say { text } => Some(ServerMsg::Said { text: room + &text }),
        ClientMsg::Leave => ws.close(None).await.ok().and(None),
    }
}

async fn lobby(ws: WebSocketConnection) -> Option<ServerMsg> {
    println!("{} {:?} {:?} {:?}", echo::PATH, echo::MESSAGE, echo::REPLY, echo::PARAMETERS);
    echo(echo::uri("lobby"), ClientMsg::Leave, ws).await;
    None
}

fn main() {
    let _ = lobby;
    let _ = Router::new().mount(echo);
    let _: axum::Router = axum::Router::new().mount(echo);
}

use ignitia::prelude::*;
use ignitia::websocket::websocket_message_handler;

async fn echo(Path(room): Path<String>, ws: WebSocketConnection, message: Message) -> Result<Response> {
    println!("{room}");
    ws.send(message).await?;
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().websocket("/echo/{room}", websocket_message_handler(echo));
}

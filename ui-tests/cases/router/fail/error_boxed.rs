use ignitia::prelude::*;

async fn double(mut ws: WebSocketConnection) -> Result<Response, Box<dyn std::error::Error + Send + Sync>> {
    while let Some(Message::Text(text)) = ws.recv().await {
        let number: u32 = text.parse()?;
        ws.send_json(&(number * 2)).await?;
    }
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().websocket("/double", double);
}

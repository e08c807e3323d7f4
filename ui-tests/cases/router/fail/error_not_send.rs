use ignitia::prelude::*;

fn parse(text: &str) -> Result<u32, Box<dyn std::error::Error>> {
    Ok(text.parse()?)
}

async fn double(mut ws: WebSocketConnection) -> Result<Response> {
    while let Some(Message::Text(text)) = ws.recv().await {
        match parse(&text) {
            Ok(number) => ws.send_json(&(number * 2)).await?,
            Err(error) => ws.send_text(error.to_string()).await?,
        }
    }
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().websocket("/double", double);
}

//! Our errors and others' meet in one box by `?`, also across an await.

use std::error::Error as StdError;

use ignitia::prelude::*;

type BoxError = Box<dyn StdError + Send + Sync>;

async fn converse(ws: &mut WebSocketConnection) -> Result<(), BoxError> {
    ws.accept().await?;
    while let Some(Message::Text(text)) = ws.recv().await {
        let number: u32 = text.parse()?;
        ws.send_json(&(number * 2)).await?;
    }
    ws.close(None).await?;
    Ok(())
}

async fn double(mut ws: WebSocketConnection) -> Result<Response> {
    if let Err(error) = converse(&mut ws).await {
        ws.send_text(error.to_string()).await?;
        return Ok(Response::bad_request("Numbers only"));
    }
    Ok(Response::ok())
}

fn main() -> Result<(), Box<dyn StdError>> {
    let router = Router::new().websocket("/double", double).into_axum()?;
    let _ = Server::new(router, "127.0.0.1:0".parse()?);
    Ok(())
}

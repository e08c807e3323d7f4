//! Functions that are called per message and per batch; closures need no types.

use ignitia::prelude::*;
use ignitia::websocket::{websocket_batch_handler, websocket_message_handler};

async fn echo(ws: WebSocketConnection, message: Message) -> Result<Response> {
    ws.send(message).await?;
    Ok(Response::ok())
}

async fn store(_: WebSocketConnection, batch: Vec<Message>) -> impl IntoResponse {
    format!("{} messages", batch.len())
}

fn main() {
    let shout = websocket_message_handler(|ws, message| async move {
        match message {
            Message::Text(text) => ws.send_text(text.to_uppercase()).await?,
            Message::Binary(_) => return Ok(StatusCode::UNSUPPORTED_MEDIA_TYPE),
            _ => {}
        }
        Ok::<_, Error>(StatusCode::OK)
    });
    let once = websocket_message_handler(|_, _| async { CloseFrame { code: 4000, reason: "once".into() } });
    let count = websocket_batch_handler(
        |ws, batch| async move {
            let texts = batch.iter().filter_map(Message::as_text).count();
            ws.send_json(&json!({ "texts": texts })).await?;
            Ok::<_, Error>(Response::ok())
        },
        50,
        100,
    );
    let _ = Router::new()
        .websocket("/shout", shout.clone())
        .websocket("/loud", shout)
        .websocket("/once", once)
        .websocket("/count", count)
        .websocket("/echo", websocket_message_handler(echo))
        .websocket("/store", websocket_batch_handler(store, 50, 100));
}

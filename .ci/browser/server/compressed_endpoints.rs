//! Endpoints for each configuration of the compression.

use ignitia::{
    prelude::*,
    websocket::{Compression, WebSocketConfig},
};

use super::event_log::{EventLog, LoggedConnection};

pub(super) fn routes(event_log: EventLog) -> Router<EventLog> {
    let dedicated = |bits| Compression::dedicated().window_bits(bits);
    let compressed = |compression| WebSocketConfig::default().compression(compression);
    Router::new()
        .state(event_log)
        .websocket("/compression/off", echo)
        .websocket_with("/compression/shared", echo, compressed(Compression::shared()))
        .websocket_with("/compression/dedicated/9", echo, compressed(dedicated(9)))
        .websocket_with("/compression/dedicated/12", echo, compressed(dedicated(12)))
        .websocket_with("/compression/dedicated/15", echo, compressed(dedicated(15).binary(true)))
}

/// Echoes, with a ping before each message.
async fn echo(logged: LoggedConnection, mut ws: WebSocketConnection) -> Result<Response> {
    logged.follow(&ws);
    while let Some(message) = ws.recv().await {
        if message.is_data() {
            ws.send_ping(b"are you there?").await?;
            ws.send(message).await?;
        }
    }
    Ok(Response::ok())
}

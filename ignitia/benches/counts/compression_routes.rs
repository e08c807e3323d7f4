//! Routes with compression in each mode.

use ignitia::{
    Router,
    websocket::{Compression, WebSocketConfig},
};

use super::handlers;

pub(super) fn routes() -> Router {
    let compressed =
        |compression: Compression| WebSocketConfig::default().compression(compression.min_size(0));
    let dedicated = |bits| compressed(Compression::dedicated().window_bits(bits));
    Router::new()
        .websocket_with("/offered", handlers::echo, WebSocketConfig::default())
        .websocket_with("/shared", handlers::echo, compressed(Compression::shared()))
        .websocket_with("/dedicated/9", handlers::echo, dedicated(9))
        .websocket_with("/dedicated/12", handlers::echo, dedicated(12))
        .websocket_with("/dedicated/15", handlers::echo, dedicated(15))
        .websocket_with("/silent", handlers::sleeps, compressed(Compression::shared()))
}

//! Neither handlers nor the closures of per-message handlers need `Clone`.

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use ignitia::prelude::*;
use ignitia::websocket::{websocket_batch_handler, websocket_message_handler};

fn main() {
    let calls = AtomicUsize::new(0);
    let texts = Mutex::new(Vec::new());
    let sizes = Mutex::new(Vec::new());
    let _ = Router::new()
        .websocket("/count", move |_: WebSocketConnection| {
            let call = calls.fetch_add(1, Ordering::Relaxed);
            async move { call.to_string() }
        })
        .websocket(
            "/collect",
            websocket_message_handler(move |_, message| {
                texts.lock().unwrap().extend(message.as_text().map(str::to_owned));
                async { "go on" }
            }),
        )
        .websocket(
            "/sizes",
            websocket_batch_handler(
                move |_, batch| {
                    sizes.lock().unwrap().push(batch.len());
                    async { "go on" }
                },
                50,
                100,
            ),
        );
}

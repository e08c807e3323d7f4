//! Mistakes seen in the field (design section 9) and hostile peers, over real sockets.
//!
//! A test is named after the mistake, and passes as long as nobody makes it. Two mistakes of the list are measured
//! elsewhere: the heap of an idle connection, and what is kept after one large message.

mod arguments;
mod bodies;
mod closing;
mod decisions;
mod departures;
mod encryption;
mod handshakes;
mod http2;
mod limits;
mod liveness;
mod origins;
mod panics;
mod shutdown;
mod slow;
mod stalls;
mod valid;
mod violations;

use ignitia::{prelude::*, websocket::WebSocketConfig};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::raw::{echo, within};

/// Routes with an echo at `/ws`.
fn echoes(config: WebSocketConfig) -> Router {
    Router::new().websocket("/ws", echo).websocket_config(config)
}

/// What handlers report to a test.
struct Reports<T>(UnboundedReceiver<T>);

fn reports<T>() -> (UnboundedSender<T>, Reports<T>) {
    let (sender, receiver) = unbounded_channel();
    (sender, Reports(receiver))
}

impl<T> Reports<T> {
    async fn next(&mut self) -> T {
        within("the handler's report", self.0.recv()).await.expect("the handlers are gone")
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

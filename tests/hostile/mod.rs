//! A hostile peer: raw sockets, byte by byte, and whatever abuse of them comes to mind. Each has its exact answer, and nobody
//! else notices: another client is served all the while.
//!
//! What was seen in the field is in `mistakes/`, broken frames and refused handshakes too; here is what nobody does by mistake.

mod abandoned;
mod floods;
mod frames;
mod heads;
mod http2;
mod requests;
mod slow;
mod smuggling;
mod undecided;

use crate::raw::{Frame, PATIENCE, PING, RawSocket, Running, TEXT, echo, text};

/// Another client, on a connection of its own.
struct Bystander(RawSocket);

impl Bystander {
    /// Opens an echo at `/ws`.
    async fn of(server: &Running) -> Self {
        Self(server.open("/ws").await)
    }

    async fn is_served(&mut self) {
        self.0.send(&text("served?")).await;
        let answer = loop {
            let frame = self.0.frame().await;
            // Nobody has heard of it for long: that is asked, too.
            if frame.opcode != PING {
                break frame;
            }
        };
        assert_eq!(answer, Frame::whole(TEXT, "served?"));
    }
}

/// Waits until a condition holds that other tasks bring about.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let wait = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("not within {PATIENCE:?}: {what}"));
}

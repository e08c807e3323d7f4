//! A client that must not notice what another one does.

use super::{Frame, PING, RawSocket, Running, TEXT, text};

/// A WebSocket on a connection of its own.
pub(crate) struct Bystander(RawSocket);

impl Bystander {
    /// Opens an echo at `/ws`.
    pub(crate) async fn of(server: &Running) -> Self {
        Self(server.open("/ws").await)
    }

    /// Asserts that the echo still answers.
    pub(crate) async fn is_served(&mut self) {
        self.0.send(&text("served?")).await;
        let answer = loop {
            let frame = self.0.frame().await;
            // The keepalive may have pinged it: it was silent during a long test.
            if frame.opcode != PING {
                break frame;
            }
        };
        assert_eq!(answer, Frame::whole(TEXT, "served?"));
    }
}

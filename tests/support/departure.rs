//! Ways in which a client leaves without a closing handshake.

use super::{RawSocket, within};

/// Way in which a client leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Departure {
    /// TCP is reset, as when a process crashes.
    Reset,
    /// The socket is closed, as when a process exits: FIN, and RST for bytes that still come.
    Close,
    /// The client ends its own direction only, and reads to the end.
    HalfClose,
}

/// Leaves; after a half-close, waits for the server to end its direction too.
pub(crate) async fn leave(mut socket: RawSocket, departure: Departure) {
    match departure {
        Departure::Reset => socket.reset(),
        Departure::Close => drop(socket),
        Departure::HalfClose => {
            // After a violation the server may have ended both directions already.
            let _ = socket.try_shut_down_write().await;
            within("the end", socket.drain()).await;
        }
    }
}

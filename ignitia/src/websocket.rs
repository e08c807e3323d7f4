//! WebSockets: messages, the connection, its limits, and its end.

#[cfg(feature = "compression")]
pub use crate::compression::{Compression, CompressionContext, NegotiatedCompression};
pub use crate::{
    close::{CloseCause, CloseCode, CloseFrame, CloseKind},
    connection::{
        CloseCodes, ConnectionClosed, ConnectionId, Expiry, RateExceeded, Sending, WebSocketConfig,
        WebSocketConnection,
    },
    dispatch::{RawReply, Replying, Undecoded},
    handler::{websocket_batch_handler, websocket_message_handler},
    handshake::{AllowedOrigins, Origin, OriginPredicate},
    message::Message,
    try_send_error::TrySendError,
    upgrade::{HandshakeFailed, HandshakeFailure},
};

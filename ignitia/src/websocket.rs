//! WebSockets: messages, the connection, its limits, and its end.

pub use crate::{
    close::{CloseCause, CloseCode, CloseFrame, CloseKind},
    connection::{
        CloseCodes, ConnectionClosed, ConnectionId, Expiry, RateExceeded, Sending, WebSocketConfig,
        WebSocketConnection,
    },
    dispatch::{CarriesId, RawReply, Replying, Tagging, Undecoded},
    endpoint::Accepts,
    handler::{
        AcceptArgument, Extracts, ExtractsHead, HeadArgument, LastArgument, MessageHandler, Outcome,
        WebSocketHandler, websocket_batch_handler, websocket_message_handler,
    },
    handshake::{AllowedOrigins, Origin, OriginPredicate},
    message::{BinaryPayload, Message, TextPayload},
    try_send_error::TrySendError,
    upgrade::{HandshakeFailed, HandshakeFailure},
};

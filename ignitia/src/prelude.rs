//! What most programs need: `use ignitia::prelude::*;`.

pub use ignitia_macros::websocket;
pub use serde_json::json;

#[cfg(feature = "tls")]
pub use crate::TlsConfig;
pub use crate::{
    ClientMessage, CloseFrame, Cookies, Error, Events, Extension, Headers, IntoResponse, Json, Membership,
    Message, MessageError, Path, Peer, Query, ReplyTo, RequestId, Response, ResponseExt as _,
    ResponseHeaders, Result, Room, Rooms, Router, RouterExt as _, Server, ServerConfig, ServerMessage, State,
    StatusCode, TypedConnection, WebSocketConnection,
};

//! What most programs need: `use ignitia::prelude::*;`.
//!
//! No [`Room`](crate::Room): that is what sessions of users are called, and one that is not imported would be taken for it.

pub use ignitia_macros::{every, on, websocket};
pub use serde_json::json;

#[cfg(feature = "tls")]
pub use crate::TlsConfig;
pub use crate::{
    ClientMessage, CloseFrame, Cookies, Error, Events, Extension, Headers, IntoResponse, Json, Membership,
    Message, MessageError, Path, Peer, Query, ReplyTo, RequestId, Response, ResponseExt as _,
    ResponseHeaders, Result, Rooms, Router, RouterExt as _, Server, ServerConfig, ServerMessage, State,
    StatusCode, TypedConnection, WebSocketConnection, websocket::CloseCause,
};

//! Names that most programs use: `use ignitia::prelude::*;`.
//!
//! [`Room`](crate::Room) is not among them. Programs like to call a session so, and where its
//! import is forgotten, rustc would take this type for it.

pub use ignitia_macros::{every, on, websocket};
pub use serde_json::json;

pub use crate::{
    ClientMessage, CloseFrame, Cookies, Error, Events, Extension, Headers, IntoResponse, Json, Membership,
    Message, MessageError, Path, Peer, Query, ReplyTo, RequestId, Response, ResponseExt as _,
    ResponseHeaders, Result, Rooms, Router, RouterExt as _, Server, ServerConfig, ServerMessage, State,
    StatusCode, TlsConfig, TypedConnection, WebSocketConnection, websocket::CloseCause,
};

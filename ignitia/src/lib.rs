//! WebSocket endpoints that are as short and as checked as HTTP ones.
//!
//! An endpoint is an async fn of path parameters, extractors and, last, the connection. It gets the connection *before*
//! the upgrade, so that a refusal is an HTTP response; what it returns says how the session ended. Closures, and
//! functions without the attribute, are registered by hand: [`Router::websocket`].
//!
//! ```no_run
//! use ignitia::prelude::*;
//!
//! #[derive(serde::Deserialize)]
//! struct Login {
//!     token: String,
//! }
//!
//! #[websocket("/rooms/<room>")]
//! async fn room(room: String, Query(login): Query<Login>, mut ws: WebSocketConnection) -> Result<Response> {
//!     if login.token != "let me in" {
//!         return Ok(Response::unauthorized("Invalid token")); // a real 401: nothing is upgraded yet
//!     }
//!     ws.send_text(format!("Welcome to {room}")).await?; // the first send, receive or close upgrades
//!     while let Some(message) = ws.recv().await {
//!         if message.is_data() {
//!             ws.send(message).await?;
//!         }
//!     }
//!     Ok(Response::ok()) // close code 1000, if the peer has not closed first
//! }
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<()> {
//!     let router = Router::new().mount(room);
//!     Server::new(router, "127.0.0.1:3000".parse()?).ignitia().await
//! }
//! ```
//!
//! # What it does for you
//!
//! - **Nothing is lost silently**: a send that returned `Ok` is queued in order; every connection ends with a close
//!   frame that says why, and with one [`CloseCause`](websocket::CloseCause).
//! - **Bounded by default**: message size, queues, handshakes, liveness, stalls: see
//!   [`WebSocketConfig`](websocket::WebSocketConfig).
//! - **At home in axum**: extractors, responses and tower layers are axum's; routes can be mounted in an existing
//!   application ([`RouterExt`], [`Router::into_axum`]).
//!
//! # Features
//!
//! All but `testing` are on by default: `websocket` (a name kept for existing programs; it switches nothing), `tls`,
//! `self-signed`, and `testing`, the in-process client of `ignitia::testing`.

#[doc(hidden)]
pub mod __private;
mod close;
mod connection;
mod endpoint;
mod error;
mod extract;
mod handler;
mod handshake;
mod message;
pub mod prelude;
mod response;
mod router;
mod server;
mod shutdown;
#[cfg(feature = "testing")]
pub mod testing;
mod upgrade;
pub mod websocket;

pub use axum::{
    Extension, Json,
    extract::{FromRef, Path, Query, State},
};
pub use axum_core::{
    extract::{FromRequest, FromRequestParts},
    response::{IntoResponse, Response},
};
pub use http::StatusCode;
pub use ignitia_macros::websocket;

#[cfg(feature = "tls")]
pub use self::server::TlsConfig;
pub use self::{
    close::CloseFrame,
    connection::WebSocketConnection,
    endpoint::{Annotated, Endpoint, PathParam, Tagged},
    error::{Error, Result},
    extract::{CookieMap, Cookies, Headers, RequestId},
    message::Message,
    response::ResponseExt,
    router::{HttpHandler, IntoRouter, Router, RouterExt},
    server::{BoundServer, Server, ServerConfig},
    shutdown::{DrainConfig, DrainReport, Shutdown},
};

/// The programs of the README are compiled with the tests of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

//! WebSocket endpoints that are as short and as checked as HTTP ones.
//!
//! This is the reference. [The guide](https://github.com/ignitia/ignitia/blob/main/ignitia/docs/guide/src/SUMMARY.md)
//! teaches in short chapters, and has recipes.
//!
//! `#[websocket("/path/<parameter>")]` declares an endpoint, in one of three shapes. Arguments
//! named like a parameter are parsed from the path; the others are extractors, axum's and your own.
//! All of them come from the upgrade request, and a rejection is an HTTP response.
//!
//! **A session** is the state of one connection, with a method for each kind of message:
//!
//! ```
//! use ignitia::prelude::*;
//!
//! #[derive(serde::Deserialize, ClientMessage)]
//! #[serde(tag = "type", rename_all = "snake_case")]
//! enum Ask {
//!     Draw { cards: usize }, // {"type":"draw","cards":2}
//!     Leave,
//! }
//!
//! #[derive(serde::Serialize, ServerMessage)]
//! #[serde(tag = "type", rename_all = "snake_case")]
//! enum Tell {
//!     Hand { cards: Vec<u8> },
//!     Empty,
//! }
//!
//! struct Deck {
//!     cards: Vec<u8>,
//! }
//!
//! #[websocket("/decks/<size>", message = Ask, reply = Tell)]
//! impl Deck {
//!     // Before the upgrade: an error here is the response to the request.
//!     async fn accept(size: u8) -> Result<Self, StatusCode> {
//!         if size > 52 {
//!             return Err(StatusCode::UNPROCESSABLE_ENTITY);
//!         }
//!         Ok(Self { cards: (0..size).collect() })
//!     }
//!
//!     #[on(Draw { cards })]
//!     async fn draw(&mut self, cards: usize) -> Tell {
//!         match self.cards.len().checked_sub(cards) {
//!             Some(left) => Tell::Hand { cards: self.cards.split_off(left) },
//!             None => Tell::Empty,
//!         }
//!     }
//!
//!     #[on(Leave)]
//!     async fn leave(&mut self) -> CloseFrame {
//!         CloseFrame { code: 1000, reason: "see you".into() }
//!     }
//! }
//! # let _ = Router::new().mount_session::<Deck>();
//! ```
//!
//! **A message function** is called for every message, one after the other, and returns the reply.
//! With `id = ..`, requests may carry an id, and replies repeat it:
//!
//! ```
//! # use ignitia::prelude::*;
//! # #[derive(serde::Deserialize, ClientMessage)]
//! # #[serde(tag = "type")]
//! # enum Ask { Sum { of: Vec<i32> } }
//! # #[derive(serde::Serialize, ServerMessage)]
//! # #[serde(tag = "type")]
//! # enum Tell { Sum { is: i32 } }
//! #[websocket("/sums", on_message, id = "id")]
//! async fn sums(ask: Ask) -> Tell {
//!     match ask {
//!         Ask::Sum { of } => {
//!             let is = of.iter().fold(0, |sum: i32, next| sum.wrapping_add(*next));
//!             Tell::Sum { is }
//!         }
//!     }
//! }
//! # let _ = Router::new().mount(sums);
//! ```
//!
//! **A connection function** runs the loop itself. It gets the connection *before* the upgrade, so
//! that a refusal is an HTTP response here, too. Its return value is the outcome of the session:
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
//! async fn room(
//!     room: String,
//!     Query(login): Query<Login>,
//!     mut ws: WebSocketConnection,
//! ) -> Result<Response> {
//!     if login.token != "let me in" {
//!         // A real 401: nothing is upgraded yet.
//!         return Ok(Response::unauthorized("Invalid token"));
//!     }
//!     // The first send, receive or close upgrades.
//!     ws.send_text(format!("Welcome to {room}")).await?;
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
//! Closures, and functions without the attribute, are registered by hand: [`Router::websocket`].
//!
//! # Extractors of your own
//!
//! An argument of a type of your own needs axum's [`FromRequestParts`]. Its rejection is the answer
//! to the request:
//!
//! ```
//! use ignitia::{FromRequestParts, Parts, prelude::*};
//!
//! /// The user whom a cookie names.
//! struct User(String);
//!
//! impl<S: Sync> FromRequestParts<S> for User {
//!     type Rejection = StatusCode;
//!
//!     async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, StatusCode> {
//!         let Ok(cookies) = Cookies::from_request_parts(parts, state).await;
//!         cookies.get("user").map(|name| Self(name.to_owned())).ok_or(StatusCode::UNAUTHORIZED)
//!     }
//! }
//!
//! #[websocket("/hello")]
//! async fn hello(User(name): User, ws: WebSocketConnection) -> Result<Response> {
//!     ws.send_text(format!("Hello, {name}")).await?;
//!     Ok(Response::ok())
//! }
//! # let _ = Router::new().mount(hello);
//! ```
//!
//! # Malformed messages
//!
//! Input that is no message is answered with an error, and the connection goes on:
//!
//! ```json
//! {"type":"$error","code":"unknown_tag","path":"type","message":"..","expected":["draw","leave"]}
//! ```
//!
//! The error carries the request's id if it had one; see [`Malformed`]. `on_malformed = close` or
//! `ignore` changes that. More than ten malformed messages within a minute close the connection
//! with 1008, and a binary message closes it with 1003
//! ([`WebSocketConfig`](websocket::WebSocketConfig) has the limits). A handler's own errors are
//! sent the same way: [`MessageError`].
//!
//! # Guarantees
//!
//! - **Nothing is lost silently**: a send that returned `Ok` is queued in order. Every connection
//!   ends with a close frame that gives the reason, and with one
//!   [`CloseCause`](websocket::CloseCause).
//! - **Bounded by default**: message size, queues, handshakes, liveness, stalls. See
//!   [`WebSocketConfig`](websocket::WebSocketConfig) for limits, timeouts and backpressure,
//!   [`limits`] for connection and rate limits.
//! - **Checked messages**: serde defines their format, and a program in which a variant has no
//!   method does not compile.
//! - **At home in axum**: extractors, responses and tower layers are axum's. Routes can be mounted
//!   in an existing application ([`RouterExt`], [`Router::into_axum`]).
//! - **Graceful shutdown**: at SIGTERM a [`Server`] gives notice to load balancers, and then drains
//!   its connections ([`DrainConfig`]).
//!
//! # Features
//!
//! - `tls` (default): TLS with certificates of your own.
//! - `self-signed` (default): TLS with a generated certificate, for development.
//! - `websocket` (default): no effect; a name kept for existing programs.
//! - `compression`: permessage-deflate, see
//!   [`WebSocketConfig::compression`](websocket::WebSocketConfig::compression).
//! - `contract`: AsyncAPI documents and a TypeScript client of the endpoints, see `contract`.
//! - `console`: a page to try endpoints with, see `console`.
//! - `metrics`: counters and histograms, see [`metrics`].
//! - `redis`: rooms on several machines, see `engine`.
//! - `testing`: the in-process client of `ignitia::testing`.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(test)]
#[macro_use]
mod field_order;
#[macro_use]
mod setters;

#[doc(hidden)]
pub mod __private;
mod auto_traits;
pub mod bounds;
mod close;
mod compression;
mod connection;
#[cfg(feature = "console")]
pub mod console;
#[cfg(feature = "contract")]
pub mod contract;
mod dispatch;
mod endpoint;
#[cfg(feature = "redis")]
pub mod engine;
mod error;
mod extract;
mod forwarded;
#[cfg(all(
    doctest,
    feature = "compression",
    feature = "console",
    feature = "metrics",
    feature = "redis",
    feature = "testing"
))]
mod guide;
mod handler;
mod handshake;
pub mod health;
mod json;
pub mod limits;
mod message;
pub mod metrics;
mod panics;
mod path;
pub mod prelude;
mod protocol;
mod response;
pub mod rooms;
mod router;
mod sealed;
mod server;
mod shutdown;
mod stream;
mod sync;
#[cfg(feature = "testing")]
pub mod testing;
mod time;
mod try_send_error;
mod upgrade;
pub mod websocket;

#[cfg(shuttle)]
#[path = "../models/src/harness.rs"]
pub mod harness;

pub use axum::{
    Extension, Json,
    extract::{FromRef, Path, Query, State},
};
pub use axum_core::{
    extract::{FromRequest, FromRequestParts},
    response::{IntoResponse, Response},
};
pub use http::{StatusCode, request::Parts};
pub use ignitia_macros::{ClientMessage, ServerMessage, every, on, websocket};

#[cfg(feature = "tls")]
pub use crate::server::{TlsFiles, TlsReloader, TlsVersion};
pub use crate::{
    close::CloseFrame,
    connection::WebSocketConnection,
    dispatch::{
        ClientMessage, ErrorReply, Malformed, MessageError, Reply, ReplyTo, ServerMessage, TypedConnection,
    },
    endpoint::Events,
    error::{Error, Result},
    extract::{CookieMap, Cookies, Headers, Peer, RequestId, ResponseHeaders},
    message::Message,
    response::ResponseExt,
    rooms::{Membership, Room, Rooms},
    router::{IntoRouter, Router, RouterExt},
    server::{BoundServer, Listener, ProxyProtocol, Server, ServerConfig, TlsConfig},
    shutdown::{DrainConfig, DrainReport, Shutdown},
};

/// Compiles the programs of the README with the tests of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

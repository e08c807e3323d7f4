//! Contracts: what clients of the endpoints have to know, for programs, with the feature
//! `contract`.
//!
//! `#[websocket]` and the enums of messages know most of it: paths and their parameters, messages
//! of both directions, ids and replies. An enum that derives `schemars::JsonSchema` (1.x) beside
//! `ClientMessage` or `ServerMessage` is in the contract with all that it contains; doc comments
//! become descriptions. One without is named by [`Contract::problems`], with what to write.
//!
//! ```
//! use ignitia::prelude::*;
//!
//! #[derive(serde::Deserialize, schemars::JsonSchema, ClientMessage)]
//! #[serde(tag = "type", rename_all = "snake_case")]
//! enum Ask {
//!     /// Adds two numbers.
//!     Add { a: i32, b: i32 },
//! }
//!
//! #[derive(serde::Serialize, schemars::JsonSchema, ServerMessage)]
//! #[serde(tag = "type", rename_all = "snake_case")]
//! enum Tell {
//!     Sum { is: i32 },
//! }
//!
//! #[websocket("/sums", on_message, id = "id")]
//! async fn sums(ask: Ask) -> Tell {
//!     let Ask::Add { a, b } = ask;
//!     Tell::Sum { is: a.wrapping_add(b) }
//! }
//!
//! let contract = Router::new().mount(sums).contract().title("Sums", "1.0.0");
//! assert!(contract.problems().is_empty(), "{:#?}", contract.problems());
//! assert!(contract.asyncapi().contains("Adds two numbers."));
//! assert!(contract.typescript().contains("add: { a: number; b: number }"));
//! ```
//!
//! # The TypeScript client
//!
//! [`Contract::typescript`] is one file, without dependencies, for browsers, Node.js 22, Deno and
//! Bun. Keep it in the repository of the client, and let a test write it and say when it is old:
//!
//! ```no_run
//! # use ignitia::prelude::*;
//! # fn router() -> Router { Router::new() }
//! #[test]
//! fn the_client_is_up_to_date() {
//!     let contract = router().contract();
//!     assert_eq!(contract.problems(), [] as [String; 0]);
//!     let (file, client) = ("../web/src/api.ts", contract.typescript());
//!     // WRITE=1 cargo test the_client_is_up_to_date
//!     if std::env::var_os("WRITE").is_some() {
//!         std::fs::write(file, &client).expect("the file can be written");
//!     }
//!     let written = std::fs::read_to_string(file).unwrap_or_default();
//!     assert!(written == client, "run the tests with WRITE=1, and commit {file}");
//! }
//! ```
//!
//! ```ts
//! import { connect } from "./api";
//!
//! const client = connect("sums");
//! const { is } = await client.request.add({ a: 1, b: 2 });
//! console.log(`the sum is ${is}`);
//! ```
//!
//! Pages without a build load the same as JavaScript, from
//! [`Router::serve_javascript`](crate::Router::serve_javascript). The client's doc comments are its
//! reference; in short:
//!
//! - `client.send`, `client.on` and `client.request` have a function for each variant, and nothing
//!   else. `client.request` has those with a reply, where messages have an id. A handler that
//!   returns `None`, or an empty list, sends no answer: the promise then ends by its `timeout`.
//! - It connects again after an end, with growing random pauses, unless the close code says that
//!   another attempt is useless. After 3000 (not authenticated) it fetches a fresh token, where
//!   `query`, `protocols` or `url` is a function, until that is refused as well. `retry` replaces
//!   the rule.
//! - It finds connections that are dead: after a silence of at most 15 s (`silence`) it sends
//!   `{"type":"$ping"}`, which the server answers by itself, and it drops the connection if nothing
//!   comes for the same time again. The first such end is followed by an attempt at once, the next
//!   ones in a row by the usual pauses. The server may ask, too:
//!   [`liveness_interval`](crate::websocket::WebSocketConfig::liveness_interval).
//! - It shows the positions of [`Resume`](crate::rooms::Resume), so that nothing of a room with
//!   history is missed or seen twice. Messages that may come from a room have an optional `$at`,
//!   the position that [`Room::history`](crate::rooms::Room::history) takes.
//! - It keeps messages while it is offline, up to a number.
//! - A wrong option or a message that cannot be written is an error at once, which says what to
//!   write. If the wrong value comes from a function, such as `url`, the client closes, and its
//!   state has the reason.
//!
//! Integers of 64 bits and more have the type `Integer`: a `number` up to 2<sup>53</sup> - 1, and a
//! `bigint` beyond. A larger `number` may have been rounded: the client writes it with a decimal
//! point, and an integer of the server refuses it. Give a field that stays below a range
//! (`#[schemars(range(max = 1000))]`), and it is a `number`.
//!
//! `client.sendRaw` sends text and bytes as they are, to endpoints without types, to those with
//! `on_raw` or `on_binary`, and to a [`TypedConnection`](crate::TypedConnection). `client.onRaw`
//! hears what is sent as a [`Message`](crate::Message). Where a handler returns one, text and bytes
//! are also among the messages of an async iteration; the replies of functions that `on_raw = ..`
//! and `on_binary = ..` name are not known, and count as such.
//!
//! # Names
//!
//! An endpoint has the name of its function or its session, in `camelCase`, and a type has that of
//! its schema. The name of an endpoint does not depend on the others. Two of one name are a
//! problem, as they are in a router that is nested twice: [`Contract::name`] gives one of them
//! another.
//!
//! Of two different types of one name, each has that of an endpoint in front: `RoomsPoint` and
//! `GamesPoint`. Generic types have numbers, in the order of their use: `Page`, `Page2`. A name
//! that has to stay is written at the type: `#[schemars(rename = "Point3D")]`, or for a generic one
//! `#[schemars(rename = "PageOf{T}")]`.
//!
//! # Errors
//!
//! A handler that returns a `Result` may answer with `$error`. Clients know the codes that
//! [`MessageError::codes`](crate::MessageError::codes) lists; its default lists none.
//!
//! ```
//! # use std::{borrow::Cow, fmt};
//! # use ignitia::MessageError;
//! # #[derive(Debug)]
//! # enum ChatError { Muted, Full }
//! # impl fmt::Display for ChatError {
//! #     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "{self:?}") }
//! # }
//! impl MessageError for ChatError {
//!     // ..
//! #   fn code(&self) -> &'static str { "muted" }
//! #   fn public_message(&self) -> Cow<'_, str> { "".into() }
//!     fn codes() -> &'static [&'static str] {
//!         &["muted", "full"]
//!     }
//! }
//! ```
//!
//! # Queries
//!
//! The fields of every `Query<..>` argument are in the contract. Several of them read the same
//! query, and clients see one with the fields of all. An extractor of your own that reads the query
//! is not looked into. Name what it reads by a `Query<..>` beside it, and a
//! [`Resume`](crate::rooms::Resume) that it reads by `_: Resume`:
//!
//! ```
//! use ignitia::{FromRequestParts, Parts, prelude::*};
//!
//! /// The query that [`User`] reads.
//! #[derive(serde::Deserialize, schemars::JsonSchema)]
//! struct Token {
//!     token: String,
//! }
//!
//! struct User(String);
//!
//! impl<S: Send + Sync> FromRequestParts<S> for User {
//!     type Rejection = Response;
//!
//!     async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
//!         let Query(Token { token }) =
//!             Query::try_from_uri(&parts.uri).map_err(|_| Response::unauthorized("no token"))?;
//!         Ok(Self(token)) // in truth, its owner
//!     }
//! }
//!
//! #[websocket("/news")]
//! async fn news(user: User, _: Query<Token>, ws: WebSocketConnection) -> Result<Response> {
//!     ws.send_text(user.0).await?;
//!     Ok(Response::ok())
//! }
//!
//! let contract = Router::new().mount(news).contract();
//! assert!(contract.typescript().contains("query: { token: string }"));
//! ```
//!
//! # Resuming
//!
//! A client shows positions where the endpoint has an argument of the type
//! [`Resume`](crate::rooms::Resume), or `Result<Resume, _>`. One that an extractor of your own
//! reads is not seen: the client would miss messages in silence. Name it by a second argument, `_:
//! Resume`.
//!
//! A client remembers one position for each room, that of the last message it has seen there. A
//! message that [`Rooms::broadcast_to`](crate::rooms::Rooms::broadcast_to) sends to several rooms
//! comes once to a client in more than one of them, with the position in the first. After its
//! return, the other rooms do not know that the client has seen it, and send it once more. A
//! program that must not act twice gives such messages a number of their own, or sends them to a
//! room that all clients are in.
//!
//! # Where serde and its schema differ
//!
//! A schema describes what serde writes, and the usual form of what it reads.
//!
//! **serde reads more**, which no generated client sends: aliases; arrays in place of structs;
//! `{"Unit":null}` for `"Unit"`; unknown kinds, with `#[serde(other)]`; equal elements of a set
//! (`uniqueItems`); and unknown fields beside a variant without fields, in spite of
//! `deny_unknown_fields`.
//!
//! **serde reads less**, where a client has to know better than the schema. The answer is `$error`,
//! with the place and what is expected:
//!
//! - Ranges: of integers, schemars writes those of 8 and 16 bits only. `1.0` is an integer to a
//!   schema, and none to serde. The TypeScript client knows all integers.
//! - Formats (`date-time`, `uuid`, `ip`) are names that few programs check.
//! - Keys of maps: those of Booleans, characters and enums with documented variants are any text.
//!   Over those of Booleans serde_json may panic: see [`ClientMessage`](crate::ClientMessage).
//! - Rules of your own, as in `#[serde(try_from = ..)]`: `#[schemars(range(..))]`, `length(..)` and
//!   `regex(..)` tell clients of them.
//!
//! **serde refuses what its schema promises.** A contract reads samples of each message and each
//! query, as the endpoint would, and [`Contract::problems`] names those that are refused:
//!
//! - Maps with numbers as keys and integers of 128 bits, in a `#[serde(flatten)]` field or in an
//!   enum with a tag inside a message: serde keeps these in a buffer, which has neither. In the
//!   fields of a message itself they are read, whatever comes first in it.
//! - Maps whose keys are no texts to serde_json: tuples, structs, lists.
//! - Numbers and Booleans in a flattened part of a query, or in an enum, where everything is a
//!   text. A second `Query<..>` argument reads them.
//! - 128-bit integers and `()` in a query, and variants that their names tell apart.
//! - A flattened enum under `deny_unknown_fields`: serde refuses every message.
//! - Fields with `#[serde(with = "module")]`, `serialize_with` or `deserialize_with`. schemars
//!   takes the name in `with` for a type, and rustc finds none of that name; the other two have the
//!   schema of the Rust type. Say what is on the wire beside them, as `#[schemars(with =
//!   "String")]`. For a type, as in `#[serde(with = "Remote")]` with `#[serde(remote = ..)]`,
//!   nothing is needed.
//!
//! A flattened `Option` is a loss without an error: what serde cannot read in it becomes `None`, in
//! messages and in queries.
//!
//! Samples do not show everything. A map with keys that are no texts, in a message that is only
//! *sent*, closes the connection with 1011 when serde_json refuses to write it. In a message, an
//! enum with `#[serde(untagged)]` says of no alternative why it was refused: the first two rules of
//! the list above hold in it, too. A floating-point number that is NaN or infinite is written as
//! `null`.
//!
//! # The AsyncAPI document
//!
//! Each endpoint is a channel, and each handler an operation that receives. A
//! [`TypedConnection`](crate::TypedConnection) has one operation, `receive`, since its loop may
//! answer anything. The library's own messages (`$error`, `$ping`) are in operations of their own:
//! `notices`, `ping`, `probe`. Data of which the contract knows no form is the message `$raw`: all
//! that an endpoint without types receives and sends, and bytes and [`Message`](crate::Message)s of
//! others. What AsyncAPI has no place for is in `x-ignitia`.
//!
//! Of a channel:
//!
//! | member | type | meaning |
//! |---|---|---|
//! | `maxMessageSize` | integer | longest message that is received, in bytes |
//! | `idleTimeout` | number of seconds, or absent | time without a message after which the connection is closed |
//! | `livenessInterval` | number of seconds, or absent | time without a message after which the server sends `$ping` |
//! | `messageRate`, `byteRate` | `{"perSecond":..,"burst":..}`, or absent | what may be sent, in messages and bytes |
//! | `closeCodes` | list of `{"code":..,"reason":..}` | what the endpoint itself closes with |
//! | `parameters` | object by name: `{"schema":..,"isTail":..}` | parameters of the path; a tail is the rest of the path, slashes included |
//! | `id` | string, or absent | name of the field for correlation ids |
//! | `resumes` | `true`, or absent | `$at` in the query shows positions: see [`Resume`](crate::rooms::Resume) |
//! | `takesBinary` | `true`, or absent | bytes are received |
//! | `takesText` | `true`, or absent | text that is no message is received |
//! | `sendsUntyped` | `true`, or absent | text and bytes may be sent that are no messages |
//! | `received`, `sent` | `{}`, `{"tag":..}`, `{"tag":..,"content":..}`, or absent | serde's representation of the messages, as the server receives and sends them |
//!
//! `closeCodes` leaves out what the application closes with, and what its server does: 1012 or
//! another code of [`DrainConfig::frame`](crate::DrainConfig::frame), and 1013 for
//! [`Limits::max_incomplete_bytes`](crate::limits::Limits::max_incomplete_bytes).
//!
//! Of an operation that receives, unless none of them holds:
//!
//! | member | type | meaning |
//! |---|---|---|
//! | `errorCodes` | list of strings | codes of the handler's own errors, as far as they are known |
//! | `mayClose` | Boolean | the connection may be closed by what the handler returns: a `CloseFrame`, or an error, which may have one |
//! | `mayAnswerUntyped` | Boolean | the handler may answer with a `Message` |
//!
//! Of the document, if there are any: `problems`, the list of [`Contract::problems`].

mod asyncapi;
#[allow(clippy::module_inception, reason = "it is the concept of the folder")]
mod contract;
mod definitions;
mod described_connection;
mod described_extractor;
mod described_message;
mod described_reply;
mod draft;
mod endpoint_contract;
mod endpoint_description;
mod endpoint_names;
mod generators;
mod interface;
mod message_direction;
mod message_schemas;
mod mounted_endpoint;
mod naming;
mod references;
mod refusals;
mod remembered_messages;
mod reserved_names;
mod resolve;
mod samples;
mod text_reader;
mod type_schema;
mod typescript;
mod url_values;
mod wording;

pub use self::contract::Contract;
pub(crate) use self::mounted_endpoint::MountedEndpoint;
#[doc(hidden)]
pub use self::{
    described_connection::{ConnectionMessages, ConnectionOf, UntypedConnection},
    described_extractor::{ExtractorKind, ExtractorOf, NothingDescribed, OtherExtractor},
    described_message::{ReadMessage, UnreadMessage},
    described_reply::{DescribedReply, NoMessage, ReplyOf, ReplyParts, Undescribed},
    endpoint_description::EndpointDescription,
    type_schema::{SchemaOf, TypeSchema, WithoutSchema},
};

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
//!   else. `client.request` has those with a reply, where messages have an id.
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
//!   history is missed or seen twice.
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
//! # Where serde and its schema differ
//!
//! A schema describes what serde writes, and the usual form of what it reads. serde accepts more:
//! aliases, arrays in place of objects, `1` for `1.0`. A type with `#[serde(with = ..)]` needs
//! `#[schemars(with = "String")]` (or another type) beside it, because the schema is otherwise that
//! of the Rust type.

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

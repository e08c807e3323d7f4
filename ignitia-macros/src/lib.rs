//! Procedural macros of Ignitia. Use them through the `ignitia` crate, which re-exports them.

mod errors;
mod hygiene;
mod late_error;
mod messages;
mod path_template;
mod runtime_crate;
mod source_text;
mod spelling;
mod std_types;
mod stray_attribute;
mod tokens;
mod ungroup;
mod websocket;

#[cfg(test)]
mod test_support;

use proc_macro::TokenStream;

use self::errors::Errors;

/// Turns an async fn, or the `impl` block of a session, into an endpoint.
///
/// ```ignore
/// // The loop is yours.
/// #[websocket("/ws/<room>")]
/// async fn chat(
///     room: String,
///     State(db): State<Db>,
///     mut ws: WebSocketConnection,
/// ) -> Result<Response> { .. }
///
/// // Called for every message; the returned value is the reply.
/// #[websocket("/ask/<room>", on_message)]
/// async fn ask(
///     room: String,
///     State(db): State<Db>,
///     msg: ClientMsg,
/// ) -> Result<Option<ServerMsg>, ChatError> { .. }
///
/// // State per connection, one method per kind of message.
/// #[websocket("/play/<room>", message = ClientMsg, reply = ServerMsg)]
/// impl Player {
///     // Before the upgrade.
///     async fn accept(room: String, user: User) -> Result<Self, StatusCode> { .. }
///     #[on(Move { x, y })]
///     async fn go(&mut self, x: f32, y: f32) -> Option<ServerMsg> { .. }
///     #[on(Leave)]
///     async fn leave(&mut self, ws: &WebSocketConnection) -> CloseFrame { .. }
///
///     // All of these are optional.
///     async fn on_open(&mut self, ws: &WebSocketConnection) -> ServerMsg { .. }
///     #[every("5s")] // Any number of them.
///     async fn tick(&mut self) -> ServerMsg { .. }
///     async fn on_event(&mut self, event: Score) -> ServerMsg { .. } // See `Events`.
///     async fn on_raw(&mut self, text: &str) -> Option<Message> { .. } // Text that is no message.
///     async fn on_binary(&mut self, bytes: Vec<u8>) { .. } // Binary messages.
///     async fn on_close(self, why: CloseCause) { .. }
/// }
///
/// let router = Router::new().state(app).mount(chat).mount(ask).mount_session::<Player>();
/// ```
///
/// - **Path**: segments, `<name>` for a parameter that is a whole segment, `<name..>` for the tail.
///   A parameter is the argument with the same name. Its type is anything that implements
///   `FromStr`; it is parsed from the percent-decoded segment, and a value that cannot be parsed is
///   a 404. A literal segment matches however clients percent-encode it (`/café` matches
///   `/caf%C3%A9`).
/// - **Arguments**: parameters of the path and extractors, at most 7 in all. Behind them, a
///   function takes the connection, as `WebSocketConnection` or as
///   `TypedConnection<ClientMsg, ServerMsg>`. With `on_message` it takes the connection, if it
///   needs it, and the message. The last of the extractors may read the body (`Json`, ..), but not
///   in `accept`. With `on_message` every call gets clones of the extracted values. Any argument
///   can have a `#[cfg(..)]`.
/// - **Outcome** of a function with its own loop: anything that is a response, but not `()`. It
///   says how the session ended.
/// - **Replies** of the other two kinds: nothing, a message (`#[derive(ServerMessage)]`), an
///   `Option` or a `Vec` of it, a `CloseFrame`, which closes the connection, or a `Result` of these
///   with an error that implements `MessageError`. With `reply = ..` all of them are of that type.
///   A `Message` is sent as it is, whatever the type. Values that hooks and clocks return are sent
///   in the same way, without an id.
/// - **Sessions**: `accept` creates the state of a connection, and its error is the response to the
///   request. A method with `#[on(Variant { field })]` takes the variables that the pattern binds,
///   by name. Every variant has exactly one such method, and `#[on(_)]` handles the variants that
///   have none: an enum of another crate may be `#[non_exhaustive]`. All methods but `accept` may
///   take `ws: &WebSocketConnection` last. Messages are handled one after the other. If `on_open`
///   hands out a clone of the connection, messages sent through that clone may arrive before the
///   reply of `on_open` itself. `on_close` runs once for every accepted session, also if the
///   upgrade failed, a method panicked or the connection was cut off. It may take as long as
///   `WebSocketConfig::on_close_timeout`, and a graceful shutdown waits for it. These hooks are all
///   there are: another method called `on_..` does not compile, unless it has an attribute of this
///   crate.
/// - **Clocks**: `#[every("5s")]` (`ms`, `s`, `m`, `h`) or `#[every(Duration::from_secs(5))]` (any
///   expression without `self`; it is evaluated for each session, and less than a millisecond
///   counts as one). The first tick comes one period after `on_open`. A tick waits for its turn,
///   never comes while a message is handled, and is skipped if it was missed: a session that was
///   busy for a minute ticks once, and then continues at the old rate. No clock ticks after the
///   connection starts to close. Each session with clocks has a timer.
/// - **Events** from elsewhere: `accept` or `on_open` takes `events: Events<MyEvent>`, a handle to
///   hand out, and `on_event` receives what is sent through it. Messages, ticks and events take
///   turns: none keeps the others waiting.
/// - **Raw text**: `on_raw` is called for text that could not be decoded, and for nothing else, so
///   it adds no cost to typed messages. `None` leaves the text malformed. `Some(reply)` answers it,
///   and it does not count as malformed: foreign clients send `ping` and expect `pong`, which is
///   `(text == "ping").then(|| "pong".into())`. `Some(())` sends nothing.
/// - **Binary messages** go to `on_binary`, as `Vec<u8>` or another type that implements
///   `From<Bytes>`. Without it they close the connection with 1003.
/// - **Later answers**: with `id = ..`, a method may take `request: ReplyTo<ServerMsg>` (with
///   `reply = ServerMsg`; otherwise `ReplyTo`) anywhere among its arguments, and an `on_message`
///   function takes `request: ReplyTo` before the connection and the message.
///   `ws.reply_to(&request, answer)` answers even after later messages have been handled.
/// - The annotated item stays usable: call it in a unit test (`chat(room, state, ws).await`,
///   `player.go(1.0, 2.0).await`), document it, import it.
/// - `chat::PATH`, `METHOD`, `PARAMETERS`, `EXTRACTORS`, `MESSAGE` and `REPLY` describe the
///   endpoint, and `chat::uri("lobby")` builds its percent-encoded path. For a session these are
///   `Player::PATH` and so on.
///
/// Options behind the path:
///
/// - `on_message`: calls the function for every message.
/// - `message = Type`, `reply = Type`: the messages that a session receives and sends.
/// - `on_malformed = reply`: answers a malformed message with an error (the default).
/// - `on_malformed = close`: closes the connection with 1008 instead.
/// - `on_malformed = ignore`: ignores it.
/// - `id = "name"`: repeats the field with that name, in messages that have it, in their replies
///   and errors exactly as it was written: a number or a string, of at most 128 bytes.
/// - `on_raw = path`, with `on_message`: a function such as
///   `async fn heartbeat(text: &str, ws: &WebSocketConnection) -> Option<Message>`, called like a
///   session's `on_raw`.
/// - `on_binary = path`, with `on_message`: a function such as
///   `async fn upload(bytes: Vec<u8>, ws: &WebSocketConnection) -> ..`, called like a session's
///   `on_binary`.
/// - `crate = path`: the runtime crate, if it is not called `ignitia`.
#[proc_macro_attribute]
pub fn websocket(attribute: TokenStream, item: TokenStream) -> TokenStream {
    output(websocket::expand(attribute.into(), item.into()))
}

/// Marks the method of a session that handles one kind of message: `#[on(Variant { field })]`, in
/// an `impl` block with [`#[websocket(..)]`](macro@websocket).
#[proc_macro_attribute]
pub fn on(_: TokenStream, item: TokenStream) -> TokenStream {
    stray_attribute::expand("on", item.into()).into()
}

/// Marks the method of a session that a clock calls: `#[every("5s")]`, in an `impl` block with
/// [`#[websocket(..)]`](macro@websocket).
#[proc_macro_attribute]
pub fn every(_: TokenStream, item: TokenStream) -> TokenStream {
    stray_attribute::expand("every", item.into()).into()
}

/// Derives `ClientMessage` for an enum of messages that clients send.
///
/// It stands beside `#[derive(serde::Deserialize)]`, which defines the format. The enum has a
/// variant for each kind of message, and any of Serde's representations but `untagged`. No two
/// variants, and no two fields of a variant, have the same name on the wire. Text is a `String`, or
/// borrowed, `#[serde(borrow)] text: Cow<'a, str>`; a `&'a str` is rejected, because it cannot hold
/// text with an escape in it.
///
/// `#[message(crate = path)]` names the runtime crate if it is not called `ignitia`.
#[proc_macro_derive(ClientMessage, attributes(message, serde))]
pub fn client_message(item: TokenStream) -> TokenStream {
    output(messages::expand_client(item.into()))
}

/// Derives `ServerMessage` for an enum of messages that the server sends.
///
/// It stands beside `#[derive(serde::Serialize)]`, which defines the format. The enum has a variant
/// for each kind of message, and any of Serde's representations but `untagged`. No two variants,
/// and no two fields of a variant, have the same name on the wire.
///
/// `#[message(crate = path)]` names the runtime crate if it is not called `ignitia`.
///
/// Options of a variant, alone or together (`#[message(transient, uncompressed)]`):
///
/// - `transient`: the histories of rooms do not keep the message.
/// - `uncompressed`: the message is sent as it is, also on connections with compression. It is for
///   secrets, which must not share a compressed message with reflected input, and for payloads that
///   are compressed already.
#[proc_macro_derive(ServerMessage, attributes(message, serde))]
pub fn server_message(item: TokenStream) -> TokenStream {
    output(messages::expand_server(item.into()))
}

/// Appends the errors that the expansion does not contain.
fn output((expansion, errors): (proc_macro2::TokenStream, Errors)) -> TokenStream {
    let errors = errors.unplaced();
    quote::quote!(#expansion #(#errors)*).into()
}

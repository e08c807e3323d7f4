//! The procedural macros of Ignitia: use them through the `ignitia` crate, never from here.

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

/// Makes an endpoint of an async fn, or of the `impl` block of a session.
///
/// ```ignore
/// // The loop is yours.
/// #[websocket("/ws/<room>")]
/// async fn chat(room: String, State(db): State<Db>, mut ws: WebSocketConnection) -> Result<Response> { .. }
///
/// // Called for every message; what it returns is the reply.
/// #[websocket("/ask/<room>", on_message)]
/// async fn ask(room: String, State(db): State<Db>, msg: ClientMsg) -> Result<Option<ServerMsg>, ChatError> { .. }
///
/// // State per connection, one method per kind of message.
/// #[websocket("/play/<room>", message = ClientMsg, reply = ServerMsg)]
/// impl Player {
///     async fn accept(room: String, user: User) -> Result<Self, StatusCode> { .. } // before the upgrade
///     async fn on_open(&mut self, ws: &WebSocketConnection) -> ServerMsg { .. }    // optional
///     #[on(Move { x, y })]
///     async fn go(&mut self, x: f32, y: f32) -> Option<ServerMsg> { .. }
///     #[on(Leave)]
///     async fn leave(&mut self, ws: &WebSocketConnection) -> CloseFrame { .. }
///     #[every("5s")]
///     async fn tick(&mut self) -> ServerMsg { .. }                                 // optional, any number of them
///     async fn on_event(&mut self, event: Score) -> ServerMsg { .. }               // optional: see `Events`
///     async fn on_raw(&mut self, text: &str) -> Option<Message> { .. }             // optional: text that is no message
///     async fn on_binary(&mut self, bytes: Vec<u8>) { .. }                         // optional: binary messages
///     async fn on_close(self, why: CloseCause) { .. }                              // optional
/// }
///
/// let router = Router::new().state(app).mount(chat).mount(ask).mount_session::<Player>();
/// ```
///
/// - **Path**: segments, `<name>` for a parameter that is a whole segment, `<name..>` for the tail. A parameter is the
///   argument of the same name; its type is anything that is `FromStr`, parsed from the percent-decoded segment. What
///   cannot be parsed is a 404. What is written literally is found however clients percent-encode it (`/café` by `/caf%C3%A9`).
/// - **Arguments**: parameters of the path and extractors, at most 7 in all; behind them, in a function, the connection
///   (`WebSocketConnection`, or `TypedConnection<ClientMsg, ServerMsg>`), or with `on_message` the connection, if it is
///   wanted, and the message. One extractor that reads the body (`Json`, ..) may be the last of them; not in `accept`. With
///   `on_message` every call gets clones of them. `#[cfg(..)]` may stand on any argument.
/// - **Outcome** of a function with a loop of its own: anything that is a response and not `()`; it says how the session
///   ended.
/// - **Replies** of the other two: nothing, a message (`#[derive(ServerMessage)]`), an `Option` or a `Vec` of it, a `CloseFrame`,
///   which closes, or a `Result` of these with an error that implements `MessageError`. With `reply = ..` they are all of
///   that type. A `Message` is sent as it is, whatever the type. What hooks and clocks return is sent the same way, without an id.
/// - **Sessions**: `accept` makes the state of a connection, and its error is the answer to the request. `#[on(Variant { field })]`
///   methods take what the pattern binds, by name; every variant has exactly one, and `#[on(_)]` is for those that have none: the
///   enum of another crate may be `#[non_exhaustive]`. All methods but `accept` may take
///   `ws: &WebSocketConnection` last. Messages are handled one after the other. What others send through a clone of the
///   connection that `on_open` gave away may come before the reply of `on_open` itself. `on_close` runs once for every session
///   that was accepted, also when the upgrade failed, a method panicked or the connection was cut off; it has
///   `WebSocketConfig::on_close_timeout`, and a drain waits for it. These hooks are all that there are: another method that is
///   called `on_..` does not compile, unless it has an attribute of ours.
/// - **Clocks**: `#[every("5s")]` (`ms`, `s`, `m`, `h`) or `#[every(Duration::from_secs(5))]` (any expression without `self`; it is
///   evaluated for each session, and less than a millisecond counts as one). The first tick comes one period after `on_open`. A tick
///   waits for its turn, never comes while a message is handled, and is skipped if it was missed: a session that was busy for a
///   minute ticks once, and then on the old beat. Nothing ticks once the connection closes. Each session with clocks has a timer.
/// - **Events** from elsewhere: `accept` or `on_open` takes `events: Events<MyEvent>`, a handle to give away, and `on_event` is given
///   what is sent through it. Messages, ticks and events take turns: none keeps the others waiting.
/// - **Raw text**: `on_raw` is called for text that could not be decoded, and for nothing else, so that it costs typed messages
///   nothing. `None` leaves it malformed; `Some(reply)` answers it, and it does not count as malformed: foreign clients send `ping` and
///   want `pong`, which is `(text == "ping").then(|| "pong".into())`. `Some(())` says nothing.
/// - **Binary messages** go to `on_binary`, as `Vec<u8>` or whatever else is `From<Bytes>`; without it they close with 1003.
/// - **Later answers**: with `id = ..`, a method may take `request: ReplyTo<ServerMsg>` (where `reply = ServerMsg`; otherwise
///   `ReplyTo`), anywhere among its arguments, and an `on_message` function takes `request: ReplyTo` before the connection and the
///   message. `ws.reply_to(&request, answer)` answers when the next messages are handled already.
/// - What is annotated stays what it is: call it in a unit test (`chat(room, state, ws).await`, `player.go(1.0, 2.0).await`),
///   document it, import it.
/// - `chat::PATH`, `METHOD`, `PARAMETERS`, `EXTRACTORS`, `MESSAGE`, `REPLY` tell about it, and `chat::uri("lobby")` builds its
///   percent-encoded path; `Player::PATH` and so on for a session.
///
/// Options behind the path:
///
/// | | |
/// |---|---|
/// | `on_message` | the function is called for every message |
/// | `message = Type`, `reply = Type` | what a session receives, and sends |
/// | `on_malformed = reply` | input that is no message is answered with an error (the default) |
/// | `on_malformed = close` | it closes the connection with 1008 |
/// | `on_malformed = ignore` | it is passed over |
/// | `id = "name"` | the field of that name, in messages that have it, comes back in their replies and errors as it was written: a number or a string, of at most 128 bytes |
/// | `on_raw = path` | with `on_message`: `async fn heartbeat(text: &str, ws: &WebSocketConnection) -> Option<Message>`, called as a session's `on_raw` is |
/// | `on_binary = path` | with `on_message`: `async fn upload(bytes: Vec<u8>, ws: &WebSocketConnection) -> ..`, called as a session's `on_binary` is |
/// | `crate = path` | the runtime crate, where it is not called `ignitia` |
#[proc_macro_attribute]
pub fn websocket(attribute: TokenStream, item: TokenStream) -> TokenStream {
    output(websocket::expand(attribute.into(), item.into()))
}

/// Marks the method of a session that handles one kind of message: `#[on(Variant { field })]`, in the `impl` block behind
/// [`#[websocket(..)]`](macro@websocket).
#[proc_macro_attribute]
pub fn on(_: TokenStream, item: TokenStream) -> TokenStream {
    stray_attribute::expand("on", item.into()).into()
}

/// Marks the method of a session that a clock calls: `#[every("5s")]`, in the `impl` block behind
/// [`#[websocket(..)]`](macro@websocket).
#[proc_macro_attribute]
pub fn every(_: TokenStream, item: TokenStream) -> TokenStream {
    stray_attribute::expand("every", item.into()).into()
}

/// Makes an enum a message that clients send: beside `#[derive(serde::Deserialize)]`, which decides how it looks.
///
/// The enum has a variant for each kind of message, and any of serde's representations but `untagged`. No two variants, and no two
/// fields of one, have the same name on the wire. Text is a `String`, or borrowed, `#[serde(borrow)] text: Cow<'a, str>`; a
/// `&'a str` is refused, for it cannot hold text with an escape in it.
/// `#[message(crate = path)]` names the runtime crate where it is not called `ignitia`.
#[proc_macro_derive(ClientMessage, attributes(message, serde))]
pub fn client_message(item: TokenStream) -> TokenStream {
    output(messages::expand_client(item.into()))
}

/// Makes an enum a message that clients are sent: beside `#[derive(serde::Serialize)]`, which decides how it looks.
///
/// The enum has a variant for each kind of message, and any of serde's representations but `untagged`. No two variants, and no two
/// fields of one, have the same name on the wire.
/// `#[message(crate = path)]` names the runtime crate where it is not called `ignitia`. `#[message(transient)]` in front of a
/// variant keeps it out of the histories of rooms.
#[proc_macro_derive(ServerMessage, attributes(message, serde))]
pub fn server_message(item: TokenStream) -> TokenStream {
    output(messages::expand_server(item.into()))
}

fn output((expansion, errors): (proc_macro2::TokenStream, Errors)) -> TokenStream {
    let errors = errors.unplaced();
    quote::quote!(#expansion #(#errors)*).into()
}

//! The procedural macros of Ignitia: use them through the `ignitia` crate, never from here.

mod diagnostics;
mod path_template;
mod runtime;
mod websocket;

use proc_macro::TokenStream;

/// Makes an endpoint of an async fn: a route with a typed path, mounted with `Router::mount`.
///
/// ```ignore
/// #[websocket("/ws/<room>")]
/// async fn chat(room: String, State(db): State<Db>, mut ws: WebSocketConnection) -> Result<Response> {
///     ..
/// }
///
/// let router = Router::new().state(app).mount(chat);
/// ```
///
/// - **Path**: segments, `<name>` for a parameter that is a whole segment, `<name..>` for the tail. A parameter is the
///   argument of the same name; its type is anything that is `FromStr`, parsed from the percent-decoded segment. What
///   cannot be parsed is a 404.
/// - **Arguments**: parameters of the path and extractors, at most 7 in all, and last the connection. One extractor
///   that reads the body (`Json`, ..) may stand right before the connection.
/// - **Outcome**: anything that is a response and not `()`; it says how the session ended.
/// - The function stays one: call it in a unit test (`chat(room, state, ws).await`), document it, import it.
/// - `chat::PATH`, `chat::METHOD`, `chat::PARAMETERS`, `chat::EXTRACTORS` tell about it, and `chat::uri("lobby")` builds
///   its percent-encoded path.
///
/// Options behind the path: `crate = path` names the runtime crate where it is not called `ignitia`.
#[proc_macro_attribute]
pub fn websocket(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let (expansion, errors) = websocket::expand(attribute.into(), item.into());
    let errors = errors.iter().map(syn::Error::to_compile_error);
    quote::quote!(#expansion #(#errors)*).into()
}

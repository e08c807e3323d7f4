//! Tests all stages together: the errors of an input, and its expansion.

mod functions;
mod mangling;
mod session_expansions;
mod sessions;

use proc_macro2::TokenStream;
use syn::Error;

use super::parse;
use crate::test_support::{tokens, words};

fn expand(attribute: TokenStream, item: TokenStream) -> (TokenStream, Vec<Error>) {
    let (expansion, errors) = super::expand(attribute, item);
    (expansion, errors.into_vec())
}

/// Inputs without errors.
const VALID: &[(&str, &str)] = &[
    (
        r#""/ws""#,
        "async fn ws(mut ws: WebSocketConnection) -> Response { while ws.recv().await.is_some() {} Response::ok() }",
    ),
    (
        r#""/chat/<room>/<rest..>", crate = ::web"#,
        "#[doc = \"Says so.\"] #[cfg(all())] #[allow(unused)] pub(crate) async fn chat(room: String, mut rest: String, \
         State(db): State<Db>, Json(login): Json<Login>, ws: ignitia::WebSocketConnection) -> Result<Response, Closed> \
         { let x = [1, 2]; Ok(Response::ok()) }",
    ),
    (
        r#""/rooms/<type>""#,
        "pub async fn r#async(Path((r#type,)): Path<(u8,)>, call: Extension<for<'a> fn(&'a str)>, _: Ws,) -> StatusCode \
         { StatusCode::OK }",
    ),
    (
        r#""/generic/<id>""#,
        "async fn generic<T: Clone, const N: usize>(id: T, _: State<[T; N]>, ws: Ws) -> impl IntoResponse \
         where T: FromStr + Send + 'static { [id, N] }",
    ),
    (
        r#""/count/<room>", on_message, id = "id", on_malformed = close"#,
        "async fn count(room: String, State(db): State<Db>, ws: WebSocketConnection, msg: Ask) -> Result<Option<Told>, No> \
         { db.count(room, ws, msg).await }",
    ),
    (r#""/quiet", on_message"#, "pub async fn quiet<T: Topic>(_: Extension<T>, _: ClientMsg<T>) {}"),
    (
        r#""/chat/<room>", message = chat::ClientMsg<'_>, reply = ServerMsg, id = "id", crate = ::web"#,
        "#[doc = \"Says so.\"] #[cfg(all())] impl<T: Topic> Chat<T> where T: Send { const N: u8 = 1; type X = u8; \
         async fn accept(room: String, State(db): State<Db>) -> Result<Self, StatusCode> { Ok(db) } \
         pub async fn on_open(&mut self, ws: &WebSocketConnection) -> Option<ServerMsg> { None } \
         #[on(Send { text, to: whom, .. })] async fn send(&mut self, whom: u64, text: Cow<'_, str>) -> ServerMsg { text } \
         #[on(Move(x, (y, _)))] async fn go(&self, x: u8, y: u8, ws: &WebSocketConnection) -> Result<(), No> { x + y } \
         #[on(Leave)] #[allow(unused)] async fn leave(&mut self) -> CloseFrame { bye } \
         fn helper(&self) -> u8 { 1 } async fn on_close(self, why: CloseCause, ws: &WebSocketConnection) {} }",
    ),
    (
        r#""/foreign", on_message, id = "id", on_raw = heartbeat, on_binary = uploads::take"#,
        "async fn foreign(State(db): State<Db>, request: ReplyTo, ws: WebSocketConnection, msg: Ask) -> Option<Told> { db }",
    ),
    (r#""/later", on_message, id = "id""#, "async fn later(request: ReplyTo, msg: Ask) {}"),
    (
        r#""/more/<room>", message = Ask, reply = Told, id = "id""#,
        "impl More { async fn accept(room: String, events: Events<News>, State(db): State<Db>) -> Self { Self } \
         async fn on_open(&mut self, events: ignitia::Events<News>, ws: &WebSocketConnection) {} \
         async fn on_raw(&mut self, text: &str) -> Option<Message> { None } \
         async fn on_binary(&mut self, bytes: Vec<u8>, ws: &WebSocketConnection) -> Told { Told } \
         async fn on_event(&mut self, News { text }: News) -> Option<Told> { text } \
         #[every(\"250ms\")] async fn tick(&mut self) {} \
         #[every(Duration::from_secs(CONFIG.period))] async fn on_the_hour(&mut self, ws: &WebSocketConnection) -> Told { Told } \
         #[on(Ask { id })] async fn ask(&mut self, id: ReplyTo, request: ReplyTo<Told>, ws: &WebSocketConnection) {} }",
    ),
    (
        r#""/least", message = ClientMsg"#,
        "impl Least { async fn accept() -> Self { Self } #[on(Go)] async fn go(&mut self) {} async fn on_close(mut self) {} }",
    ),
];

/// Returns the errors without their help, which the ui-tests show.
fn error_texts(attribute: &str, item: &str) -> Vec<String> {
    let (expansion, errors) = expand(tokens(attribute), tokens(item));
    let is_there = words(expansion).iter().any(|word| word == "chat" || word == "Chat");
    assert!(is_there, "the name is lost: {item}");
    errors.iter().map(|error| error.to_string().lines().next().unwrap_or_default().to_owned()).collect()
}

/// Compares everything but white space, trailing commas and empty angle brackets. On a failure,
/// format the printed expansion and read the difference.
fn assert_reads(expansion: &TokenStream, expected: &str) {
    let significant = |tokens| {
        let mut words = words(tokens);
        let ends_there = |next: &String| ["end of", "{ } of", ">"].iter().any(|end| next.starts_with(end));
        let trailing: Vec<bool> =
            words.windows(2).map(|pair| pair[0] == "," && ends_there(&pair[1])).chain([false]).collect();
        let mut trailing = trailing.into_iter();
        words.retain(|_| !trailing.next().unwrap_or_default());
        while let Some(empty) = words.windows(2).position(|pair| pair[0] == "<" && pair[1] == ">") {
            words.drain(empty..empty + 2);
        }
        words
    };
    assert!(significant(expansion.clone()) == significant(tokens(expected)), "it became\n{expansion}");
}

#[test]
fn valid_inputs_have_no_errors() {
    for (attribute, item) in VALID {
        let (expansion, errors) = expand(tokens(attribute), tokens(item));
        assert!(errors.is_empty(), "{attribute} {item}: {errors:?}");
        syn::parse2::<syn::File>(expansion).expect("items");
    }
}

#[test]
fn other_items_stay_as_they_are() {
    for item in ["trait chat { fn f(); }", "mod chat {}", "static chat: u8 = 1;", "chat!{}"] {
        assert_eq!(
            error_texts(r#""/ws""#, item),
            ["`#[websocket]` goes on an async fn, or on the `impl` block of a session"],
            "{item}"
        );
        let (expansion, _) = expand(tokens(r#""/ws""#), tokens(item));
        assert_eq!(words(expansion), words(tokens(item)));
    }
    for item in ["struct chat;", "pub enum chat<T> { A(T) }"] {
        assert_eq!(
            error_texts(r#""/ws""#, item),
            ["`#[websocket]` goes on an async fn, or on the `impl` block of a session"],
            "{item}"
        );
        let (expansion, _) = expand(tokens(r#""/ws""#), tokens(item));
        assert!(words(expansion).join(" ").contains(&words(tokens(item)).join(" ")), "{item} is lost");
    }
}

#[test]
fn items_that_cannot_be_parsed_are_left_to_rustc() {
    for item in [
        "pub async fn chat(ws) -> Response {}",
        "pub(crat) async fn chat(ws: WebSocketConnection) -> Response {}",
        "async fn chat -> Response {}",
        "async fn chat(ws: WebSocketConnection): Response {}",
        "fn async chat(ws: WebSocketConnection) -> Response {}",
        "impl for Chat { #[on(Leave)] async fn leave(&mut self) {} }",
        "impl Chat { #[on(Leave)] async fn leave(&mut self, ws) {} }",
        "impl Chat { #[on(Leave)] async fn leave(&mut self) -> {} }",
        "impl Chat { #[on(Leave)] async fn leave(&mut self) {}, #[every(\"5s\")] async fn tick(&mut self) {} }",
        "impl Chat { name: String, #[on(Leave)] async fn leave(&mut self) {} #[on(Leave)] }",
    ] {
        assert_eq!(error_texts(r#""/ws", message = ClientMsg"#, item), [] as [&str; 0], "{item}");
        let (expansion, _) = expand(tokens(r#""/ws", message = ClientMsg"#), tokens(item));
        let words = words(expansion);
        for ours in ["on", "every"] {
            assert!(!words.iter().any(|word| word == ours), "`{ours}` is left of {item}");
        }
        assert!(
            words.iter().any(|word| word == "unused_must_use"),
            "nothing says that it cannot be read: {item}"
        );
    }
}

#[test]
fn the_parsable_items_of_a_block_are_kept() {
    for (items, left) in [
        ("name: String, fn f() {}", "fn f() {}"),
        ("fn f(&self, x) { self.g(;) }", "fn f(&self, x) { self.g(;) }"),
        (
            "#[on(A)] #[inline] fn f(x) {} const X: u8 = ; const Y: u8 = 1;",
            "#[inline] fn f(x) {} const Y: u8 = 1;",
        ),
        ("fn f() -> {} fn g() {} fn h", "fn g() {}"),
        ("fn f(x); fn g() {}", "fn g() {}"),
    ] {
        let (expansion, _) = expand(tokens(r#""/ws""#), tokens(&format!("impl Chat {{ {items} }}")));
        let block = words(tokens(&format!("impl Chat {{ {left} }}"))).join(" ");
        assert!(words(expansion.clone()).join(" ").contains(&block), "{items} became {expansion}");
    }
}

//! The stages together, on tokens: what is said about an input, and what becomes of it.

use proc_macro2::{Group, TokenStream, TokenTree};

use super::{expand, parse};

/// Inputs without a fault.
const GOOD: &[(&str, &str)] = &[
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
        r#""/least", message = ClientMsg"#,
        "impl Least { async fn accept() -> Self { Self } #[on(Go)] async fn go(&mut self) {} async fn on_close(mut self) {} }",
    ),
];

fn tokens(text: &str) -> TokenStream {
    text.parse().expect("these are tokens")
}

/// The messages without their advice, which the ui-tests show.
fn faults(attribute: &str, item: &str) -> Vec<String> {
    let (expansion, errors) = expand(tokens(attribute), tokens(item));
    assert!(words(expansion).contains(&"chat".to_owned()), "the name is lost: {item}");
    errors.iter().map(|error| error.to_string().lines().next().unwrap_or_default().to_owned()).collect()
}

/// All tokens of all groups, without spacing.
fn words(tokens: TokenStream) -> Vec<String> {
    let mut all = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let empty = Group::new(group.delimiter(), TokenStream::new()).to_string();
                all.push(format!("{empty} of"));
                all.extend(words(group.stream()));
                all.push(format!("end of {empty}"));
            }
            token => all.push(token.to_string()),
        }
    }
    all
}

/// Compares but for white space and trailing commas: format what this prints, and read the difference.
fn assert_reads(expansion: &TokenStream, expected: &str) {
    let significant = |tokens| {
        let mut words = words(tokens);
        let ends_there = |next: &String| ["end of", "{ } of", ">"].iter().any(|end| next.starts_with(end));
        let trailing: Vec<bool> =
            words.windows(2).map(|pair| pair[0] == "," && ends_there(&pair[1])).chain([false]).collect();
        let mut trailing = trailing.into_iter();
        words.retain(|_| !trailing.next().unwrap_or_default());
        words
    };
    assert!(significant(expansion.clone()) == significant(tokens(expected)), "it became\n{expansion}");
}

#[test]
fn good_inputs_have_no_faults() {
    for (attribute, item) in GOOD {
        let (expansion, errors) = expand(tokens(attribute), tokens(item));
        assert!(errors.is_empty(), "{attribute} {item}: {errors:?}");
        syn::parse2::<syn::File>(expansion).expect("items");
    }
}

#[test]
fn six_faults_are_six_messages() {
    assert_eq!(
        faults(
            r#""chat", crates = ::web"#,
            "fn chat(name: &str, ws: WebSocketConnection, headers: Headers) {}"
        ),
        [
            "the path must start with `/`",
            "unknown option `crates`",
            "a `#[websocket]` function is async",
            "an argument cannot be borrowed: the handler outlives the request",
            "the connection must be the last argument",
            "a `#[websocket]` function cannot return `()`",
        ]
    );
}

#[test]
fn all_faults_of_the_path_are_found() {
    assert_eq!(
        faults(
            r#""/:a//{b}/<c-d>/<e>/<e>/<f..>/<>/x<g>""#,
            "async fn chat(ws: WebSocketConnection) -> Response {}"
        ),
        [
            "`:a` is written differently here",
            "the path has an empty segment",
            "`{b}` is written differently here",
            "`c-d` is no name for a parameter",
            "the parameter `<e>` appears twice",
            "`<f..>` takes the rest of the path, so it must be last",
            "a parameter needs a name",
            "a parameter must be a whole segment",
        ]
    );
}

#[test]
fn all_faults_of_the_head_are_found() {
    assert_eq!(
        faults(
            r#""/<room>/<seat>/<row>""#,
            "const unsafe extern \"C\" fn chat(_room: String, sea: u8, raw: Bytes, login: Json<Login>, user: impl User, \
             count: u64, more: WebSocketConnection, ws: WebSocketConnection) -> Result<()>;"
        ),
        [
            "a `#[websocket]` function is async",
            "a `#[websocket]` function cannot be `const`",
            "a `#[websocket]` function cannot be `unsafe`",
            "a `#[websocket]` function cannot be `extern`",
            "a `#[websocket]` function needs a body",
            "an argument needs a type that can be extracted",
            "the connection is taken twice",
            "only one argument can read the body of the request",
            "the argument of the parameter `<room>` must have its name",
            "`sea` is no parameter of the path",
            "the parameter `<row>` has no argument in `chat`",
            "`count` is no parameter of the path, and a `u64` cannot be extracted",
            "a `#[websocket]` function cannot return `Ok(())`",
        ]
    );
}

#[test]
fn a_faulty_path_says_nothing_about_the_arguments() {
    let item = "async fn chat(room: String, ws: WebSocketConnection) -> Response {}";
    assert_eq!(faults(r#""/{room}""#, item), ["`{room}` is written differently here"]);
    assert_eq!(faults("", item), ["a path is missing"]);
    assert_eq!(faults(r#"path = "/<room>""#, item), ["the path stands first, without a name"]);
}

#[test]
fn other_items_stay_as_they_are() {
    for item in ["struct chat;", "trait chat { fn f(); }", "mod chat {}", "static chat: u8 = 1;", "chat!{}"] {
        assert_eq!(
            faults(r#""/ws""#, item),
            ["`#[websocket]` goes on an async fn, or on the `impl` block of a session"],
            "{item}"
        );
        let (expansion, _) = expand(tokens(r#""/ws""#), tokens(item));
        assert_eq!(words(expansion), words(tokens(item)));
    }
}

#[test]
fn an_endpoint_in_full() {
    let item =
        "pub async fn chat(room: u64, State(db): State<Db>, ws: Ws) -> Response { db.enter(room, ws) }";
    let (expansion, errors) = expand(tokens(r#""/ws/<room>""#), tokens(item));
    assert!(errors.is_empty(), "{errors:?}");
    assert_reads(&expansion, ENDPOINT);
}

const ENDPOINT: &str = r#"
#[allow(clippy::too_many_arguments)]
pub fn chat(
    room: u64,
    db: State<Db>,
    ws: Ws,
) -> ::ignitia::__private::Tagged<chat, impl ::core::future::Future<Output = Response> + ::core::marker::Send>
{
    let __value_0 = room;
    let __value_1 = db;
    let __value_2 = ws;
    {
        #[allow(clippy::too_many_arguments)]
        async fn chat(room: u64, State(db): State<Db>, ws: Ws) -> Response {
            db.enter(room, ws)
        }
        ::ignitia::__private::Tagged::new(chat(__value_0, __value_1, __value_2))
    }
}
#[allow(non_camel_case_types, reason = "it shares the function's name")]
#[doc(hidden)]
pub struct chat {}
impl chat {
    #[doc = r" The path, as it was written."]
    pub const PATH: &'static str = "/ws/<room>";
    #[doc = r" The method of the handshake over HTTP/1.1."]
    pub const METHOD: &'static str = "GET";
    #[doc = r" The names of the parameters in the path."]
    pub const PARAMETERS: &'static [&'static str] = &["room"];
    #[doc = r" The types of the extractors, as they were written."]
    pub const EXTRACTORS: &'static [&'static str] = &["State<Db>"];
    #[doc = r" The type of the messages that are received, as it was written, if they are typed."]
    pub const MESSAGE: ::core::option::Option<&'static str> = ::core::option::Option::None;
    #[doc = r" The type of what is sent, as it was written, if it is known."]
    pub const REPLY: ::core::option::Option<&'static str> = ::core::option::Option::None;
    #[doc = r" The path with these parameters, percent-encoded."]
    pub fn uri(room: impl ::core::fmt::Display) -> ::std::string::String {
        let mut __uri = <::std::string::String as ::core::convert::From<&str>>::from("");
        __uri.push_str("/ws");
        __uri.push('/');
        ::ignitia::__private::push_segment(&mut __uri, &room, false);
        __uri
    }
}
#[allow(deprecated, reason = "whoever mounts it is told")]
impl<__S, __Via> ::ignitia::__private::Endpoint<__S, __Via> for chat
where
    __S: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync + 'static,
    __S: ::ignitia::__private::Extracts<(State<Db>,), __Via>,
{
    const ROUTE: &'static str = "/ws/{room}";
    fn reads_body() -> bool {
        <__S as ::ignitia::__private::Extracts<(State<Db>,), __Via>>::reads_body()
    }
    #[allow(unused_mut, reason = "without parameters nothing is taken from the request")]
    async fn prepare(
        mut __request: ::ignitia::__private::Request,
        __state: &__S,
    ) -> ::core::result::Result<::ignitia::__private::Prepared, ::ignitia::__private::Response> {
        let __argument_0 = ::ignitia::__private::path_param(
            &mut __request,
            "room",
            <u64 as ::ignitia::__private::PathParam>::from_param,
        )
        .await?;
        let (__argument_1,) =
            <__S as ::ignitia::__private::Extracts<(State<Db>,), __Via>>::extract(__state, __request).await?;
        ::core::result::Result::Ok(::ignitia::__private::Prepared::new(move |__ws| async move {
            let __ended = chat(
                __argument_0,
                __argument_1,
                <Ws as ::ignitia::__private::Connection>::from_connection(__ws),
            )
            .await;
            ::ignitia::__private::outcome(__ended)
        }))
    }
}
"#;

#[test]
fn a_stub_in_full() {
    let item = "pub async fn chat(room: u64, db: &Db, ws: Ws) -> Response { db.enter(room, ws) }";
    let (expansion, errors) = expand(tokens(r#""/ws/<room>""#), tokens(item));
    assert_eq!(errors.len(), 1);
    assert_reads(&expansion, STUB);
}

const STUB: &str = r#"
#[allow(dead_code, unused_variables, clippy::needless_pass_by_value)]
pub fn chat(
    __argument_0: u64,
    __argument_1: Ws,
) -> ::ignitia::__private::Tagged<chat, ::core::future::Pending<::ignitia::__private::Response>> {
    #[allow(dead_code, unused_variables)]
    async fn chat(room: u64, db: &Db, ws: Ws) -> Response {
        db.enter(room, ws)
    }
    ::ignitia::__private::Tagged::new(::core::future::pending())
}
#[allow(non_camel_case_types, dead_code)]
#[doc(hidden)]
pub struct chat {}
#[allow(dead_code)]
impl chat {
    pub const PATH: &'static str = "";
    pub const METHOD: &'static str = "GET";
    pub const PARAMETERS: &'static [&'static str] = &[];
    pub const EXTRACTORS: &'static [&'static str] = &[];
    pub const MESSAGE: ::core::option::Option<&'static str> = ::core::option::Option::None;
    pub const REPLY: ::core::option::Option<&'static str> = ::core::option::Option::None;
    #[doc = r" The path with these parameters, percent-encoded."]
    pub fn uri(room: impl ::core::fmt::Display) -> ::std::string::String {
        let mut __uri = <::std::string::String as ::core::convert::From<&str>>::from("");
        __uri.push_str("/ws");
        __uri.push('/');
        ::ignitia::__private::push_segment(&mut __uri, &room, false);
        __uri
    }
}
impl<__S: ::core::marker::Sync> ::ignitia::__private::Endpoint<__S, ()> for chat {
    const ROUTE: &'static str = "/";
    fn reads_body() -> bool {
        false
    }
    async fn prepare(
        _: ::ignitia::__private::Request,
        _: &__S,
    ) -> ::core::result::Result<::ignitia::__private::Prepared, ::ignitia::__private::Response> {
        ::core::future::pending().await
    }
}
"#;

/// Deterministic, and good enough to choose with.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).expect("it is below a usize")
    }
}

/// Deletes, duplicates or swaps a token or a group, somewhere.
fn mangle(tokens: TokenStream, dice: &mut Dice) -> TokenStream {
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
    if tokens.is_empty() {
        return TokenStream::new();
    }
    let (at, other) = (dice.below(tokens.len()), dice.below(tokens.len()));
    if let TokenTree::Group(group) = &tokens[at]
        && dice.below(4) != 0
    {
        tokens[at] = Group::new(group.delimiter(), mangle(group.stream(), dice)).into();
        return tokens.into_iter().collect();
    }
    match dice.below(3) {
        0 => drop(tokens.remove(at)),
        1 => tokens.insert(other, tokens[at].clone()),
        _ => tokens.swap(at, other),
    }
    tokens.into_iter().collect()
}

#[test]
fn mangled_inputs_never_panic() {
    let mut dice = Dice(0x1234_5678_9abc_def1);
    let mut clean = 0;
    for round in 0..12_000 {
        let (attribute, item) = GOOD[round % GOOD.len()];
        let (mut attribute, mut item) = (tokens(attribute), tokens(item));
        for _ in 0..=dice.below(3) {
            match dice.below(6) {
                0 => attribute = mangle(attribute, &mut dice),
                _ => item = mangle(item, &mut dice),
            }
        }
        let input = format!("#[websocket({attribute})] {item}");
        let (expansion, errors) = expand(attribute, item.clone());
        for error in &errors {
            assert!(!error.to_string().is_empty(), "{input}");
            let _ = error.to_compile_error();
        }
        if let Ok(parse::Item::Function(function)) = parse::item(item.clone()) {
            let name = function.signature.ident.to_string();
            assert!(words(expansion.clone()).contains(&name), "{name} is lost: {input}");
        }
        // rustc gives an attribute nothing that is no item; what cannot be one may become anything.
        if errors.is_empty() && syn::parse2::<syn::ItemFn>(item).is_ok() {
            clean += 1;
            if let Err(error) = syn::parse2::<syn::File>(expansion.clone()) {
                panic!("{error}: {input}\nbecame {expansion}");
            }
        }
    }
    assert!(clean > 500, "only {clean} were clean: the loop tries nothing");
}

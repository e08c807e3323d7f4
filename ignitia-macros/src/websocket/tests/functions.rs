//! Tests annotated functions.

use super::{assert_reads, error_texts, expand};
use crate::test_support::tokens;

#[test]
fn six_mistakes_are_six_errors() {
    assert_eq!(
        error_texts(
            r#""chat", crates = ::web"#,
            "fn chat(name: &str, ws: WebSocketConnection, headers: Headers) {}"
        ),
        [
            "the path must start with `/`",
            "unknown option `crates`",
            "a `#[websocket]` function must be async",
            "an argument cannot be borrowed: the handler outlives the request",
            "the connection must be the last argument",
            "a `#[websocket]` function cannot return `()`",
        ]
    );
}

#[test]
fn all_errors_of_the_path_are_found() {
    assert_eq!(
        error_texts(
            r#""/:a//{b}/<c-d>/<e>/<e>/<f..>/<>/x<g>""#,
            "async fn chat(ws: WebSocketConnection) -> Response {}"
        ),
        [
            "`:a` is not the syntax of a parameter",
            "the path has an empty segment",
            "`{b}` is not the syntax of a parameter",
            "`c-d` is not a valid parameter name",
            "the parameter `<e>` appears twice",
            "`<f..>` takes the rest of the path, so it must be last",
            "a parameter needs a name",
            "a parameter must be a whole segment",
        ]
    );
}

#[test]
fn all_errors_of_the_head_are_found() {
    assert_eq!(
        error_texts(
            r#""/<room>/<seat>/<row>""#,
            "const unsafe extern \"C\" fn chat(_room: String, sea: u8, raw: Bytes, login: Json<Login>, user: impl User, \
             count: u64, more: WebSocketConnection, ws: WebSocketConnection) -> Result<()>;"
        ),
        [
            "a `#[websocket]` function must be async",
            "a `#[websocket]` function cannot be `const`",
            "a `#[websocket]` function cannot be `unsafe`",
            "a `#[websocket]` function cannot be `extern`",
            "a `#[websocket]` function needs a body",
            "an argument needs a type that can be extracted",
            "the connection is taken twice",
            "only one argument can read the body of the request",
            "the argument for `<room>` must be called `room`",
            "`sea` is not a parameter of the path",
            "the parameter `<row>` has no argument in `chat`",
            "`count` is not a parameter of the path, and a `u64` cannot be extracted",
            "a `#[websocket]` function cannot return `Ok(())`",
        ]
    );
}

#[test]
fn an_invalid_path_says_nothing_about_the_arguments() {
    let item = "async fn chat(room: String, ws: WebSocketConnection) -> Response {}";
    assert_eq!(error_texts(r#""/{room}""#, item), ["`{room}` is not the syntax of a parameter"]);
    assert_eq!(error_texts("", item), ["a path is missing"]);
    assert_eq!(error_texts(r#"path = "/<room>""#, item), ["the path comes first, without a name"]);
}

#[test]
fn an_endpoint_is_emitted_in_full() {
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
) -> ::ignitia::__private::AnnotatedFuture<
    chat,
    impl ::core::future::Future<Output = Response> + ::core::marker::Send,
    ::ignitia::__private::CalledPerConnection,
>
{
    let __value_0 = room;
    let __value_1 = db;
    let __value_2 = ws;
    {
        #[allow(clippy::too_many_arguments, clippy::unused_async)]
        async fn chat(room: u64, State(db): State<Db>, ws: Ws) -> Response {
            db.enter(room, ws)
        }
        ::ignitia::__private::AnnotatedFuture::new(chat(__value_0, __value_1, __value_2))
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
const _: () = {
    type __Type0 = u64;
    type __Type1 = State<Db>;
    type __Type2 = Ws;
    #[allow(deprecated, reason = "whoever mounts it is told")]
    impl<__S, __Via> ::ignitia::__private::Endpoint<__S, __Via> for chat
    where
        __S: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync + 'static,
        __Type1: ::ignitia::__private::LastArgument<__S, __Via>,
        __S: ::ignitia::__private::Extracts<(__Type1,), __Via>,
    {
        const ROUTE: &'static str = "/ws/{room}";
        ::ignitia::__private::described! {
            "chat" []
            parameter "room" __Type0<>;
            extractor __Type1<>;
            id ::core::option::Option::None;
            binary true;
            text true;
            malformed ::core::option::Option::None;
            connection __Type2<>;
        }
        fn reads_body() -> bool {
            <__S as ::ignitia::__private::Extracts<_, __Via>>::reads_body()
        }
        #[allow(unused_mut, reason = "without parameters nothing is taken from the request")]
        async fn prepare(
            mut __request: ::ignitia::__private::Request,
            __state: &__S,
        ) -> ::core::result::Result<::ignitia::__private::Prepared, ::ignitia::__private::Response> {
            let __parameters = ::ignitia::__private::path_params(&mut __request).await?;
            let __argument_0 =
                __parameters.get("room", <__Type0 as ::ignitia::__private::PathParam>::from_param)?;
            let (__argument_1,) =
                <__S as ::ignitia::__private::Extracts<_, __Via>>::extract(__state, __request).await?;
            ::core::result::Result::Ok(::ignitia::__private::Prepared::new(move |__ws| async move {
                let (__ws, __outcomes) = <__Type2 as ::ignitia::__private::Connection>::from_connection(__ws);
                let __ended = chat(__argument_0, __argument_1, __ws).await;
                __outcomes.response(__ended)
            }))
        }
    }
};
"#;

#[test]
fn a_placeholder_is_emitted_in_full() {
    let item = "pub async fn chat(room: u64, db: &Db, ws: Ws) -> Response { db.enter(room, ws) }";
    let (expansion, errors) = expand(tokens(r#""/ws/<room>""#), tokens(item));
    assert_eq!(errors.len(), 1);
    assert_reads(&expansion, PLACEHOLDER);
}

const PLACEHOLDER: &str = r#"
#[allow(non_upper_case_globals, dead_code)]
pub const chat: [();
    ::core::compile_error! { "an argument cannot be borrowed: the handler outlives the request\nhelp: take it by value: `Db`" }] =
    [];
const _: () = {
    #[allow(dead_code, unused_variables)]
    async fn chat(room: u64, db: &Db, ws: Ws) -> Response {
        db.enter(room, ws)
    }
};
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
    #[allow(non_upper_case_globals, dead_code)]
    pub const uri: [(); {
        chat;
        0
    }] = [];
}
"#;

#[test]
fn all_errors_of_an_on_message_function_are_found() {
    assert_eq!(
        error_texts(
            r#""/<room>/<seat>", on_message = true, message = Ask, reply = "Told", id = id, on_malformed = drop, on_malformed = close, wait = 3"#,
            "const unsafe extern \"C\" fn chat<'a>(ws: WebSocketConnection, _room: String, sea: u8, db: &Db, more: &WebSocketConnection, \
             login: Json<Login>, typed: TypedConnection<Ask, Told>, user: impl User, msg: Ask<'a>);"
        ),
        [
            "`on_message` takes no value",
            "`reply` is the enum of the messages that the server sends",
            "`id` is the name of the field that replies repeat",
            "`drop` is not a value of `on_malformed`",
            "unknown option `wait`",
            "`message` is only for sessions",
            "a `#[websocket]` function must be async",
            "a `#[websocket]` function cannot be `const`",
            "a `#[websocket]` function cannot be `unsafe`",
            "a `#[websocket]` function cannot be `extern`",
            "a `#[websocket]` function needs a body",
            "an argument cannot be borrowed: the handler outlives the request",
            "an argument cannot be borrowed: the handler outlives the request",
            "an argument needs a type that can be extracted",
            "the messages of a function cannot borrow",
            "the connection is taken twice",
            "an `on_message` function has no typed connection: it returns what it sends",
            "an argument that reads the body goes right before the message",
            "the argument for `<room>` must be called `room`",
            "`sea` is not a parameter of the path"
        ]
    );
    let without_message = "async fn chat(room: String, ws: WebSocketConnection) {}";
    assert_eq!(
        error_texts(r#""/<room>", on_message"#, without_message),
        ["the last argument of an `on_message` function must be the message"]
    );
    assert_eq!(error_texts(r#""/", on_message"#, "async fn chat() {}"), ["the message is missing"]);
    assert_eq!(
        error_texts(r#""/", on_message"#, "async fn chat(State(db): State<Db>) {}"),
        ["the last argument of an `on_message` function must be the message"]
    );
    assert_eq!(
        error_texts(
            r#""/", on_message"#,
            "async fn chat(msg: Ask, ws: WebSocketConnection, db: State<Db>) {}"
        ),
        ["the last argument of an `on_message` function must be the message"]
    );
    assert_eq!(
        error_texts(r#""/", id = "id", on_malformed = ignore"#, "async fn chat(ws: Ws) -> Response {}"),
        ["`on_malformed` has no effect without `on_message`"]
    );
    assert_eq!(
        error_texts(r#""/", message = Ask, reply = Told, id = "id""#, "async fn chat(ws: Ws) -> Response {}"),
        ["`message` is only for sessions"]
    );
}

#[test]
fn an_on_message_endpoint_is_emitted_in_full() {
    let item = "async fn chat(room: u64, State(db): State<Db>, ws: WebSocketConnection, msg: Ask) -> Option<Told> { db.ask(room, ws, msg) }";
    let attribute = r#""/ws/<room>", on_message, id = "id", on_malformed = close"#;
    let (expansion, errors) = expand(tokens(attribute), tokens(item));
    assert!(errors.is_empty(), "{errors:?}");
    assert_reads(&expansion, ON_MESSAGE);
}

const ON_MESSAGE: &str = r#"
#[allow(clippy::too_many_arguments)]
fn chat(
    room: u64,
    db: State<Db>,
    ws: WebSocketConnection,
    msg: Ask,
) -> ::ignitia::__private::AnnotatedFuture<
    chat,
    impl ::core::future::Future<Output = Option<Told>> + ::core::marker::Send,
    ::ignitia::__private::CalledPerMessage,
> {
    let __value_0 = room;
    let __value_1 = db;
    let __value_2 = ws;
    let __value_3 = msg;
    {
        #[allow(clippy::too_many_arguments, clippy::unused_async)]
        async fn chat(room: u64, State(db): State<Db>, ws: WebSocketConnection, msg: Ask) -> Option<Told> {
            db.ask(room, ws, msg)
        }
        ::ignitia::__private::AnnotatedFuture::new(chat(__value_0, __value_1, __value_2, __value_3))
    }
}
#[allow(non_camel_case_types, reason = "it shares the function's name")]
#[doc(hidden)]
struct chat {}
impl chat {
    #[doc = r" The path, as it was written."]
    const PATH: &'static str = "/ws/<room>";
    #[doc = r" The method of the handshake over HTTP/1.1."]
    const METHOD: &'static str = "GET";
    #[doc = r" The names of the parameters in the path."]
    const PARAMETERS: &'static [&'static str] = &["room"];
    #[doc = r" The types of the extractors, as they were written."]
    const EXTRACTORS: &'static [&'static str] = &["State<Db>"];
    #[doc = r" The type of the messages that are received, as it was written, if they are typed."]
    const MESSAGE: ::core::option::Option<&'static str> = ::core::option::Option::Some("Ask");
    #[doc = r" The type of what is sent, as it was written, if it is known."]
    const REPLY: ::core::option::Option<&'static str> = ::core::option::Option::Some("Option<Told>");
    #[doc = r" The path with these parameters, percent-encoded."]
    fn uri(room: impl ::core::fmt::Display) -> ::std::string::String {
        let mut __uri = <::std::string::String as ::core::convert::From<&str>>::from("");
        __uri.push_str("/ws");
        __uri.push('/');
        ::ignitia::__private::push_segment(&mut __uri, &room, false);
        __uri
    }
}
const _: () = {
    type __Type0 = u64;
    type __Type1 = State<Db>;
    type __Type2 = WebSocketConnection;
    type __Type3 = Ask;
    type __Type4 = Option<Told>;
    type __Type5 = Option<Told>;
    #[allow(deprecated, reason = "whoever mounts it is told")]
    impl<__S, __Via> ::ignitia::__private::Endpoint<__S, __Via> for chat
    where
        __S: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync + 'static,
        __Type1: ::ignitia::__private::LastArgument<__S, __Via>,
        __S: ::ignitia::__private::Extracts<(__Type1,), __Via>,
    {
        const ROUTE: &'static str = "/ws/{room}";
        ::ignitia::__private::described! {
            "chat" []
            parameter "room" __Type0<>;
            extractor __Type1<>;
            id ::core::option::Option::Some("id");
            binary false;
            text false;
            malformed ::core::option::Option::Some(::ignitia::__private::OnMalformed::Close);
            receives Ask;
            handler ::core::option::Option::None, [], __Type5<>, false;
        }
        fn reads_body() -> bool {
            <__S as ::ignitia::__private::Extracts<_, __Via>>::reads_body()
        }
        #[allow(unused_mut, reason = "without parameters nothing is taken from the request")]
        async fn prepare(
            mut __request: ::ignitia::__private::Request,
            __state: &__S,
        ) -> ::core::result::Result<::ignitia::__private::Prepared, ::ignitia::__private::Response> {
            let __parameters = ::ignitia::__private::path_params(&mut __request).await?;
            let __argument_0 =
                __parameters.get("room", <__Type0 as ::ignitia::__private::PathParam>::from_param)?;
            let (__argument_1,) =
                <__S as ::ignitia::__private::Extracts<_, __Via>>::extract(__state, __request).await?;
            ::core::result::Result::Ok(::ignitia::__private::Prepared::new(move |__ws| 
                ::ignitia::__private::each_message(
                    __ws,
                    ::ignitia::__private::Policy {
                        on_malformed: ::ignitia::__private::OnMalformed::Close,
                        id: ::core::option::Option::Some("id"),
                        takes_binary: false,
                    },
                    <Ask as ::ignitia::__private::OwnedMessage>::decode,
                    move |__ws: &::ignitia::__private::WebSocketConnection,
                          __message: Ask,
                          __asked: ::ignitia::__private::ReplyId<'_>| {
                        let _ = (__ws, __asked);
                        let __argument_0 = ::ignitia::__private::clone_argument::<__Type0>(&__argument_0);
                        let __argument_1 = ::ignitia::__private::clone_argument::<__Type1>(&__argument_1);
                        chat(
                            __argument_0,
                            __argument_1,
                            <__Type2 as ::ignitia::__private::Connection>::from_connection(
                                ::core::clone::Clone::clone(__ws),
                            )
                            .0,
                            __message,
                        )
                    },
                    |__ended, __asked| 
                        ::ignitia::__private::Answer::with_id::<::ignitia::__private::AnyMessage, _>(
                            ::core::convert::identity(__ended),
                            __asked,
                        )
                    ,
                    ::ignitia::__private::NoOtherInput,
                )
            ))
        }
    }
    const _: () = {
        {
            #[allow(unused_imports, reason = "they are messages")]
            use ::ignitia::__private::NoMessages as _;
            ::ignitia::__private::id_fits(
                "id",
                ::ignitia::__private::MessagesOf::<__Type3>::TAGGING,
                ::ignitia::__private::MessagesOf::<__Type3>::FIELDS,
            )
        };
        {
            #[allow(unused_imports, reason = "they are messages")]
            use ::ignitia::__private::NoReplies as _;
            ::ignitia::__private::id_is_new("id", ::ignitia::__private::FieldsOf::<__Type4>::NAMES)
        }
    };
};
"#;

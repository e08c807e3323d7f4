//! Tests annotated `impl` blocks.

use super::{assert_reads, error_texts, expand};
use crate::test_support::tokens;

const ATTRIBUTE: &str = r#""/chat/<room>", message = Ask"#;

/// Returns the errors of a session that is valid but for these items.
fn error_texts_of(items: &str) -> Vec<String> {
    error_texts(ATTRIBUTE, &format!("impl Chat {{ async fn accept(room: String) -> Self {{}} {items} }}"))
}

/// Returns the errors of a session that is valid but for this `accept`.
fn error_texts_of_accept(accept: &str) -> Vec<String> {
    error_texts(ATTRIBUTE, &format!("impl Chat {{ {accept} #[on(Leave)] async fn leave(&mut self) {{}} }}"))
}

#[test]
fn all_errors_of_the_block_are_found() {
    assert_eq!(
        error_texts(
            r#""chat", on_message, reply = "Told", id, on_malformed = drop"#,
            "unsafe impl<T: Topic> Chat<T> { fn on_open(self) {} async fn on_colse(self) {} }"
        ),
        [
            "the path must start with `/`",
            "`reply` is the enum of the messages that the server sends",
            "`id` is the name of the field that replies repeat",
            "`drop` is not a value of `on_malformed`",
            "`on_message` is only for functions",
            "a session needs `accept`",
            "a session needs a method for its messages",
            "`on_open` must be async",
            "`on_open` cannot consume the session: it takes `&mut self`",
            "`on_colse` is not a hook, so it is never called"
        ]
    );
    assert_eq!(
        error_texts(ATTRIBUTE, "impl Session for Chat { fn open() {} }"),
        ["a session is an inherent `impl` block, not that of a trait"]
    );
    assert_eq!(
        error_texts(r#""/chat", message = (Ask, Told)"#, "impl Chat {}"),
        [
            "`message` must be the name of an enum",
            "a session needs `accept`",
            "a session needs a method for its messages"
        ]
    );
    assert_eq!(
        error_texts(r#""/chat", message = <Chat as Session>::Ask"#, "impl Chat {}"),
        [
            "`message` must be the name of an enum",
            "a session needs `accept`",
            "a session needs a method for its messages"
        ]
    );
}

#[test]
fn a_handler_or_clock_called_accept_creates_no_session() {
    assert_eq!(
        error_texts(ATTRIBUTE, "impl Chat { #[on(Leave)] async fn accept(&mut self) {} }"),
        ["a session needs `accept`"]
    );
    assert_eq!(
        error_texts(
            ATTRIBUTE,
            r#"impl Chat { #[every("1s")] async fn accept(&mut self) {} #[on(Leave)] async fn leave(&mut self) {} }"#
        ),
        ["`accept` is a hook, and cannot be a clock too"]
    );
}

#[test]
fn all_errors_of_accept_are_found() {
    assert_eq!(
        error_texts_of_accept(
            "fn accept<T>(&self, rom: String, ws: &WebSocketConnection, login: Json<Login>, count: u64, key: &str, \
             user: impl User, db: State<Db>, more: Cookies, most: Headers) {}"
        ),
        [
            "`accept` must be async",
            "`accept` creates the session, so it cannot take `self`",
            "`T` cannot be inferred",
            "`accept` runs before the upgrade: there is no connection yet",
            "a session cannot read the body of the request",
            "an argument cannot be borrowed: the handler outlives the request",
            "an argument needs a type that can be extracted",
            "`accept` takes at most 7 arguments, not 8",
            "`rom` is not a parameter of the path",
            "`count` is not a parameter of the path, and a `u64` cannot be extracted"
        ]
    );
    assert_eq!(
        error_texts_of_accept(
            "async fn accept(_room: String) -> Self {} async fn accept(room: String) -> Self {}"
        ),
        ["the argument for `<room>` must be called `room`", "`accept` is defined twice"]
    );
}

#[test]
fn all_errors_of_the_methods_are_found() {
    assert_eq!(
        error_texts_of(
            "#[on(Say { text, to })] #[on(Leave)] fn say(self, txt: String, ws: &WebSocketConnection, extra: u8, _: u8) {} \
             #[on(Say { .. })] async fn again<T>() {} \
             #[on(Put(x, (y, [first, ..]), Some(last)))] async fn put(&mut self, x: impl X, y: u8, ws: WebSocketConnection) {} \
             #[on(Leave)] async fn leave(&mut self, ws: &mut WebSocketConnection) {}"
        ),
        [
            "`say` must be async",
            "`say` cannot consume the session: it takes `&mut self`",
            "a method handles one variant",
            "the connection must be the last argument",
            "`txt` is not in `#[on(Say { text, to })]`",
            "`extra` is not in `#[on(Say { text, to })]`",
            "an argument must have a name that the pattern binds",
            "the pattern binds `text`, but `say` has no such argument",
            "the pattern binds `to`, but `say` has no such argument",
            "`again` needs `&mut self`",
            "`T` cannot be inferred",
            "`Say` is handled twice",
            "an argument needs a concrete type",
            "methods of a session borrow the connection",
            "the pattern binds `first`, but `put` has no such argument",
            "the pattern binds `last`, but `put` has no such argument",
            "`Leave` is handled twice",
            "methods of a session borrow the connection"
        ]
    );
}

#[test]
fn all_errors_of_the_patterns_are_found() {
    assert_eq!(
        error_texts_of(
            "#[on] async fn a(&mut self) {} #[on()] async fn b(&mut self) {} #[on = \"Say\"] async fn c(&mut self) {} \
             #[on(\"Say\")] async fn d(&mut self) {} #[on(Ask::Say { text })] async fn e(&mut self) {} \
             #[on(Ask::Leave)] async fn f(&mut self) {} #[on(_)] async fn g(&mut self) {} \
             #[on(Say { .. } | Leave)] async fn h(&mut self) {} #[on(Say, Leave)] async fn i(&mut self) {} \
             #[on(Say { text } if text)] async fn j(&mut self) {} #[on(ask @ Leave)] async fn k(&mut self) {} \
             #[on(ref ask)] async fn l(&mut self) {} #[on(..)] async fn m(&mut self) {}"
        ),
        [
            "`#[on]` does not name a variant",
            "`#[on]` does not name a variant",
            "`#[on]` does not name a variant",
            "this is not a pattern for a variant",
            "the variant is written without the enum's name",
            "the variant is written without the enum's name",
            "a method handles one variant",
            "this is not a pattern for a variant",
            "this is not a pattern for a variant",
            "this is not a pattern for a variant",
            "this is not a pattern for a variant",
            "this is not a pattern for a variant"
        ]
    );
}

#[test]
fn all_errors_of_the_hooks_are_found() {
    assert_eq!(
        error_texts_of(
            "#[on(Leave)] async fn leave(&mut self) {} \
             fn on_open(self, more: u8, ws: WebSocketConnection) {} async fn on_open(&mut self) {} \
             fn on_close<T>(&mut self, ws: WebSocketConnection, why: CloseCause, more: u8) -> Result<()> {} \
             async fn on_close(self) {} async fn on_close() {} async fn on_opne(&mut self) {} async fn on_colse(self) {} \
             fn on_the_way(&self) {} async fn on_message(&mut self, message: Ask) {} #[on(Ask::Leave)] async fn on_leave(&mut self) {} \
             #[cfg(unix)] async fn on_error(&mut self) {} #[on(Say { .. })] async fn on_say(&mut self) {} fn only(&self) {}"
        ),
        [
            "the variant is written without the enum's name",
            "`on_open` must be async",
            "`on_open` cannot consume the session: it takes `&mut self`",
            "`on_open` takes nothing but the connection",
            "methods of a session borrow the connection",
            "`on_open` is defined twice",
            "`on_close` must be async",
            "`on_close` ends the session: it takes `self` by value",
            "`T` cannot be inferred",
            "`on_close` takes the cause and, optionally, the connection",
            "`on_close` takes the cause and, optionally, the connection",
            "`on_close` takes the cause and, optionally, the connection",
            "`on_close` returns nothing: the connection has ended",
            "`on_close` is defined twice",
            "`on_close` is defined twice",
            "`on_opne` is not a hook, so it is never called",
            "`on_colse` is not a hook, so it is never called",
            "`on_the_way` is not a hook, so it is never called",
            "`on_message` is not a hook, so it is never called",
            "`on_error` is not a hook, so it is never called"
        ]
    );
    assert_eq!(
        error_texts_of(
            "#[on(Leave)] async fn leave(&mut self) {} async fn on_open(ws: &WebSocketConnection) {} async fn on_close() {}"
        ),
        ["`on_open` needs `&mut self`", "`on_close` needs `self`"]
    );
}

#[test]
fn all_errors_of_the_other_hooks_are_found() {
    assert_eq!(
        error_texts_of(
            "#[on(Leave)] async fn leave(&mut self) {} \
             fn on_raw(self, text: String, more: u8, ws: WebSocketConnection) {} \
             async fn on_binary(&mut self, ws: &WebSocketConnection) {} async fn on_binary(&mut self, bytes: &[u8]) {} \
             async fn on_event(&mut self) {} #[cfg(unix)] async fn on_raw(&mut self) {}"
        ),
        [
            "`on_raw` must be async",
            "`on_raw` cannot consume the session: it takes `&mut self`",
            "`on_raw` takes the text and, optionally, the connection",
            "methods of a session borrow the connection",
            "`on_raw` borrows the text",
            "`on_binary` takes the bytes",
            "`on_binary` is defined twice",
            "`on_event` takes the event",
            "`on_raw` cannot have a `#[cfg(..)]`",
            "`on_event` never receives an event"
        ]
    );
    assert_eq!(
        error_texts_of(
            "#[on(Leave)] async fn leave(&mut self) {} async fn on_open(&mut self, events: Events<News>) {}"
        ),
        ["no hook handles these events"]
    );
    assert_eq!(
        error_texts_of(
            "#[on(Leave)] async fn leave(&mut self) {} #[on_event] async fn news(&mut self, news: News) {} \
             #[on_binary] async fn on_binary(&mut self, bytes: Vec<u8>) {}"
        ),
        ["a hook needs no attribute", "a hook needs no attribute"]
    );
    assert_eq!(
        error_texts_of("#[on(Leave)] async fn leave(&mut self, request: ReplyTo<Told>, own: ReplyTo) {}"),
        ["requests have no ids here, so they cannot be answered later"]
    );
}

#[test]
fn all_errors_of_clocks_are_found() {
    assert_eq!(
        error_texts_of(
            "#[on(Leave)] #[every(\"5s\")] async fn leave(&mut self) {} #[every] async fn a(&mut self) {} \
             #[every()] async fn b(&mut self) {} #[every = \"5s\"] async fn c(&mut self) {} #[every(5)] async fn d(&mut self) {} \
             #[every(\"5 bananas\")] async fn e(&mut self) {} #[every(\"s\")] async fn f(&mut self) {} \
             #[every(\"0s\")] async fn g(&mut self) {} #[every(\"99999999999999999h\")] async fn h(&mut self) {} \
             #[every(A, B)] async fn i(&mut self) {} #[every(\"5s\")] #[every(\"6s\")] fn j(self, x: u8, ws: WebSocketConnection) {} \
             #[every(\"5s\")] async fn on_open(&mut self) {} #[every(\"5s\")] #[cfg(unix)] async fn k(&mut self) {}"
        ),
        [
            "`#[every]` needs a period",
            "`#[every]` needs a period",
            "`#[every]` needs a period",
            "a period needs a unit",
            "`5 bananas` is not a valid period",
            "`s` is not a valid period",
            "the period of a clock cannot be zero",
            "`99999999999999999h` is not a valid period",
            "`#[every]` takes one period",
            "a method cannot have both `#[on(..)]` and `#[every(..)]`",
            "a method has at most one `#[every(..)]`",
            "`j` must be async",
            "`j` cannot consume the session: it takes `&mut self`",
            "a method with `#[every(..)]` takes nothing but the connection",
            "methods of a session borrow the connection",
            "`on_open` is a hook, and cannot be a clock too",
            "a clock cannot have a `#[cfg(..)]`"
        ]
    );
}

#[test]
fn a_method_without_body_leaves_the_block_as_it_is() {
    assert_eq!(
        error_texts_of("#[on(Leave)] async fn leave(&mut self);"),
        ["a method of a session needs a body"]
    );
}

#[test]
fn a_session_is_emitted_in_full() {
    let item = "impl Chat { async fn accept(room: u64, db: State<Db>) -> Result<Self, No> { db.enter(room) } \
                #[on(Say { text, to: whom })] async fn say(&mut self, whom: u64, text: String, ws: &WebSocketConnection) \
                -> Option<Told> { self.tell(ws, whom, text) } \
                #[on(Leave)] async fn leave(&mut self) { } \
                async fn on_close(self, why: CloseCause) { drop(why) } }";
    let attribute = r#""/chat/<room>", message = Ask, reply = Told, id = "id""#;
    let (expansion, errors) = expand(tokens(attribute), tokens(item));
    assert!(errors.is_empty(), "{errors:?}");
    assert_reads(&expansion, SESSION);
}

const SESSION: &str = r#"
impl Chat {
    #[allow(clippy::unused_async)]
    async fn accept(room: u64, db: State<Db>) -> Result<Self, No> {
        db.enter(room)
    }
    #[allow(clippy::unused_async)]
    async fn say(&mut self, whom: u64, text: String, ws: &WebSocketConnection) -> Option<Told> {
        self.tell(ws, whom, text)
    }
    #[allow(clippy::unused_async)]
    async fn leave(&mut self) {}
    #[allow(clippy::unused_async)]
    async fn on_close(self, why: CloseCause) {
        drop(why)
    }
}
const _: () = {
    type __Self = Chat;
    #[allow(dead_code, reason = "not everybody asks")]
    impl __Self {
        #[doc = r" The path, as it was written."]
        pub const PATH: &'static str = "/chat/<room>";
        #[doc = r" The method of the handshake over HTTP/1.1."]
        pub const METHOD: &'static str = "GET";
        #[doc = r" The names of the parameters in the path."]
        pub const PARAMETERS: &'static [&'static str] = &["room"];
        #[doc = r" The types of the extractors, as they were written."]
        pub const EXTRACTORS: &'static [&'static str] = &["State<Db>"];
        #[doc = r" The type of the messages that are received, as it was written, if they are typed."]
        pub const MESSAGE: ::core::option::Option<&'static str> = ::core::option::Option::Some("Ask");
        #[doc = r" The type of what is sent, as it was written, if it is known."]
        pub const REPLY: ::core::option::Option<&'static str> = ::core::option::Option::Some("Told");
        #[doc = r" The path with these parameters, percent-encoded."]
        pub fn uri(room: impl ::core::fmt::Display) -> ::std::string::String {
            let mut __uri = <::std::string::String as ::core::convert::From<&str>>::from("");
            __uri.push_str("/chat");
            __uri.push('/');
            ::ignitia::__private::push_segment(&mut __uri, &room, false);
            __uri
        }
    }
    impl<__By> ::ignitia::__private::SendSession<__By> for __Self {}
    impl<__By> ::ignitia::__private::Session<__By> for __Self
    where
        __Self: ::ignitia::__private::SendSession<__By>,
    {
        const POLICY: ::ignitia::__private::Policy = ::ignitia::__private::Policy {
            on_malformed: ::ignitia::__private::OnMalformed::Reply,
            id: ::core::option::Option::Some("id"),
            takes_binary: false,
        };
        const HAS_ON_CLOSE: bool = true;
        async fn dispatch(
            &mut self,
            __text: &::core::primitive::str,
            __ws: &::ignitia::__private::WebSocketConnection,
        ) -> ::core::result::Result<::ignitia::__private::Answer, ::ignitia::__private::Malformed> {
            type __Message = Ask;
            let _: [(); {
                #[allow(unused_imports, reason = "messages have variants of their own")]
                use ::ignitia::__private::NoVariants as _;
                ::ignitia::__private::all_are_handled(
                    ::ignitia::__private::VariantsOf::<__Message>::VARIANTS,
                    &["Say", "Leave"],
                )
            }] = [];
            let _: fn() = ::ignitia::__private::are_messages::<Told>;
            let __session = self;
            let __decoded =
                ::ignitia::__private::decode::<__Message>(__text, ::core::option::Option::Some("id"))?;
            let (__message, __id) = (__decoded.message, __decoded.id);
            ::core::result::Result::Ok({
                #[allow(non_camel_case_types)]
                type Ask = __Message;
                match __message {
                    Ask::Say { text, to: whom, .. } => {
                        let _: [(); {
                            #[allow(unused_imports, reason = "messages have variants of their own")]
                            use ::ignitia::__private::NoVariants as _;
                            ::ignitia::__private::names_all_fields(
                                ::ignitia::__private::VariantsOf::<__Message>::VARIANTS,
                                "Say",
                                &["text", "to"],
                            )
                        }] = [];
                        {
                            let __ended = {
                                let __argument_0 = whom;
                                let __argument_1 = text;
                                Self::say(
                                    __session,
                                    ::ignitia::__private::FieldArgument::from_field(__argument_0),
                                    ::ignitia::__private::FieldArgument::from_field(__argument_1),
                                    __ws,
                                )
                            }
                            .await;
                            {
                                #[allow(unused_imports, reason = "they are messages")]
                                use ::ignitia::__private::NoReplies as _;
                                ::ignitia::__private::Replies::<Told>::of::<_>(
                                    __ended,
                                    __id.as_ref().map(|id| ("id", id)),
                                )
                            }
                        }
                    }
                    _ if false => ::core::unreachable!(),
                    | Ask::Leave => {
                        { let __ended = { Self::leave(__session,) }.await;
                        {
                            #[allow(unused_imports, reason = "they are messages")]
                            use ::ignitia::__private::NoReplies as _;
                            ::ignitia::__private::Replies::<Told>::of::<_>(
                                __ended,
                                __id.as_ref().map(|id| ("id", id)),
                            )
                        }
                        }
                    }
                }
            })
        }
        async fn open(
            &mut self,
            __inbox: ::core::option::Option<&mut ::ignitia::__private::Inbox>,
            __ws: &::ignitia::__private::WebSocketConnection,
        ) -> ::ignitia::__private::Answer {
            let __session = self;
            <::ignitia::__private::Answer as ::core::default::Default>::default()
        }
        async fn close(
            self,
            __why: ::ignitia::__private::CloseCause,
            __ws: &::ignitia::__private::WebSocketConnection,
        ) {
            let __session = self;
            Self::on_close(__session, __why).await
        }
    }
    impl<__S> ::ignitia::__private::SessionEndpoint<__S> for __Self
    where
        __Self: ::ignitia::__private::SendSession<__S>,
        __S: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync + 'static,
        State<Db>: ::ignitia::__private::AcceptArgument<__S>,
        __S: ::ignitia::__private::ExtractsHead<(State<Db>,)>,
    {
        const ROUTE: &'static str = "/chat/{room}";
        #[allow(unused_mut, reason = "without parameters nothing is taken from the request")]
        async fn accept_from(
            mut __request: ::ignitia::__private::Request,
            __state: &__S,
        ) -> ::core::result::Result<
            (Self, ::core::option::Option<::ignitia::__private::Inbox>),
            ::ignitia::__private::Response,
        > {
            let __parameters = ::ignitia::__private::path_params(&mut __request).await?;
            let __argument_0 =
                __parameters.get("room", <u64 as ::ignitia::__private::PathParam>::from_param)?;
            let (__argument_1,) =
                <__S as ::ignitia::__private::ExtractsHead<_>>::extract_head(__state, __request).await?;
            let __outcome = Self::accept(__argument_0, __argument_1).await;
            let __accepted = ::ignitia::__private::Accepts::<Self>::accepted(__outcome)?;
            ::core::result::Result::Ok((__accepted, ::core::option::Option::None))
        }
    }
    impl ::ignitia::__private::Checked for __Self {
        type Checked = [(); {
            {
                #[allow(unused_imports, reason = "they are messages")]
                use ::ignitia::__private::NoMessages as _;
                ::ignitia::__private::id_fits(
                    "id",
                    ::ignitia::__private::MessagesOf::<Ask>::TAGGING,
                    ::ignitia::__private::MessagesOf::<Ask>::FIELDS,
                )
            };
            {
                #[allow(unused_imports, reason = "they are messages")]
                use ::ignitia::__private::NoReplies as _;
                let _: fn() = ::ignitia::__private::Replies::<Told>::carry_an_id;
                ::ignitia::__private::id_is_new("id", ::ignitia::__private::Replies::<Told>::NAMES)
            };
            0
        }];
    }
};
"#;

#[test]
fn the_placeholder_of_a_session_is_emitted_in_full() {
    let item = "impl<T> Chat<T> where T: Topic { async fn accept(room: u64) -> Self { enter(room) } \
                #[on(Leave)] fn leave(&mut self) {} }";
    let (expansion, errors) = expand(tokens(ATTRIBUTE), tokens(item));
    assert_eq!(errors.len(), 1);
    assert_reads(&expansion, PLACEHOLDER);
}

const PLACEHOLDER: &str = r#"
#[allow(dead_code, unused_variables)]
impl<T> Chat<T>
where
    T: Topic,
{
    #[allow(clippy::unused_async)]
    async fn accept(room: u64) -> Self {
        enter(room)
    }
    fn leave(&mut self) {}
}
#[allow(dead_code)]
impl<T> Chat<T>
where
    T: Topic,
{
    pub const PATH: &'static str = "";
    pub const METHOD: &'static str = "GET";
    pub const PARAMETERS: &'static [&'static str] = &[];
    pub const EXTRACTORS: &'static [&'static str] = &[];
    pub const MESSAGE: ::core::option::Option<&'static str> = ::core::option::Option::None;
    pub const REPLY: ::core::option::Option<&'static str> = ::core::option::Option::None;
    #[allow(non_upper_case_globals, dead_code)]
    pub const uri: [(); ::core::compile_error! { "`leave` must be async\nhelp: write `async fn leave`" }] = [];
}
impl<T> ::ignitia::__private::Session for Chat<T>
where
    T: Topic,
{
    const POLICY: ::ignitia::__private::Policy = ::ignitia::__private::Policy {
        on_malformed: ::ignitia::__private::OnMalformed::Reply,
        id: ::core::option::Option::None,
        takes_binary: false,
    };
    const HAS_ON_CLOSE: bool = false;
    async fn open(
        &mut self,
        _: ::core::option::Option<&mut ::ignitia::__private::Inbox>,
        _: &::ignitia::__private::WebSocketConnection,
    ) -> ::ignitia::__private::Answer {
        ::core::future::pending().await
    }
    async fn dispatch(
        &mut self,
        _: &::core::primitive::str,
        _: &::ignitia::__private::WebSocketConnection,
    ) -> ::core::result::Result<::ignitia::__private::Answer, ::ignitia::__private::Malformed> {
        ::core::future::pending().await
    }
    async fn close(self, _: ::ignitia::__private::CloseCause, _: &::ignitia::__private::WebSocketConnection) {
    }
}
impl<T, __S: ::core::marker::Sync> ::ignitia::__private::SessionEndpoint<__S> for Chat<T>
where
    T: Topic,
{
    const ROUTE: &'static str = "/";
    async fn accept_from(
        _: ::ignitia::__private::Request,
        _: &__S,
    ) -> ::core::result::Result<
        (Self, ::core::option::Option<::ignitia::__private::Inbox>),
        ::ignitia::__private::Response,
    > {
        ::core::future::pending().await
    }
}
"#;

#[test]
fn a_wildcard_has_one_method_and_the_connection_any_name() {
    let taken = "#[on(_)] async fn rest(&mut self, ws: &Ws) {} #[on(Say { text })] async fn say(&mut self, text: String, _: &a::Ws) {} \
                 async fn on_open(&mut self, ws: &Ws) {} async fn on_close(self, why: CloseCause, ws: &Ws) {}";
    assert_eq!(error_texts_of(taken), [""; 0]);
    assert_eq!(
        error_texts_of(
            "#[on(_)] async fn rest(&mut self, text: String) {} #[on(_)] async fn more(&mut self) {} \
             #[on(Say { text })] async fn say(&mut self, txt: &Text) {} async fn on_open(&mut self, text: &str) {}"
        ),
        [
            "`#[on(_)]` handles any variant: it has no fields",
            "`_` is handled twice",
            "`txt` is not in `#[on(Say { text })]`",
            "`on_open` takes nothing but the connection"
        ]
    );
}

#[test]
fn a_misspelt_attribute_is_one_error() {
    for (attribute, meant) in [
        ("On(Leave)", "on"),
        ("onn(Leave)", "on"),
        ("message(Leave)", "on"),
        ("on_message(Leave)", "on"),
        ("Every(\"5s\")", "every"),
        ("evry(\"5s\")", "every"),
    ] {
        let item = format!(
            "impl Chat {{ async fn accept() -> Self {{}} #[{attribute}] async fn leave(&mut self) {{}} }}"
        );
        let (_, errors) = expand(tokens(r#""/", message = Ask"#), tokens(&item));
        let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [format!("there is no such attribute\nhelp: write `#[{meant}(..)]`")],
            "{attribute}"
        );
    }
}

#[test]
fn a_period_depends_on_no_session() {
    let item = |period: &str| {
        format!(
            "impl Chat {{ async fn accept() -> Self {{}} #[on(A)] async fn a(&mut self) {{}} #[every({period})] async fn tick(&mut self) {{}} }}"
        )
    };
    for period in ["self.period", "Duration::from_secs(self.seconds)"] {
        assert_eq!(
            error_texts(r#""/", message = Ask"#, &item(period)),
            ["a period cannot depend on the session"],
            "{period}"
        );
    }
    assert_eq!(error_texts(r#""/", message = Ask"#, &item("self::PERIOD")), [""; 0]);
}

//! Expansions of sessions, in full.

use super::{assert_reads, expand};
use crate::test_support::tokens;

const ATTRIBUTE: &str = r#""/chat/<room>", message = Ask"#;

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
        ::ignitia::__private::described! {
            "Chat" []
            parameter "room" u64;
            extractor State<Db>;
            id ::core::option::Option::Some("id");
            binary false;
            text false;
            malformed ::core::option::Option::Some(::ignitia::__private::OnMalformed::Reply);
            receives Ask;
            sends Told;
            handler ::core::option::Option::Some("Say"), [], Option<Told>, false;
            handler ::core::option::Option::Some("Leave"), [], (), false;
        }
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

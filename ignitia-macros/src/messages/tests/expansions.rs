//! Expansions of messages, in full.

use super::{assert_reads, expand_client, expand_server};
use crate::test_support::tokens;

#[test]
fn a_client_message_is_emitted_in_full() {
    let item = r#"
        /// Says so.
        #[serde(tag = "type", rename_all = "snake_case", crate = "my::serde")]
        #[expect(dead_code)]
        pub enum Msg<'a> where Self: Sized {
            /// Docs.
            #[cfg(all())]
            Say { #[serde(borrow)] text: Cow<'a, str>, #[allow(unused)] again: Option<Box<Self>> },
            #[deprecated]
            #[serde(alias = "bye")]
            Leave = 3,
        }"#;
    let (expansion, errors) = expand_client(tokens(item));
    assert!(errors.is_empty(), "{errors:?}");
    assert_reads(&expansion, CLIENT);
}

const CLIENT: &str = r##"
#[automatically_derived]
#[allow(deprecated)]
impl<'__de: 'a, 'a> ::ignitia::__private::ClientMessage<'__de> for Msg<'a>
where
    Self: Sized
{
    const TAGGING: ::ignitia::__private::Tagging = ::ignitia::__private::Tagging::Internal { tag: "type" };
    const FIELDS: &'static [&'static str] = &["text", "again"];
    const STREAMS: bool = true;

    #[allow(dead_code)]
    #[allow(
        non_camel_case_types,
        clippy::all,
        reason = "what was said about the enum is not repeated about its shadow"
    )]
    fn deserialize_variant<__D: ::ignitia::__private::serde::Deserializer<'__de>>(
        __deserializer: __D,
    ) -> ::core::result::Result<Self, __D::Error> {
        use ::ignitia::__private::serde as __serde;

        #[derive(::ignitia::__private::serde::Deserialize)]
        #[serde(crate = "__serde", remote = "Msg", rename_all = "snake_case")]
        enum __Variants<'a>
        where
            Msg<'a>: Sized
        {
            Say { #[serde(borrow)] text: Cow<'a, str>, #[allow(unused)] again: Option<Box<Msg<'a>>> },
            #[serde(alias = "bye")]
            Leave
        }

        __Variants::deserialize(__deserializer)
    }
}

#[automatically_derived]
#[allow(deprecated)]
impl<'a> ::ignitia::__private::Variants for Msg<'a>
where
    Self: Sized
{
    const VARIANTS: &'static [::ignitia::__private::Variant] = &[
        ::ignitia::__private::Variant {
            name: "Say",
            tags: &["say"],
            fields: &["text", "again"],
            method: "#[on(Say { text, again })] async fn say(&mut self, text: Cow<'_, str>, again: ..) { .. }"
        },
        ::ignitia::__private::Variant {
            name: "Leave",
            tags: &["leave", "bye"],
            fields: &[],
            method: "#[on(Leave)] async fn leave(&mut self) { .. }"
        }
    ];
}
"##;

#[test]
fn a_server_message_is_emitted_in_full() {
    let item = r#"
        #[serde(tag = "t", content = "c")]
        #[message(crate = ::web)]
        enum Msg<T: Topic = u8, const N: usize = 2> { Said { from: u64, what: [T; N] }, Joined }"#;
    let (expansion, errors) = expand_server(tokens(item));
    assert!(errors.is_empty(), "{errors:?}");
    assert_reads(&expansion, SERVER);
}

const SERVER: &str = r#"
#[automatically_derived]
impl<T: Topic, const N: usize> ::web::__private::ServerMessage for Msg<T, N>
where
    Self: ::web::__private::serde::Serialize
{
    const TAGGING: ::web::__private::Tagging = ::web::__private::Tagging::Adjacent { tag: "t", content: "c" };
    const FIELDS: &'static [&'static str] = &["from", "what"];
}

#[automatically_derived]
impl<T: Topic, const N: usize> ::web::__private::Reply for Msg<T, N>
where
    Self: ::web::__private::serde::Serialize
{
    const NAMES: &'static [&'static str] = &["from", "what"];

    fn answer(self, __to: ::web::__private::ReplyId<'_>, __answer: &mut ::web::__private::Answer) {
        __answer.message(&self, __to);
    }
}

#[automatically_derived]
impl<T: Topic, const N: usize> ::web::__private::CarriesId for Msg<T, N> {}
"#;

#[test]
fn a_placeholder_is_emitted_in_full() {
    let (expansion, errors) = expand_client(tokens("struct Msg<T> where T: Topic;"));
    assert_eq!(errors.len(), 1);
    assert_reads(&expansion, PLACEHOLDER);
}

const PLACEHOLDER: &str = r#"
#[automatically_derived]
impl<'__de, T> ::ignitia::__private::ClientMessage<'__de> for Msg<T>
where
    T: Topic,
    Self: ::ignitia::__private::serde::Deserialize<'__de>
{
    const TAGGING: ::ignitia::__private::Tagging = ::ignitia::__private::Tagging::Internal { tag: "" };
    const FIELDS: &'static [&'static str] = &[];
}

#[automatically_derived]
impl<T> ::ignitia::__private::Variants for Msg<T>
where
    T: Topic
{
    const VARIANTS: &'static [::ignitia::__private::Variant] = &[];
}
"#;

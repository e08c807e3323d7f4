//! Messages and queries that a schema allows and serde refuses: samples of each type are read, and
//! a refusal is a problem that names the type.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    str::FromStr,
};

use ignitia::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::support::client;

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema counts")]
struct Scores {
    scores: HashMap<u32, u8>,
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema counts")]
struct Wide {
    wide: Option<u128>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(tag = "kind")]
#[expect(dead_code, reason = "only its schema counts")]
enum Inner {
    Plain { flag: bool },
    Deep { list: Vec<Scores> },
}

#[derive(Deserialize, JsonSchema, PartialEq, Eq, Hash)]
struct Point {
    x: u8,
}

fn from_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}

fn maybe<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u8>, D::Error> {
    Option::deserialize(deserializer)
}

macro_rules! problems {
    ($(
        $(#[doc = $_:literal])*
        $name:ident $(#[$attribute:meta])* { $($variants:tt)* } [$($problem:expr),* $(,)?]
    )*) => {$(
        #[test]
        fn $name() {
            #[derive(Deserialize, JsonSchema, ClientMessage)]
            #[expect(dead_code, reason = "only its schema counts")]
            $(#[$attribute])*
            enum Ask { $($variants)* }

            #[websocket("/asks", on_message)]
            async fn asks(ask: Ask) {
                let _ = ask;
            }

            let contract = Router::new().mount(asks).contract();
            let expected: &[&str] = &[$($problem),*];
            let problems = contract.problems();
            assert_eq!(problems.len(), expected.len(), "{problems:#?}");
            for (problem, expected) in problems.iter().zip(expected) {
                let ty = format!("endpoint `asks`: `behaviour::contract::refusals::{}::Ask` ", stringify!($name));
                assert!(problem.starts_with(&ty) && problem.contains(expected), "{problem}");
            }
        }
    )*};
}

problems! {
    flattened_maps_with_numbers_as_keys #[serde(tag = "type")] {
        Fine { scores: HashMap<u32, u8>, wide: i128 },
        Flat { a: u8, #[serde(flatten)] scores: Scores },
    } [r#"refuses `{"a":1,"scores":{"1":1},"type":"Flat"}`, which its schema allows (invalid type: string "1", expected u32): serde keeps a flattened field"#]

    flattened_integers_of_128_bits #[serde(tag = "type", content = "data")] {
        Fine { scores: HashMap<u32, u8>, wide: i128 },
        Flat { #[serde(flatten)] wide: Wide },
    } ["128 is not supported"]

    flattened_in_external_tags {
        Fine { scores: HashMap<u32, u8>, wide: i128 },
        Flat { #[serde(flatten)] scores: Scores },
    } ["write texts (`HashMap<String, _>`), or take the field out of there"]

    enums_with_a_tag_inside #[serde(tag = "type")] {
        Of { maybe: Option<Box<Inner>> },
    } [r#""kind":"Deep""#]

    /// schemars describes keys other than texts, numbers and enums as any text.
    keys_that_are_no_texts #[serde(tag = "type")] {
        Pairs { pairs: HashMap<(u8, u8), String> },
        Points { points: HashMap<Point, String> },
        Lists { lists: BTreeMap<Vec<u8>, String> },
        Fine {
            flags: BTreeMap<bool, u8>, letters: BTreeMap<char, u8>, addresses: HashMap<IpAddr, u8>,
            maybe: BTreeMap<Option<String>, u8>,
        },
    } [
        "the keys of JSON are texts", "the keys of JSON are texts", "the keys of JSON are texts",
    ]

    functions_without_a_word_about_the_schema #[serde(tag = "type")] {
        Text { #[serde(deserialize_with = "from_text")] number: u64 },
        Maybe { #[serde(deserialize_with = "maybe")] maybe: Option<u8> },
        Said { #[serde(deserialize_with = "from_text")] #[schemars(with = "String")] number: u64 },
    } [
        "(invalid type: integer `1`, expected a string): let `#[schemars(..)]` say what serde reads",
        "(missing field `maybe`): let `#[schemars(..)]` say",
    ]

    /// serde says of no alternative why it was refused, and the program's own rules may be why.
    enums_without_a_tag_hide_it #[serde(tag = "type")] {
        Of { of: Untagged },
    } []

    /// serde refuses every message.
    flattened_enums_where_unknown_fields_are_denied #[serde(tag = "type", deny_unknown_fields)] {
        Of { #[serde(flatten)] inner: Plain },
    } ["unknown field"]
}

#[derive(Deserialize, JsonSchema)]
#[serde(tag = "kind")]
#[expect(dead_code, reason = "only its schema counts")]
enum Plain {
    Flag { flag: bool },
}

#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema counts")]
enum Untagged {
    Scores { scores: HashMap<u32, u8> },
}

#[test]
fn enums_without_a_tag_are_read_from_the_buffer() {
    assert!(serde_json::from_str::<Scores>(r#"{"scores":{"1":1}}"#).is_ok());
    assert!(serde_json::from_str::<Untagged>(r#"{"scores":{"1":1}}"#).is_err());
    assert!(serde_json::from_str::<Untagged>(r#"{"scores":{}}"#).is_ok());
}

/// A message that is only sent has no samples.
#[tokio::test]
async fn keys_that_are_no_texts_in_what_is_sent() {
    #[derive(Serialize, JsonSchema, ServerMessage)]
    #[serde(tag = "type")]
    enum Tell {
        Pairs { pairs: HashMap<(u8, u8), u8> },
    }

    #[derive(Deserialize, JsonSchema, ClientMessage)]
    #[serde(tag = "type")]
    enum Ask {
        Go,
    }

    #[websocket("/pairs", on_message)]
    async fn pairs(ask: Ask) -> Tell {
        let Ask::Go = ask;
        Tell::Pairs { pairs: HashMap::from([((1, 2), 3)]) }
    }

    let router = Router::new().mount(pairs);
    assert_eq!(router.contract().problems(), [] as [String; 0]);
    let mut socket = client(router).connect("/pairs").await;
    socket.send_text(r#"{"type":"Go"}"#).await;
    let Some(Message::Close(Some(frame))) = socket.recv().await else { panic!("it is not closed") };
    assert_eq!(frame.code, 1011);
}

/// A type whose own code refuses most texts, and reports them as serde's derive does.
#[derive(JsonSchema)]
#[schemars(with = "String")]
struct Suit;

impl FromStr for Suit {
    type Err = &'static [&'static str];

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "hearts" { Ok(Self) } else { Err(&["hearts"]) }
    }
}

impl<'de> Deserialize<'de> for Suit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|known| serde::de::Error::unknown_variant(&text, known))
    }
}

/// A text that has to begin with a letter.
#[derive(Deserialize, JsonSchema)]
#[serde(try_from = "String")]
struct Name;

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Err(format!("{text} is no name"))
    }
}

/// A value of any form, which has to be a text.
#[derive(JsonSchema)]
#[schemars(with = "serde_json::Value")]
struct Any;

impl<'de> Deserialize<'de> for Any {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|_| Self)
    }
}

problems! {
    rules_of_the_program_are_no_problems #[serde(tag = "type")] {
        Suit { suit: Suit },
        Suits { suits: Vec<Suit> },
        Name { name: Name },
        Any { any: Any },
    } []
}

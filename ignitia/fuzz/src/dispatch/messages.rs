//! Messages in every representation, with all kinds of fields that serde supports.

use std::{borrow::Cow, collections::BTreeMap};

use ignitia::ClientMessage;
use serde::{Deserialize, Deserializer, de::Error};

#[derive(Debug, PartialEq, Deserialize)]
pub struct NestedFields {
    name: String,
    #[serde(default)]
    tags: Vec<Colour>,
    inner: Option<Box<NestedFields>>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Colour {
    Red,
    Rgb(u8, u8, u8),
    Named { name: String },
    Number(i16),
}

#[derive(Debug, PartialEq, Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum InternallyTagged {
    Unit,
    Empty {},
    Fields { text: String, to: u64, back: Option<i32> },
    New(NestedFields),
    Map(BTreeMap<String, i64>),
    Nothing(()),
    Kinds { colour: Colour, flag: bool, letter: char, ratio: f64, small: f32, pair: (u8, String) },
    Wide { value: serde_json::Value, list: Vec<u8> },
}

#[derive(Debug, PartialEq, Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum StrictFields {
    Unit,
    Empty {},
    Fields {
        #[serde(alias = "message")]
        text: String,
        #[serde(default, deserialize_with = "even")]
        to: u8,
    },
    New(NestedFields),
}

/// Accepts even numbers. Its error contains the input, which must not reach the client.
fn even<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    let number = u8::deserialize(deserializer)?;
    if number % 2 == 0 { Ok(number) } else { Err(D::Error::custom(format!("{number} IS A QUIRK OF ZAX"))) }
}

#[derive(Debug, PartialEq, Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FallbackVariant {
    #[serde(alias = "fields", alias = "field")]
    Known { a: u8 },
    #[serde(other)]
    Other,
}

#[derive(Debug, PartialEq, Deserialize)]
pub struct SharedFields {
    room: String,
    #[serde(default)]
    urgent: bool,
}

#[derive(Debug, PartialEq, Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FlattenedFields {
    Both {
        text: String,
        #[serde(flatten)]
        common: SharedFields,
    },
    Rest {
        a: Option<u8>,
        #[serde(flatten)]
        rest: BTreeMap<String, serde_json::Value>,
    },
    Plain {
        a: u8,
    },
    Unit,
}

#[derive(Debug, PartialEq, Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum BorrowedFields<'a> {
    Say {
        #[serde(borrow)]
        text: Cow<'a, str>,
        #[serde(borrow, default)]
        more: Vec<Cow<'a, str>>,
    },
    Plain {
        #[serde(borrow)]
        text: UnescapedText<'a>,
    },
    Unit,
}

/// A text without escapes.
#[derive(Debug, PartialEq, Deserialize)]
pub struct UnescapedText<'a>(&'a str);

#[derive(Debug, PartialEq, Deserialize, ClientMessage)]
#[serde(tag = "t", content = "c", rename_all = "snake_case")]
pub enum AdjacentlyTagged {
    Unit,
    Fields { text: String, to: Option<u64> },
    New(NestedFields),
    Pair(u8, String),
    Maybe(Option<u8>),
}

#[derive(Debug, PartialEq, Deserialize, ClientMessage)]
#[serde(rename_all = "snake_case")]
pub enum ExternallyTagged {
    Unit,
    Fields { text: String, to: Option<u64> },
    New(NestedFields),
    Pair(u8, String),
    Maybe(Option<u8>),
}

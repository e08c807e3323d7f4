//! `serde_json::from_str` is the reference, over mutated texts: the same texts are accepted and
//! refused, with the same values.

mod differences;

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    fmt::Debug,
};

use ignitia::{__private::decode, ClientMessage};
use serde::{Deserialize, Deserializer};

use super::mangler::Mangler;

const TEXTS: usize = 4_000;

/// Returns the difference between both ways, if there is one.
fn difference<'de, T: ClientMessage<'de> + Debug + PartialEq>(text: &'de str) -> Option<String> {
    let ours = decode::<T>(text, None).map(|decoded| decoded.message);
    let plain = serde_json::from_str::<T>(text);
    let differs = match (&ours, &plain) {
        (Ok(ours), Ok(plain)) => ours != plain,
        (Err(_), Err(_)) => false,
        _ => true,
    };
    differs.then(|| format!("{text}\n   ours: {ours:?}\n  serde: {plain:?}"))
}

macro_rules! compare {
    ($($name:ident: $message:ty, [$($seed:expr),* $(,)?];)*) => {$(
        #[test]
        fn $name() {
            let mut mangler = Mangler::new(&[$($seed),*]);
            let (mut differences, mut accepted) = (Vec::new(), 0);
            for _ in 0..TEXTS {
                let text = mangler.next();
                differences.extend(difference::<$message>(&text));
                accepted += usize::from(serde_json::from_str::<$message>(&text).is_ok());
            }
            println!("{accepted} of {TEXTS} texts are messages");
            assert!((TEXTS / 20..TEXTS * 19 / 20).contains(&accepted), "{accepted} of {TEXTS} texts are messages");
            none(differences);
        }
    )*};
}

#[track_caller]
fn none(mut differences: Vec<String>) {
    differences.sort_by_key(String::len);
    let shortest: Vec<_> = differences.iter().take(8).map(String::as_str).collect();
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), shortest.join("\n"));
}

#[derive(Debug, PartialEq, Deserialize)]
struct Body {
    name: String,
    #[serde(default)]
    tags: Vec<Colour>,
    inner: Option<Box<Body>>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Colour {
    Red,
    Rgb(u8, u8, u8),
    Named { name: String },
    Number(i16),
}

#[derive(Debug, PartialEq, Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Internal {
    Unit,
    Empty {},
    Fields { text: String, to: u64, back: Option<i32> },
    New(Body),
    Map(BTreeMap<String, i64>),
    Nothing(()),
    Kinds { colour: Colour, flag: bool, letter: char, ratio: f64, small: f32, pair: (u8, String) },
    Wide { value: serde_json::Value, list: Vec<u8> },
}

#[derive(Debug, PartialEq, Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Strict {
    Unit,
    Empty {},
    Fields {
        #[serde(alias = "message")]
        text: String,
        #[serde(default)]
        to: u8,
    },
    New(Body),
}

#[derive(Debug, PartialEq, Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Lenient {
    #[serde(alias = "fields", alias = "field")]
    Known { a: u8 },
    #[serde(other)]
    Other,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Common {
    room: String,
    #[serde(default)]
    urgent: bool,
}

#[derive(Debug, PartialEq, Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Flat {
    Both {
        text: String,
        #[serde(flatten)]
        common: Common,
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
enum Borrowed<'a> {
    Say {
        #[serde(borrow)]
        text: Cow<'a, str>,
        #[serde(borrow, default)]
        more: Vec<Cow<'a, str>>,
    },
    Plain {
        #[serde(borrow)]
        text: Text<'a>,
    },
    #[serde(borrow)]
    New(Names<'a>),
    Unit,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Text<'a>(&'a str);

#[derive(Debug, PartialEq, Deserialize)]
struct Names<'a> {
    #[serde(borrow)]
    names: Vec<&'a str>,
    #[serde(borrow)]
    by_key: Option<BTreeMap<&'a str, u8>>,
}

fn even<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    let number = u8::deserialize(deserializer)?;
    if number % 2 == 0 { Ok(number) } else { Err(serde::de::Error::custom("odd")) }
}

#[derive(Debug, PartialEq, Deserialize)]
struct Meters(u32);

#[derive(Debug, PartialEq, Deserialize)]
struct Marker;

#[derive(Debug, PartialEq, Deserialize, ClientMessage)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Attributes {
    OneTwo {
        #[serde(default, deserialize_with = "even")]
        even_number: u8,
        #[serde(skip)]
        left_out: u8,
        far_away: Meters,
        marker: Option<Marker>,
    },
    Wrapped(Option<Body>),
    Far(Box<Body>),
    Nested(Inner),
    #[serde(skip)]
    #[allow(dead_code)]
    Never,
    UnitStruct(Marker),
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Inner {
    Known { a: u8 },
    Else,
}

/// Values that serde's own buffer changes.
#[derive(Debug, PartialEq, Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Unbuffered {
    Keys { numbers: HashMap<u32, u8> },
    Signed { by: BTreeMap<i8, bool> },
    Flags { by: BTreeMap<bool, u8> },
    Wide { wide: i128, wider: Option<u128> },
    Letters { by: BTreeMap<char, u8> },
}

#[derive(Debug, PartialEq, Deserialize, ClientMessage)]
#[serde(tag = "t", content = "c", rename_all = "snake_case")]
enum Adjacent {
    Unit,
    Fields { text: String, to: Option<u64> },
    New(Body),
    Pair(u8, String),
    Maybe(Option<u8>),
}

#[derive(Debug, PartialEq, Deserialize, ClientMessage)]
#[serde(rename_all = "snake_case")]
enum External {
    Unit,
    Fields { text: String, to: Option<u64> },
    New(Body),
    Pair(u8, String),
    Maybe(Option<u8>),
}

compare! {
    internally_tagged_enums_agree_with_serde: Internal, [
        r#"{"type":"unit"}"#,
        r#"{"type":"empty"}"#,
        r#"{"type":"fields","text":"a","to":7}"#,
        r#"{"text":"a","type":"fields","to":7,"back":-1}"#,
        r#"{"type":"new","name":"n","tags":["red",{"rgb":[1,2,3]},{"named":{"name":"x"}},{"number":1}]}"#,
        r#"{"name":"n","inner":{"name":"m"},"type":"new"}"#,
        r#"{"type":"map","a":1,"b":2}"#,
        r#"{"type":"nothing"}"#,
        r#"{"type":"kinds","colour":"red","flag":true,"letter":"x","ratio":1.5,"small":0.1,"pair":[1,"x"]}"#,
        r#"{"colour":{"rgb":[1,2,3]},"flag":true,"letter":"x","ratio":1,"small":1e2,"pair":[1,"x"],"type":"kinds"}"#,
        r#"{"type":"wide","value":{"a":[1,2.5,null]},"list":[1,2]}"#,
        r#"["fields","a",7,null]"#,
        r#"["unit"]"#,
    ];
    enums_that_deny_unknown_fields_agree_with_serde: Strict, [
        r#"{"type":"unit"}"#,
        r#"{"type":"empty"}"#,
        r#"{"type":"fields","text":"a","to":7}"#,
        r#"{"to":7,"message":"a","type":"fields"}"#,
        r#"{"type":"new","name":"n","tags":[]}"#,
    ];
    enums_with_an_other_variant_agree_with_serde: Lenient, [
        r#"{"type":"known","a":1}"#,
        r#"{"a":1,"type":"field"}"#,
        r#"{"type":"else","b":[1]}"#,
        r#"{"type":"other"}"#,
    ];
    flattened_structs_agree_with_serde: Flat, [
        r#"{"type":"both","text":"t","room":"r","urgent":true}"#,
        r#"{"room":"r","text":"t","type":"both"}"#,
        r#"{"type":"rest","a":1,"b":[2]}"#,
        r#"{"c":null,"type":"rest"}"#,
        r#"{"type":"plain","a":1}"#,
        r#"{"type":"unit"}"#,
    ];
    borrowed_fields_agree_with_serde: Borrowed<'_>, [
        r#"{"type":"say","text":"t","more":["a","b"]}"#,
        r#"{"text":"t","type":"say"}"#,
        r#"{"type":"plain","text":"t"}"#,
        r#"{"text":"t","type":"plain"}"#,
        r#"{"type":"new","names":["a"],"by_key":{"x":1}}"#,
        r#"{"type":"unit"}"#,
    ];
    field_attributes_agree_with_serde: Attributes, [
        r#"{"kind":"oneTwo","evenNumber":2,"farAway":3,"marker":null}"#,
        r#"{"farAway":3,"kind":"oneTwo"}"#,
        r#"{"kind":"wrapped","name":"n"}"#,
        r#"{"kind":"wrapped"}"#,
        r#"{"kind":"far","name":"n"}"#,
        r#"{"kind":"nested","type":"known","a":1}"#,
        r#"{"type":"else","kind":"nested"}"#,
        r#"{"kind":"unitStruct"}"#,
        r#"{"kind":"never"}"#,
    ];
    adjacently_tagged_enums_agree_with_serde: Adjacent, [
        r#"{"t":"unit"}"#,
        r#"{"t":"unit","c":null}"#,
        r#"{"t":"fields","c":{"text":"a","to":1}}"#,
        r#"{"c":{"text":"a"},"t":"fields"}"#,
        r#"{"t":"new","c":{"name":"n","tags":["red"]}}"#,
        r#"{"t":"pair","c":[1,"x"]}"#,
        r#"{"t":"maybe","c":1}"#,
        r#"["pair",[1,"x"]]"#,
    ];
    externally_tagged_enums_agree_with_serde: External, [
        r#""unit""#,
        r#"{"unit":null}"#,
        r#"{"fields":{"text":"a","to":1}}"#,
        r#"{"new":{"name":"n","tags":["red"]}}"#,
        r#"{"pair":[1,"x"]}"#,
        r#"{"maybe":1}"#,
    ];
}

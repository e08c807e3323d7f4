//! Types of fields: containers, recursion, generics, and what has a schema of its own.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
};

use ignitia::{ClientMessage, ServerMessage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{agree, in_all_representations};

#[derive(Serialize, Deserialize, JsonSchema)]
struct Tree {
    value: i32,
    left: Option<Box<Tree>>,
    others: Vec<Tree>,
    #[serde(default)]
    named: BTreeMap<String, Tree>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Page<T> {
    items: Vec<T>,
    next: Option<T>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
struct UserId(u64);

#[derive(Serialize, Deserialize, JsonSchema)]
struct Meters(f32);

#[derive(Serialize, Deserialize, JsonSchema)]
struct Place(f64, f64);

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Colour {
    Red,
    /// Not the fruit.
    Orange,
}

#[derive(Serialize, Deserialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
enum Side {
    Left,
    Right,
}

/// A date as its text, which has a parser of its own.
#[derive(JsonSchema)]
#[schemars(with = "String", extend("pattern" = r"^\d{4}-\d\d-\d\d$"), example = "2026-11-30")]
struct Date(u16, u8, u8);

impl Serialize for Date {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:04}-{:02}-{:02}", self.0, self.1, self.2))
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let part = |range| text.get(range).ok_or("too short");
        let date = || {
            Some(Self(
                part(0..4).ok()?.parse().ok()?,
                part(5..7).ok()?.parse().ok()?,
                part(8..10).ok()?.parse().ok()?,
            ))
        };
        date().ok_or_else(|| serde::de::Error::custom("a date is YYYY-MM-DD"))
    }
}

in_all_representations! {
    containers {
        Lists { list: Vec<u8>, queue: VecDeque<bool>, set: BTreeSet<i16>, slice: Box<[String]> },
        Tuples { pair: (u8, String), one: (bool,), nested: ((u8, u8), [i8; 3]), none: [u8; 0] },
        Long { array: [u16; 20] },
        Keys { text: HashMap<String, u8>, side: BTreeMap<Side, u8> },
        Options { option: Option<u8>, list: Vec<Option<u8>>, unit: Option<()>, twice: Option<Option<u8>> },
        Pointers { boxed: Box<str>, cow: Cow<'static, str>, list: Cow<'static, [u8]>, each: Option<Box<u8>> },
    } []

    own_types {
        Recursive { tree: Tree },
        Whole(Tree),
        Generic { numbers: Page<u8>, trees: Page<Tree>, pages: Page<Page<String>> },
        GenericWhole(Page<Colour>),
        Newtypes { user: UserId, far: Meters, place: Place, users: Vec<UserId> },
        Dates { date: Date, maybe: Option<Date> },
        Any { any: serde_json::Value, map: serde_json::Map<String, serde_json::Value> },
    } [Messages::Dates { date: Date(2026, 2, 28), maybe: Some(Date(1, 1, 1)) }]
}

/// Numbers that serde's buffer does not hold.
macro_rules! unbuffered {
    ($($name:ident $(#[$attribute:meta])*;)*) => {$(
        #[derive(Serialize, Deserialize, JsonSchema, ClientMessage, ServerMessage)]
        $(#[$attribute])*
        enum $name {
            Keys { unsigned: BTreeMap<u8, bool>, signed: HashMap<i8, Vec<u8>> },
            Wide { signed: i128, unsigned: Option<u128> },
        }
    )*};
}

unbuffered! {
    Internal #[serde(tag = "type")];
    Adjacent #[serde(tag = "type", content = "data")];
    External;
}

agree! {
    numbers_behind_a_tag: Adjacent, id = "id", [];
    numbers_beside_a_tag: Internal, [
        Internal::Keys { unsigned: BTreeMap::from([(255, true)]), signed: HashMap::from([(-128, vec![])]) },
    ];
    numbers_below_a_name: External, [];
}

//! Types that are rare in messages: each is read and written, and its schema allows it.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, LinkedList},
    marker::PhantomData,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    num::{NonZeroI128, NonZeroU8, NonZeroUsize, Wrapping},
    ops::{Bound, Range, RangeInclusive},
    path::PathBuf,
    sync::{Mutex, atomic::AtomicI64},
    time::{Duration, SystemTime},
};

use ignitia::{__private::decode, prelude::*};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::schemas::Schemas;

/// Declares a test for each enum: all values are written and read, and fit one schema each.
macro_rules! fit {
    ($($name:ident $(#[$attribute:meta])* { $($variants:tt)* } [$($value:expr),* $(,)?])*) => {$(
        #[test]
        fn $name() {
            #[derive(Serialize, Deserialize, JsonSchema, ClientMessage, ServerMessage)]
            $(#[$attribute])*
            enum Messages { $($variants)* }

            #[websocket("/", on_message)]
            async fn echo(message: Messages) -> Messages {
                message
            }

            let schemas = Schemas::of(&Router::new().mount(echo).contract());
            for value in [$($value),*] {
                let text = serde_json::to_string::<Messages>(&value).unwrap();
                let value: Value = serde_json::from_str(&text).unwrap();
                for all in [&schemas.received, &schemas.sent] {
                    assert_eq!(all.iter().filter(|schema| schema.allows(&value)).count(), 1, "{text}");
                }
                assert_eq!(decode::<Messages>(&text, None).err(), None, "{text}");
            }
        }
    )*};
}

#[derive(Serialize, Deserialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    /// Documented.
    Left,
    Right,
}

#[derive(Serialize, Deserialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
struct Number(u32);

#[derive(Serialize, Deserialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
#[serde(transparent)]
struct Id {
    id: i64,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Pair(u8, String);

#[derive(Serialize, Deserialize, JsonSchema)]
struct Unit;

#[derive(Serialize, Deserialize, JsonSchema)]
struct NoFields {}

#[derive(Serialize, Deserialize, JsonSchema)]
struct NoElements();

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
struct Pairs {
    list: Vec<Pair>,
}

struct Foreign {
    x: u8,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(remote = "Foreign")]
struct Remote {
    x: u8,
}

#[derive(Serialize, Deserialize, JsonSchema)]
enum Tree<T> {
    Leaf(T),
    Nodes(Vec<Tree<T>>),
    Empty,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Keywords {
    r#type: u8,
    r#fn: Option<u8>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(from = "u64", into = "u64")]
#[derive(Clone)]
struct Converted(String);

impl From<u64> for Converted {
    fn from(number: u64) -> Self {
        Self(number.to_string())
    }
}

impl From<Converted> for u64 {
    fn from(text: Converted) -> Self {
        text.0.parse().unwrap()
    }
}

/// A module that reads and writes a number as a text.
mod hexadecimal {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(number: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{number:x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        u64::from_str_radix(&String::deserialize(deserializer)?, 16).map_err(D::Error::custom)
    }
}

fit! {
    keys #[serde(tag = "type")] {
        Char { map: BTreeMap<char, u8> },
        Bool { map: BTreeMap<bool, u8> },
        Side { map: BTreeMap<Side, u8> },
        MaybeText { map: BTreeMap<Option<String>, u8> },
        MaybeNumber { map: BTreeMap<Option<u8>, u8> },
        Number { map: BTreeMap<Number, u8> },
        Id { map: BTreeMap<Id, u8> },
        Wide { map: BTreeMap<i128, u8> },
        NonZero { map: HashMap<NonZeroU8, u8> },
        Address { map: HashMap<IpAddr, u8> },
        Cow { map: HashMap<Cow<'static, str>, u8> },
    } [
        Messages::Char { map: [('a', 1)].into() },
        Messages::Bool { map: [(true, 1)].into() },
        Messages::Side { map: [(Side::Right, 1), (Side::Left, 1)].into() },
        Messages::MaybeText { map: [(Some("x".into()), 1)].into() },
        Messages::MaybeNumber { map: [(Some(3), 1)].into() },
        Messages::Number { map: [(Number(3), 1)].into() },
        Messages::Id { map: [(Id { id: -3 }, 1)].into() },
        Messages::Wide { map: [(i128::MIN, 1)].into() },
        Messages::NonZero { map: [(NonZeroU8::MIN, 1)].into() },
        Messages::Address { map: [(Ipv4Addr::LOCALHOST.into(), 1)].into() },
        Messages::Cow { map: [("a".into(), 1)].into() },
    ]

    own_types #[serde(tag = "type", content = "data")] {
        Pair(Pair),
        Unit(Unit),
        NoFields(NoFields),
        NoElements(NoElements),
        Pairs(Pairs),
        Fields { unit: Unit, none: NoFields, maybe: Option<Unit>, nothing: Option<()> },
        Remote { #[serde(with = "Remote")] foreign: Foreign },
        Tree(Tree<u8>),
        Texts(Tree<String>),
        Trees(Tree<Tree<bool>>),
        Keywords(Keywords),
        r#Fn { r#type: u8 },
        Converted(Converted),
        Hexadecimal { #[serde(with = "hexadecimal")] #[schemars(with = "String")] number: u64 },
        Phantom { phantom: PhantomData<u8> },
        Result(Result<u8, String>),
    } [
        Messages::Pair(Pair(1, "a".into())),
        Messages::Unit(Unit),
        Messages::NoFields(NoFields {}),
        Messages::NoElements(NoElements()),
        Messages::Pairs(Pairs { list: vec![Pair(1, "a".into())] }),
        Messages::Fields { unit: Unit, none: NoFields {}, maybe: Some(Unit), nothing: Some(()) },
        Messages::Remote { foreign: Foreign { x: 1 } },
        Messages::Tree(Tree::Nodes(vec![Tree::Leaf(1), Tree::Empty])),
        Messages::Texts(Tree::Leaf("a".into())),
        Messages::Trees(Tree::Leaf(Tree::Leaf(true))),
        Messages::Keywords(Keywords { r#type: 1, r#fn: None }),
        Messages::Fn { r#type: 1 },
        Messages::Converted(Converted("7".into())),
        Messages::Hexadecimal { number: 255 },
        Messages::Phantom { phantom: PhantomData },
        Messages::Result(Err("a".into())),
    ]

    types_of_std #[serde(tag = "type")] {
        NonZero { short: NonZeroU8, wide: NonZeroI128, size: NonZeroUsize },
        Times { duration: Duration, time: SystemTime },
        Texts { path: PathBuf, ip: IpAddr, socket: SocketAddr },
        Ranges { half: Range<u8>, closed: RangeInclusive<i64>, bound: Bound<u8> },
        Arrays { long: [u8; 32], nested: [[i8; 2]; 2] },
        Lists { heap: BinaryHeap<u8>, list: LinkedList<u8>, pairs: BTreeSet<(u8, u8)> },
        Wrapped { wrapping: Wrapping<u8>, boxed: Box<Option<Box<u8>>>, atomic: AtomicI64, mutex: Mutex<u8> },
        Wide { signed: i128, unsigned: u128, maybe: Option<u128>, list: Vec<u128> },
        Tuples { one: (u8,), units: ((), ()) },
    } [
        Messages::NonZero { short: NonZeroU8::MIN, wide: NonZeroI128::MIN, size: NonZeroUsize::MIN },
        Messages::Times { duration: Duration::from_millis(1500), time: SystemTime::UNIX_EPOCH },
        Messages::Texts { path: "/a".into(), ip: Ipv4Addr::LOCALHOST.into(), socket: ([0; 4], 80).into() },
        Messages::Ranges { half: 1..2, closed: 1..=5, bound: Bound::Included(1) },
        Messages::Arrays { long: [1; 32], nested: [[1; 2]; 2] },
        Messages::Lists { heap: [1].into(), list: [1].into(), pairs: [(1, 1)].into() },
        Messages::Wrapped { wrapping: Wrapping(1), boxed: Box::new(None), atomic: 1.into(), mutex: 1.into() },
        Messages::Wide { signed: i128::MIN, unsigned: u128::MAX, maybe: None, list: vec![u128::MAX] },
        Messages::Tuples { one: (1,), units: ((), ()) },
    ]
}

//! Types of messages with errors to find, and checks of the errors.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    net::IpAddr,
};

use serde::{
    Deserialize,
    de::{Deserializer, Error},
};

use crate::dispatch::diagnose::{Fault, FaultKind, diagnose};

pub(super) fn fault<'de, T: Deserialize<'de>>(text: &'de str) -> Option<Fault> {
    diagnose(text, |inner| T::deserialize(inner))
}

#[track_caller]
pub(super) fn found<'de, T: Deserialize<'de>>(text: &'de str) -> Fault {
    fault::<T>(text).expect("a fault")
}

/// Checks the kind, the path and the expectation of the error.
#[track_caller]
pub(super) fn check<'de, T: Deserialize<'de>>(
    text: &'de str,
    kind: FaultKind,
    path: &str,
    expected: &[&str],
) {
    let fault = found::<T>(text);
    assert_eq!((&fault.kind, fault.path.to_string().as_str()), (&kind, path), "{text}");
    assert_eq!(fault.expected, expected, "{text}");
    assert!(serde_json::from_str::<T>(text).is_err(), "{text}");
}

#[track_caller]
pub(super) fn fine<'de, T: Deserialize<'de>>(text: &'de str) {
    assert_eq!(fault::<T>(text), None, "{text}");
    assert!(serde_json::from_str::<T>(text).is_ok(), "{text}");
}

// The names begin with `Rust`, so that a test can see that none of them gets out.

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[allow(dead_code)]
pub(super) struct RustOrder {
    to: String,
    #[serde(default)]
    items: Vec<RustItem>,
    unit_price: Option<f64>,
    #[serde(default, deserialize_with = "percentage")]
    discount: u8,
}

#[derive(Deserialize)]
#[allow(dead_code)]
pub(super) struct RustItem {
    id: u32,
    #[serde(default)]
    size: Option<(u8, i16)>,
    #[serde(default)]
    tags: BTreeMap<String, RustColour>,
    #[serde(default, rename = "in")]
    inside: Vec<RustItem>,
}

fn percentage<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    let percentage = u8::deserialize(deserializer)?;
    if percentage <= 100 { Ok(percentage) } else { Err(D::Error::custom("more than all of it: hunter2")) }
}

#[derive(Deserialize, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub(super) enum RustColour {
    Red,
    Green,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(dead_code)]
pub(super) enum RustExternal {
    Unit,
    New(u8),
    Wrapped(Option<RustColour>),
    Pair(u8, String),
    Fields { x: u8, y: Option<bool> },
}

#[derive(Deserialize)]
#[serde(tag = "t", rename_all = "lowercase")]
#[allow(dead_code)]
pub(super) enum RustInternal {
    Unit,
    New(RustItem),
    Fields { x: u8, y: Option<bool> },
}

#[derive(Deserialize)]
#[serde(tag = "t", content = "c", rename_all = "lowercase")]
#[allow(dead_code)]
pub(super) enum RustAdjacent {
    Unit,
    New(u8),
    Pair(u8, String),
    Fields { x: u8, y: Option<bool> },
}

#[derive(Deserialize)]
#[serde(tag = "t", content = "c", deny_unknown_fields)]
#[allow(dead_code)]
pub(super) enum RustStrict {
    #[serde(rename = "new")]
    New(u8),
}

#[derive(Deserialize)]
#[serde(untagged)]
#[allow(dead_code)]
pub(super) enum RustUntagged {
    Number(u8),
    Fields { x: u8 },
}

#[derive(Deserialize)]
#[allow(dead_code)]
pub(super) struct RustFlat {
    a: u8,
    #[serde(flatten)]
    item: RustItem,
    #[serde(flatten)]
    rest: HashMap<String, u8>,
}

#[derive(Deserialize)]
pub(super) struct RustUnit;

#[derive(Deserialize)]
#[allow(dead_code)]
pub(super) struct RustNew(Vec<u8>);

#[derive(Deserialize)]
#[allow(dead_code)]
pub(super) struct RustTuple(u8, bool, #[serde(default)] u8);

#[derive(Deserialize)]
#[allow(dead_code)]
pub(super) struct RustBorrowed<'a> {
    pub(super) plain: &'a str,
    #[serde(borrow, default)]
    pub(super) cow: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) bytes: Option<&'a [u8]>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
pub(super) struct RustKeys {
    #[serde(default)]
    numbers: HashMap<u8, u8>,
    #[serde(default)]
    wide: HashMap<i128, u8>,
    #[serde(default)]
    switches: HashMap<bool, u8>,
    #[serde(default)]
    colours: HashMap<RustColour, u8>,
    #[serde(default)]
    chars: HashMap<char, u8>,
    #[serde(default)]
    addresses: HashMap<IpAddr, u8>,
    #[serde(default)]
    options: HashMap<Option<RustId>, u8>,
}

#[derive(Deserialize, PartialEq, Eq, Hash)]
pub(super) struct RustId(u16);

#[derive(Deserialize)]
#[allow(dead_code)]
pub(super) struct RustMixed {
    external: RustExternal,
    #[serde(default)]
    internal: Option<RustInternal>,
    #[serde(default)]
    adjacent: Vec<RustAdjacent>,
    #[serde(default)]
    untagged: HashMap<String, RustUntagged>,
    #[serde(default)]
    unit: Option<RustUnit>,
    #[serde(default)]
    wide: (i128, u128),
    #[serde(default)]
    character: char,
    #[serde(default)]
    result: Option<Result<u8, String>>,
    #[serde(default)]
    nonzero: Option<std::num::NonZeroU8>,
    #[serde(default)]
    array: [u8; 2],
}

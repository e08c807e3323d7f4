//! A second look at a text that could not be decoded: what is wrong, and where.
//!
//! serde_json's errors are texts, with input and names of Rust's types in them. Here everything that asks for a value is
//! told [`Fault`]s instead, which pick up the path on their way out. Where errors have to be of the inner deserializer's
//! type, the fault waits aside in a [`PendingFault`].

mod access;
mod fault;
mod known_tags;
mod variant;
mod visitor;

use std::cell::Cell;

use serde::de::{Deserializer, Error, Visitor};
use serde_json::de::StrRead;

use self::{
    fault::Segment,
    variant::WatchedEnum,
    visitor::{Shape, Watched},
};
pub(super) use self::{
    fault::{Fault, FaultKind, Path},
    known_tags::known_tags,
};

/// Runs `decode` over the text once more, to find out what is wrong; `None` if nothing is found wrong. Whatever
/// follows the value is.
pub(super) fn diagnose<'de, T>(
    text: &'de str,
    decode: impl FnOnce(Diagnose<'_, &mut serde_json::Deserializer<StrRead<'de>>>) -> Result<T, Fault>,
) -> Option<Fault> {
    let stash = PendingFault::default();
    let mut json = serde_json::Deserializer::from_str(text);
    match decode(Diagnose { inner: &mut json, stash: &stash, key: None }) {
        Err(fault) => Some(fault),
        Ok(_) => json.end().err().map(|_| Fault::format()),
    }
}

/// A deserializer that reads what `D` reads, and says in [`Fault`]s what is wrong with it.
pub(super) struct Diagnose<'t, D> {
    inner: D,
    stash: &'t PendingFault,
    /// Where the text goes, if it is the key of an object.
    key: Option<&'t KeyCell>,
}

type KeyCell = Cell<Option<Segment>>;

/// Methods that call the inner deserializer's of the same name. `mismatch` says, given whether it is a key, if a fault
/// that the inner one finds without saying which is one of the value's type; if not, it is one of the format.
macro_rules! forward {
    (mismatch: $mismatch:expr, shape: $shape:expr; $($method:ident($($arg:ident: $type:ty),*))*) => {$(
        fn $method<V: Visitor<'de>>(self, $($arg: $type,)* visitor: V) -> Result<V::Value, Fault> {
            let Self { inner, stash, key } = self;
            let visitor = Watched { visitor, stash, key, shape: $shape };
            let mismatch: fn(bool) -> bool = $mismatch;
            let own = if mismatch(key.is_some()) { visitor.mismatch() } else { Fault::format() };
            stash.collect(inner.$method($($arg,)* visitor)).map_err(|fault| {
                fault.unwrap_or_else(|| {
                    // What has been read of the key may be only a part of it.
                    key.inspect(|key| key.set(None));
                    own
                })
            })
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Diagnose<'_, D> {
    type Error = Fault;

    // The same methods of the inner one, so that the same is right and wrong as when the text was decoded. Where that one
    // complains by itself of a type, it asks the visitor what would be right: see `Watched::expecting`.
    forward! { mismatch: |_| false, shape: Shape::Value;
        deserialize_any() deserialize_bool() deserialize_char() deserialize_str() deserialize_string()
        deserialize_bytes() deserialize_byte_buf() deserialize_option() deserialize_unit()
        deserialize_unit_struct(name: &'static str) deserialize_newtype_struct(name: &'static str)
        deserialize_seq() deserialize_map() deserialize_identifier() deserialize_ignored_any()
    }
    forward! { mismatch: |_| false, shape: Shape::Tuple(len);
        deserialize_tuple(len: usize) deserialize_tuple_struct(name: &'static str, len: usize)
    }
    forward! { mismatch: |_| false, shape: Shape::Object;
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
    }
    // A key that is no number is an error of the syntax to serde_json.
    forward! { mismatch: |is_key| is_key, shape: Shape::Value;
        deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64() deserialize_u8() deserialize_u16()
        deserialize_u32() deserialize_u64() deserialize_f32() deserialize_f64()
    }
    // And of these any value.
    forward! { mismatch: |_| true, shape: Shape::Value; deserialize_i128() deserialize_u128() }

    /// Not by the inner method: to that, anything but a string or an object is an error of the syntax.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let Self { inner, stash, key } = self;
        let watched = WatchedEnum { visitor, stash, key };
        stash.collect(inner.deserialize_any(watched)).map_err(|fault| fault.unwrap_or_else(Fault::format))
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

/// Keeps a fault while an error without content goes through the inner deserializer in its place.
#[derive(Default)]
struct PendingFault(Cell<Option<Fault>>);

impl PendingFault {
    fn leave<T, E: Error>(&self, result: Result<T, Fault>) -> Result<T, E> {
        result.map_err(|fault| {
            self.0.set(Some(fault));
            E::custom("")
        })
    }

    /// The error is `None` if the inner deserializer has found one by itself.
    fn collect<T, E>(&self, result: Result<T, E>) -> Result<T, Option<Fault>> {
        let fault = self.0.take();
        result.map_err(|_| fault)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        borrow::Cow,
        collections::{BTreeMap, HashMap},
        fmt,
        net::IpAddr,
    };

    use serde::{
        Deserialize,
        de::{IgnoredAny, MapAccess},
    };

    use super::*;

    fn fault<'de, T: Deserialize<'de>>(text: &'de str) -> Option<Fault> {
        diagnose(text, |inner| T::deserialize(inner))
    }

    #[track_caller]
    fn found<'de, T: Deserialize<'de>>(text: &'de str) -> Fault {
        fault::<T>(text).expect("a fault")
    }

    /// The kind, the path and what is expected.
    #[track_caller]
    fn check<'de, T: Deserialize<'de>>(text: &'de str, kind: FaultKind, path: &str, expected: &[&str]) {
        let fault = found::<T>(text);
        assert_eq!((&fault.kind, fault.path.to_string().as_str()), (&kind, path), "{text}");
        assert_eq!(fault.expected, expected, "{text}");
        assert!(serde_json::from_str::<T>(text).is_err(), "{text}");
    }

    #[track_caller]
    fn fine<'de, T: Deserialize<'de>>(text: &'de str) {
        assert_eq!(fault::<T>(text), None, "{text}");
        assert!(serde_json::from_str::<T>(text).is_ok(), "{text}");
    }

    // The names begin with `Rust` for a test to see if they get out.

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    #[allow(dead_code)]
    struct RustOrder {
        to: String,
        #[serde(default)]
        items: Vec<RustItem>,
        unit_price: Option<f64>,
        #[serde(default, deserialize_with = "percentage")]
        discount: u8,
    }

    #[derive(Deserialize)]
    #[allow(dead_code)]
    struct RustItem {
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
    enum RustColour {
        Red,
        Green,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "lowercase")]
    #[allow(dead_code)]
    enum RustExternal {
        Unit,
        New(u8),
        Wrapped(Option<RustColour>),
        Pair(u8, String),
        Fields { x: u8, y: Option<bool> },
    }

    #[derive(Deserialize)]
    #[serde(tag = "t", rename_all = "lowercase")]
    #[allow(dead_code)]
    enum RustInternal {
        Unit,
        New(RustItem),
        Fields { x: u8, y: Option<bool> },
    }

    #[derive(Deserialize)]
    #[serde(tag = "t", content = "c", rename_all = "lowercase")]
    #[allow(dead_code)]
    enum RustAdjacent {
        Unit,
        New(u8),
        Pair(u8, String),
        Fields { x: u8, y: Option<bool> },
    }

    #[derive(Deserialize)]
    #[serde(tag = "t", content = "c", deny_unknown_fields)]
    #[allow(dead_code)]
    enum RustStrict {
        #[serde(rename = "new")]
        New(u8),
    }

    #[derive(Deserialize)]
    #[serde(untagged)]
    #[allow(dead_code)]
    enum RustUntagged {
        Number(u8),
        Fields { x: u8 },
    }

    #[derive(Deserialize)]
    #[allow(dead_code)]
    struct RustFlat {
        a: u8,
        #[serde(flatten)]
        item: RustItem,
        #[serde(flatten)]
        rest: HashMap<String, u8>,
    }

    #[derive(Deserialize)]
    struct RustUnit;

    #[derive(Deserialize)]
    #[allow(dead_code)]
    struct RustNew(Vec<u8>);

    #[derive(Deserialize)]
    #[allow(dead_code)]
    struct RustTuple(u8, bool, #[serde(default)] u8);

    #[derive(Deserialize)]
    #[allow(dead_code)]
    struct RustBorrowed<'a> {
        plain: &'a str,
        #[serde(borrow, default)]
        cow: Cow<'a, str>,
        #[serde(borrow, default)]
        bytes: Option<&'a [u8]>,
    }

    #[derive(Deserialize)]
    #[allow(dead_code)]
    struct RustKeys {
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
    struct RustId(u16);

    #[derive(Deserialize)]
    #[allow(dead_code)]
    struct RustMixed {
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

    #[test]
    fn nothing_wrong() {
        fine::<RustOrder>(
            r#"{"to":"a","items":[{"id":1,"size":[2,-3],"tags":{"a":"red"}}],"unitPrice":1e3}"#,
        );
        fine::<RustOrder>(r#"["a",[],null,5] "#);
        fine::<RustMixed>(
            r#"{"external":{"pair":[1,"a"]},"wide":[-1,340282366920938463463374607431768211455]}"#,
        );
        fine::<RustKeys>(
            r#"{"numbers":{"1":2},"wide":{"-5":1},"switches":{"true":1},"colours":{"red":1},"options":{"7":1}}"#,
        );
        fine::<RustFlat>(r#"{"a":1,"id":2,"b":3}"#);
        fine::<serde_json::Value>(r#"{"a":[1,2.5,null,true,"x",{}]}"#);
    }

    #[test]
    fn fields() {
        check::<RustOrder>("{}", FaultKind::MissingField, "to", &["to"]);
        check::<RustOrder>(
            r#"{"to":"a","items":[{"id":1},{}]}"#,
            FaultKind::MissingField,
            "items[1].id",
            &["id"],
        );
        let known = &["to", "items", "unitPrice", "discount"];
        check::<RustOrder>(r#"{"to":"a","too":"b"}"#, FaultKind::UnknownField, "too", known);
        check::<Vec<RustOrder>>(r#"[{"to":"a","a b":"b"}]"#, FaultKind::UnknownField, r#"[0]["a b"]"#, known);
        check::<RustOrder>(r#"{"to":"a","to":"b"}"#, FaultKind::DuplicateField, "to", &[]);
        check::<RustItem>(r#"{"id":1,"in":[{"id":1,"id":2}]}"#, FaultKind::DuplicateField, "in[0].id", &[]);
    }

    #[test]
    fn values() {
        use FaultKind::*;
        check::<RustOrder>("7", InvalidType, "", &["an object"]);
        check::<RustOrder>(r#"{"to":7}"#, InvalidType, "to", &["a string"]);
        check::<RustOrder>(r#"{"to":"a","items":{}}"#, InvalidType, "items", &["an array"]);
        check::<RustOrder>(r#"{"to":"a","unitPrice":"1"}"#, InvalidType, "unitPrice", &["f64"]);
        check::<RustOrder>(r#"{"to":"a","items":[{"id":-1}]}"#, InvalidValue, "items[0].id", &["u32"]);
        check::<RustOrder>(r#"{"to":"a","items":[{"id":1.5}]}"#, InvalidType, "items[0].id", &["u32"]);
        check::<RustItem>(r#"{"id":1,"in":[{"id":1,"in":[7]}]}"#, InvalidType, "in[0].in[0]", &["an object"]);
        check::<RustItem>(r#"{"id":1,"size":[1,"x"]}"#, InvalidType, "size[1]", &["i16"]);
        check::<RustItem>(r#"{"id":1,"tags":[]}"#, InvalidType, "tags", &["an object"]);
        check::<RustItem>(r#"{"id":1,"tags":{"a":"blue"}}"#, UnknownVariant, "tags.a", &["red", "green"]);
        check::<char>(r#""ab""#, InvalidValue, "", &["a character"]);
        check::<std::num::NonZeroU8>("0", InvalidValue, "", &["a nonzero u8"]);
        check::<RustUnit>("1", InvalidType, "", &["null"]);
        check::<RustNew>(r#"[1,2,"x"]"#, InvalidType, "[2]", &["u8"]);
        check::<RustNew>("{}", InvalidType, "", &["an array"]);
        check::<Option<bool>>("1", InvalidType, "", &["a boolean"]);
    }

    #[test]
    fn lengths() {
        use FaultKind::InvalidLength;
        check::<RustItem>(r#"{"id":1,"size":[1]}"#, InvalidLength, "size", &["an array of length 2"]);
        check::<RustItem>(r#"{"id":1,"size":[1,2,3]}"#, InvalidLength, "size", &["an array of length 2"]);
        check::<[u8; 2]>("[1]", InvalidLength, "", &["an array of length 2"]);
        check::<[u8; 2]>("[1,2,[3]]", InvalidLength, "", &["an array of length 2"]);
        check::<RustTuple>("[1]", InvalidLength, "", &["an array of length 3"]);
        check::<RustTuple>("[1,true,2,3]", InvalidLength, "", &["an array of length 3"]);
        check::<RustOrder>("[]", InvalidLength, "", &["an object"]);
        check::<RustOrder>(r#"["a",[],null,1,2]"#, InvalidLength, "", &["an object"]);
        check::<[RustExternal; 1]>(r#"[{"pair":[1]}]"#, InvalidLength, "[0].pair", &["an array of length 2"]);
    }

    #[test]
    fn refusals_say_no_more() {
        let refused = FaultKind::Refused;
        check::<RustOrder>(r#"{"to":"a","discount":101}"#, refused, "discount", &[]);
        check::<RustOrder>(r#"{"to":"a","discount":256}"#, FaultKind::InvalidValue, "discount", &["u8"]);
        let shown = found::<RustOrder>(r#"{"to":"a","discount":101}"#).to_string();
        assert_eq!(shown, "refused value at discount");
        assert!(matches!(found::<Vec<IpAddr>>(r#"["x"]"#).kind, FaultKind::Refused));
    }

    #[test]
    fn the_format() {
        use FaultKind::Format;
        for text in ["", " ", "{", "nul", "+", "{\"to\":\"a\"} x", "{\"to\":\"a\"},", "{,}", "{1:2}"] {
            check::<RustOrder>(text, Format, "", &[]);
        }
        check::<RustOrder>(r#"{"to":"a""#, Format, "", &[]);
        check::<RustOrder>(r#"{"to" "a"}"#, Format, "to", &[]);
        check::<RustOrder>(r#"{"to":"\x"}"#, Format, "to", &[]);
        check::<RustOrder>(r#"{"to":"a","items":[{"id":1},{"id":tru}]}"#, Format, "items[1].id", &[]);
        check::<RustOrder>(r#"{"to":"a","items":[{"id":1} 2]}"#, Format, "items", &[]);
        check::<RustOrder>(r#"{"to":"a","unitPrice":1e999}"#, Format, "unitPrice", &[]);
        check::<RustOrder>(r#"{"to":"\ud800"}"#, Format, "to", &[]);
        check::<IgnoredAny>("[1,]", Format, "", &[]);
    }

    #[test]
    fn externally_tagged() {
        use FaultKind::*;
        fine::<Vec<RustExternal>>(
            r#"["unit",{"unit":null},{"new":1},{"wrapped":"red"},{"pair":[1,"a"]},{"fields":{"x":1}},{"fields":[1,true]}]"#,
        );
        let known = &["unit", "new", "wrapped", "pair", "fields"];
        check::<RustExternal>(r#""blue""#, UnknownVariant, "", known);
        check::<RustExternal>(r#"{"blue":1}"#, UnknownVariant, "", known);
        check::<Vec<RustExternal>>(r#"["unit",{"a b":1}]"#, UnknownVariant, "[1]", known);
        check::<RustExternal>(r#"{"unit":1}"#, InvalidType, "unit", &["null"]);
        check::<RustExternal>(r#"{"new":"1"}"#, InvalidType, "new", &["u8"]);
        check::<RustExternal>(r#"{"wrapped":"blue"}"#, UnknownVariant, "wrapped", &["red", "green"]);
        check::<RustExternal>(r#"{"pair":{}}"#, InvalidType, "pair", &["an array"]);
        check::<RustExternal>(r#"{"pair":[1,2]}"#, InvalidType, "pair[1]", &["a string"]);
        check::<RustExternal>(r#"{"fields":{"x":1,"y":2}}"#, InvalidType, "fields.y", &["a boolean"]);
        check::<RustExternal>(r#"{"fields":{}}"#, MissingField, "fields.x", &["x"]);
        check::<RustExternal>(r#"{"fields":"x"}"#, InvalidType, "fields", &["an object"]);
        for text in [r#""new""#, r#""pair""#, r#""fields""#] {
            check::<RustExternal>(text, InvalidType, "", &["an object with one field"]);
        }
        for text in ["1", "null", "[]", "true", "-1.5"] {
            check::<[RustExternal; 1]>(
                &format!("[{text}]"),
                InvalidType,
                "[0]",
                &["a string or an object with one field"],
            );
        }
        for text in ["{}", r#"{"new":1,"pair":2}"#, r#"{"unit":null,"unit":null}"#] {
            check::<RustExternal>(text, InvalidValue, "", &["a string or an object with one field"]);
        }
        check::<RustExternal>(r#"{"new":1,}"#, Format, "", &[]);
    }

    #[test]
    fn internally_tagged() {
        use FaultKind::*;
        fine::<Vec<RustInternal>>(r#"[{"t":"unit"},{"x":1,"t":"fields"},{"t":"new","id":1},["unit"]]"#);
        check::<RustInternal>(r#"{"x":1}"#, MissingField, "t", &["t"]);
        check::<RustInternal>(r#"{"t":"blue"}"#, UnknownVariant, "t", &["unit", "new", "fields"]);
        check::<RustInternal>(r#"{"t":0}"#, InvalidType, "t", &["a string"]);
        check::<RustInternal>(r#"{"t":"unit","t":"unit"}"#, DuplicateField, "t", &[]);
        check::<RustInternal>("1", InvalidType, "", &["an object"]);
        check::<RustInternal>(r#"{"x":1,"t":"fields","z":tru}"#, Format, "z", &[]);
        // What has been buffered has no path of its own.
        check::<Vec<RustInternal>>(r#"[{"t":"fields","x":"1"}]"#, InvalidType, "[0]", &["u8"]);
        check::<Vec<RustInternal>>(r#"[{"t":"fields"}]"#, MissingField, "[0].x", &["x"]);
        check::<Vec<RustInternal>>(r#"[{"t":"new","id":1,"in":[{}]}]"#, MissingField, "[0].id", &["id"]);
    }

    #[test]
    fn adjacently_tagged() {
        use FaultKind::*;
        fine::<Vec<RustAdjacent>>(
            r#"[{"t":"unit"},{"t":"new","c":1},{"c":[1,"a"],"t":"pair"},{"t":"fields","c":{"x":1}},["new",1]]"#,
        );
        check::<RustAdjacent>(r#"{"c":1}"#, MissingField, "t", &["t"]);
        check::<RustAdjacent>(r#"{"t":"new"}"#, MissingField, "c", &["c"]);
        check::<RustAdjacent>(r#"{"t":"b"}"#, UnknownVariant, "t", &["unit", "new", "pair", "fields"]);
        check::<RustAdjacent>(r#"{"t":5}"#, InvalidType, "t", &["a string or an object with one field"]);
        check::<RustAdjacent>(r#"{"t":"pair","c":[1,2]}"#, InvalidType, "c[1]", &["a string"]);
        check::<RustAdjacent>(r#"{"t":"fields","c":{"x":1,"y":0}}"#, InvalidType, "c.y", &["a boolean"]);
        check::<RustAdjacent>(r#"{"c":"1","t":"new"}"#, InvalidType, "", &["u8"]);
        check::<RustAdjacent>(r#"["new"]"#, InvalidLength, "", &["an object"]);
        check::<RustStrict>(r#"{"t":"new","c":1,"d":2}"#, InvalidValue, "d", &[r#""t" or "c""#]);
    }

    #[test]
    fn untagged_and_flat() {
        check::<HashMap<String, RustUntagged>>(r#"{"k":{"x":"1"}}"#, FaultKind::Refused, "k", &[]);
        check::<RustFlat>(r#"{"a":"1","id":1}"#, FaultKind::InvalidType, "a", &["u8"]);
        check::<Vec<RustFlat>>(r#"[{"a":1}]"#, FaultKind::MissingField, "[0].id", &["id"]);
        check::<Vec<RustFlat>>(r#"[{"a":1,"id":"x"}]"#, FaultKind::InvalidType, "[0]", &["u32"]);
    }

    #[test]
    fn keys() {
        use FaultKind::*;
        let each = |of: &str| format!("an object of which each key is {of}");
        check::<RustKeys>(r#"{"numbers":{"1":2,"7":"x"}}"#, InvalidType, "numbers.7", &["u8"]);
        check::<RustKeys>(r#"{"numbers":{"256":2}}"#, InvalidValue, "numbers.256", &["u8"]);
        check::<RustKeys>(r#"{"numbers":{"x":2}}"#, InvalidValue, "numbers", &[&each("u8")]);
        check::<RustKeys>(r#"{"numbers":{"12x":2}}"#, InvalidValue, "numbers", &[&each("u8")]);
        check::<RustKeys>(r#"{"wide":{"12":"x"}}"#, InvalidType, "wide.12", &["u8"]);
        check::<RustKeys>(r#"{"wide":{"x":1}}"#, InvalidValue, "wide", &[&each("i128")]);
        check::<RustKeys>(r#"{"switches":{"yes":1}}"#, InvalidValue, "switches", &[&each("a boolean")]);
        check::<RustKeys>(r#"{"switches":{"true":null}}"#, InvalidType, "switches.true", &["u8"]);
        check::<RustKeys>(r#"{"colours":{"blue":1}}"#, UnknownVariant, "colours.blue", &["red", "green"]);
        check::<RustKeys>(r#"{"colours":{"red":"x"}}"#, InvalidType, "colours.red", &["u8"]);
        check::<RustKeys>(r#"{"chars":{"ab":1}}"#, InvalidValue, "chars.ab", &["a character"]);
        check::<RustKeys>(r#"{"options":{"7":[]}}"#, InvalidType, "options.7", &["u8"]);
        check::<RustKeys>(r#"{"options":{"70000":1}}"#, InvalidValue, "options.70000", &["u16"]);
        let refused = found::<RustKeys>(r#"{"addresses":{"1.2.3.4":1,"x.y":1}}"#);
        assert!(matches!(refused.kind, Refused));
        assert_eq!(refused.path.to_string(), r#"addresses["x.y"]"#);
        check::<RustKeys>(r#"{"nu\u006dbers":{"1":"x"}}"#, InvalidType, "numbers.1", &["u8"]);
    }

    #[test]
    fn hostile_keys() {
        type Maps = HashMap<String, HashMap<String, u8>>;
        check::<Maps>(r#"{"a\n\"":{"":"x"}}"#, FaultKind::InvalidType, r#"["a\n\""][""]"#, &["u8"]);
        let long = "k]".repeat(100_000);
        let text = format!(r#"{{"{long}":{{"{long}":"x"}}}}"#);
        let path = found::<Maps>(&text).path.to_string();
        assert!(path.len() <= 128 && path.ends_with('…'), "{path}");
        let text = format!(r#"{{"to":"a","{long}":1}}"#);
        let fault = found::<RustOrder>(&text);
        assert_eq!(fault.kind, FaultKind::UnknownField);
        assert!(fault.to_string().len() < 250);
    }

    #[test]
    fn wide_integers() {
        use FaultKind::*;
        check::<Vec<i128>>(r#"[1,"x"]"#, InvalidType, "[1]", &["i128"]);
        check::<Vec<u128>>("[-1]", InvalidType, "[0]", &["u128"]);
        check::<u128>(&"9".repeat(40), InvalidType, "", &["u128"]);
    }

    #[test]
    fn borrows() {
        let text = r#"{"plain":"abc","cow":"d","bytes":"e"}"#;
        let mut found = None;
        let fault = diagnose(text, |inner| {
            found = Some(RustBorrowed::deserialize(inner)?);
            Ok(())
        });
        assert_eq!(fault, None);
        let found = found.expect("a value");
        assert!(text.as_bytes().as_ptr_range().contains(&found.plain.as_ptr()));
        assert!(matches!(found.cow, Cow::Borrowed("d")));
        assert_eq!(found.bytes, Some(&b"e"[..]));

        let expected = &["a string without escape sequences"];
        check::<RustBorrowed<'_>>(r#"{"plain":"a\n"}"#, FaultKind::InvalidType, "plain", expected);
        check::<RustBorrowed<'_>>(r#"{"plain":"a","bytes":"\n"}"#, FaultKind::InvalidType, "bytes", expected);
    }

    /// A driver that reads a tag, then hands on what is behind it.
    struct BehindTag;

    impl<'de> Visitor<'de> for BehindTag {
        type Value = Vec<(String, u8)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            match map.next_key::<Cow<'de, str>>()? {
                Some(key) if key == "tag" => drop(map.next_value::<String>()?),
                _ => return Err(A::Error::missing_field("tag")),
            }
            #[derive(Deserialize)]
            #[allow(dead_code)]
            #[serde(deny_unknown_fields)]
            struct Rest {
                inner: Vec<u8>,
            }
            Rest::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
            Ok(Vec::new())
        }
    }

    #[test]
    fn a_driver_of_ones_own() {
        use FaultKind::*;
        let check = |text: &str, kind: FaultKind, path: &str| {
            let fault = diagnose(text, |inner| inner.deserialize_map(BehindTag)).expect("a fault");
            assert_eq!((fault.kind, fault.path.to_string().as_str()), (kind, path), "{text}");
        };
        check("[]", InvalidType, "");
        check("{}", MissingField, "tag");
        check(r#"{"tag":1}"#, InvalidType, "tag");
        check(r#"{"tag":"a"}"#, MissingField, "inner");
        check(r#"{"tag":"a","inner":[1,true]}"#, InvalidType, "inner[1]");
        check(r#"{"tag":"a","other":[1,true]}"#, UnknownField, "other");
        check(r#"{"tag":"a","inner":[]} 1"#, Format, "");
        assert_eq!(diagnose(r#"{"tag":"a","inner":[]}"#, |inner| inner.deserialize_map(BehindTag)), None);
    }

    #[derive(Deserialize)]
    #[allow(dead_code)]
    enum RustDeep {
        #[serde(rename = "n")]
        Next(Box<RustDeep>),
        #[serde(rename = "l")]
        List(Vec<RustDeep>),
        #[serde(rename = "f")]
        Fields { a: Option<Box<RustDeep>>, b: HashMap<String, RustDeep> },
        #[serde(rename = "e")]
        End,
    }

    /// With the stack that threads of the runtime have, also for builds that do not optimise.
    #[test]
    fn depth_is_limited_by_the_format() {
        fn nested(open: &str, close: &str, depth: usize) -> String {
            format!("{}{}{}", open.repeat(depth), r#""e""#, close.repeat(depth))
        }
        let deep = std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(|| {
            fine::<RustDeep>(&nested(r#"{"n":"#, "}", 127));
            let path = format!("{}…", &"n.".repeat(64)[..125]);
            check::<RustDeep>(&nested(r#"{"n":"#, "}", 128), FaultKind::Format, &path, &[]);
            for (open, close) in [(r#"{"n":"#, "}"), (r#"{"l":["#, "]}"), (r#"{"f":{"b":{},"a":"#, "}}")] {
                let fault = found::<RustDeep>(&nested(open, close, 100_000));
                assert_eq!(fault.kind, FaultKind::Format);
                assert!(fault.path.to_string().len() <= 128);
            }
            assert_eq!(found::<serde_json::Value>(&"[".repeat(100_000)).kind, FaultKind::Format);
            assert_eq!(found::<IgnoredAny>(&"[".repeat(100_000)).kind, FaultKind::Format);
        });
        deep.expect("a thread").join().expect("it ends");
    }

    /// A wrong value that the program passes over is passed over here too.
    #[test]
    fn swallowed_errors_are_no_faults() {
        #[derive(Deserialize)]
        #[allow(dead_code)]
        struct Lenient {
            #[serde(deserialize_with = "or_default")]
            a: u8,
            b: u8,
        }
        fn or_default<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
            Ok(u8::deserialize(deserializer).unwrap_or_default())
        }
        fine::<Lenient>(r#"{"a":"x","b":1}"#);
        fine::<Lenient>(r#"{"a":256,"b":1}"#);
        check::<Lenient>(r#"{"a":"x","b":"x"}"#, FaultKind::InvalidType, "b", &["u8"]);
        check::<Lenient>(r#"{"a":[],"b":1}"#, FaultKind::Format, "", &[]);
    }

    const TEXTS: &[&str] = &[
        r#"{"to":"hunter2","items":[{"id":1,"size":[2,-3],"tags":{"hunter2":"red"}}],"unitPrice":1e3,"discount":7}"#,
        r#"{"external":{"fields":{"x":1,"y":true}},"unit":null,"wide":[-5,6],"character":"é","array":[1,2]}"#,
        r#"{"external":"unit","internal":{"t":"new","id":3},"adjacent":[{"t":"pair","c":[1,"hunter2"]},{"c":1,"t":"new"}]}"#,
        r#"{"external":{"pair":[1,"a"]},"untagged":{"a":1,"b":{"x":2}},"result":{"Ok":5},"nonzero":1}"#,
        r#"{"numbers":{"1":2},"wide":{"-5":1},"switches":{"true":1},"colours":{"red":1},"chars":{"a":1},"addresses":{"1.2.3.4":1},"options":{"7":1}}"#,
        r#"{"a":1,"id":2,"b":3,"in":[{"id":4,"size":null}]}"#,
        r#"{"plain":"hunter2","cow":"a\nb","bytes":"c"}"#,
        r#"[["a",[],null,5],[1,true,2],{"t":"unit"},"hunter2",-1.5,12345678901234567890123]"#,
    ];

    /// Every text as it is and, at every token, cut off, left out, or another in its place.
    fn mangled() -> Vec<String> {
        let others = [
            "null",
            "7",
            "-1.5",
            "300",
            "\"hunter2\"",
            "\"\\n\"",
            "[]",
            "{}",
            "[1,2,3]",
            "{\"unit\":null}",
            ",",
            "1e999",
            "tru",
        ];
        let mut all = Vec::new();
        for (nth, text) in TEXTS.iter().enumerate() {
            all.push((*text).to_owned());
            let mut start = 0;
            while start < text.len() {
                let len = token(&text[start..]);
                let (before, after) = (&text[..start], &text[start + len..]);
                all.push(before.to_owned());
                all.push(format!("{before}{after}"));
                all.push(format!("{before}{0}{0}{after}", &text[start..start + len]));
                for step in 0..4 {
                    let other = others[(nth * 5 + start * 3 + step * 4) % others.len()];
                    all.push(format!("{before}{other}{after}"));
                }
                start += len;
            }
        }
        all
    }

    /// The length of the first token; strings as a whole.
    fn token(text: &str) -> usize {
        let is_punctuation = |c: char| "[]{},:\"".contains(c);
        match text.strip_prefix('"') {
            Some(rest) => rest.find('"').map_or(text.len(), |end| end + 2),
            None if text.starts_with(is_punctuation) => 1,
            None => text.find(is_punctuation).unwrap_or(text.len()),
        }
    }

    /// If the kind is what serde_json says, as far as its text says something of the kind.
    fn is_kind(kind: &FaultKind, error: &serde_json::Error) -> Option<bool> {
        let text = error.to_string();
        let starts = |with: &str| error.is_data() && text.starts_with(with);
        Some(match kind {
            _ if starts("missing field ") => *kind == FaultKind::MissingField,
            _ if starts("unknown field ") => *kind == FaultKind::UnknownField,
            _ if starts("duplicate field ") => *kind == FaultKind::DuplicateField,
            _ if starts("unknown variant ") => *kind == FaultKind::UnknownVariant,
            // A key of the wrong type makes the object a wrong value.
            _ if starts("invalid type: ") => matches!(kind, FaultKind::InvalidType | FaultKind::InvalidValue),
            _ if starts("invalid value: ") => *kind == FaultKind::InvalidValue,
            _ if starts("invalid length ") => *kind == FaultKind::InvalidLength,
            _ => return None,
        })
    }

    fn agrees<'de, T: Deserialize<'de>>(texts: &'de [String], kinds: &mut [usize; 2]) {
        for text in texts {
            let error = serde_json::from_str::<T>(text).err();
            let fault = fault::<T>(text);
            assert_eq!(error.is_some(), fault.is_some(), "{text}: {error:?} {fault:?}");
            let (Some(error), Some(fault)) = (error, fault) else { continue };
            match is_kind(&fault.kind, &error) {
                Some(is_kind) => {
                    assert!(is_kind, "{text}: {error:?} {fault:?}");
                    kinds[0] += 1;
                }
                None => kinds[1] += usize::from(fault.kind == FaultKind::Format),
            }
            let path = fault.path.to_string();
            let shown = fault.to_string().replacen(&path, "", 1);
            for secret in ["hunter2", "Rust"] {
                assert!(!shown.contains(secret), "{text}: {shown}");
                assert!(
                    !fault.expected.iter().any(|expected| expected.contains(secret)),
                    "{text}: {fault:?}"
                );
            }
            assert!(path.len() <= 128);
        }
    }

    #[test]
    fn the_same_is_wrong_as_when_it_was_decoded() {
        let texts = mangled();
        assert!(texts.len() > 1000, "{}", texts.len());
        let mut kinds = [0; 2];
        agrees::<RustOrder>(&texts, &mut kinds);
        agrees::<RustItem>(&texts, &mut kinds);
        agrees::<RustMixed>(&texts, &mut kinds);
        agrees::<RustKeys>(&texts, &mut kinds);
        agrees::<RustFlat>(&texts, &mut kinds);
        agrees::<RustBorrowed<'_>>(&texts, &mut kinds);
        agrees::<RustExternal>(&texts, &mut kinds);
        agrees::<RustInternal>(&texts, &mut kinds);
        agrees::<RustAdjacent>(&texts, &mut kinds);
        agrees::<RustUntagged>(&texts, &mut kinds);
        agrees::<(RustOrder, RustTuple, RustInternal, String, f32, serde_json::Value)>(&texts, &mut kinds);
        agrees::<HashMap<String, serde_json::Value>>(&texts, &mut kinds);
        agrees::<serde_json::Value>(&texts, &mut kinds);
        agrees::<IgnoredAny>(&texts, &mut kinds);
        assert!(kinds.iter().all(|count| *count > 1000), "{kinds:?}");
    }
}

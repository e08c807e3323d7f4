//! Kind, path and expectation of each error.

use std::{borrow::Cow, collections::HashMap, fmt, net::IpAddr};

use serde::{
    Deserialize,
    de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor},
};

use super::types::*;
use crate::dispatch::diagnose::{FaultKind, diagnose};

#[test]
fn nothing_wrong() {
    fine::<RustOrder>(r#"{"to":"a","items":[{"id":1,"size":[2,-3],"tags":{"a":"red"}}],"unitPrice":1e3}"#);
    fine::<RustOrder>(r#"["a",[],null,5] "#);
    fine::<RustMixed>(r#"{"external":{"pair":[1,"a"]},"wide":[-1,340282366920938463463374607431768211455]}"#);
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
    fine::<Vec<RustExternal>>(concat!(
        r#"["unit",{"unit":null},{"new":1},{"wrapped":"red"},{"pair":[1,"a"]},{"fields":{"x":1}},"#,
        r#"{"fields":[1,true]}]"#,
    ));
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
    // A buffered value has no path of its own.
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

/// A visitor that reads a tag, then passes the rest on.
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

/// Runs with the stack size of the runtime's threads, also in builds without optimisation.
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

/// A wrong value that the program ignores is no error here either.
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

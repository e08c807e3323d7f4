//! Deliberate differences from serde, and limits of the format.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Debug,
};

use ignitia::{__private::decode, ClientMessage};
use serde::Deserialize;

use super::{Adjacent, Attributes, External, Flat, Internal, Strict, TEXTS, Unbuffered, difference, none};
use crate::typed::mangler::Mangler;

/// serde keeps the fields of an internally tagged enum in a buffer, which knows neither 128-bit
/// numbers nor keys other than strings. Ours are decoded as those of a struct, without a buffer.
#[test]
fn types_that_do_not_fit_into_serdes_buffer_are_decoded() {
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    #[serde(remote = "Unbuffered")]
    #[allow(dead_code)]
    enum Plain {
        Keys { numbers: HashMap<u32, u8> },
        Signed { by: BTreeMap<i8, bool> },
        Flags { by: BTreeMap<bool, u8> },
        Wide { wide: i128, wider: Option<u128> },
        Letters { by: BTreeMap<char, u8> },
    }
    let seeds = [
        r#"{"type":"keys","numbers":{"1":2,"3":4}}"#,
        r#"{"numbers":{},"type":"keys"}"#,
        r#"{"type":"signed","by":{"-1":true}}"#,
        r#"{"type":"flags","by":{"true":1}}"#,
        r#"{"type":"wide","wide":1,"wider":2}"#,
        r#"{"type":"letters","by":{"a":1}}"#,
    ];
    for seed in seeds {
        assert!(decode::<Unbuffered>(seed, None).is_ok(), "{seed}");
    }
    let mut mangler = Mangler::new(&seeds);
    let (mut differences, mut accepted, mut compared) = (Vec::new(), [0; 2], 0);
    for _ in 0..TEXTS {
        let text = mangler.next();
        let ours = decode::<Unbuffered>(&text, None).map(|decoded| decoded.message).ok();
        let buffered = serde_json::from_str::<Unbuffered>(&text).ok();
        accepted[0] += usize::from(ours.is_some());
        accepted[1] += usize::from(buffered.is_some());
        if buffered.is_some() && ours != buffered {
            differences.push(format!("{text}\n   ours: {ours:?}\n  serde: {buffered:?}"));
        }
        // The same message, externally tagged: serde reads that without a buffer.
        let Ok(serde_json::Value::Object(mut fields)) = serde_json::from_str(&text) else { continue };
        if let (Some(ours), Some(serde_json::Value::String(tag))) = (&ours, fields.remove("type")) {
            let external = serde_json::json!({tag: fields}).to_string();
            let mut external = serde_json::Deserializer::from_str(&external);
            // A `Value` makes a float of a number that has more than 64 bits.
            if let Ok(plain) = Plain::deserialize(&mut external) {
                assert_eq!(&plain, ours, "{text}");
                compared += 1;
            }
        }
    }
    assert!(accepted[0] > accepted[1] && accepted[1] > 100 && compared > 1_000, "{accepted:?} {compared}");
    none(differences);
}

/// serde buffers content that stands before its tag, and refuses there what it reads behind it.
#[test]
fn content_before_its_tag_is_decoded_as_behind_it() {
    #[derive(Debug, PartialEq, Deserialize, ClientMessage)]
    #[serde(tag = "t", content = "c", deny_unknown_fields)]
    enum Wide {
        Keys { keys: BTreeMap<u32, u8> },
        Number(u128),
    }
    for (text, id) in [
        (r#"{"t":"Keys","c":{"keys":{"1":2}}}"#, None),
        (r#"{"c":{"keys":{"1":2}},"t":"Keys"}"#, None),
        (r#"{"c":340282366920938463463374607431768211455,"t":"Number"}"#, None),
        (r#"{"id":7,"c":{"keys":{"1":2}},"t":"Keys"}"#, Some("7")),
        (r#"{"c":{"keys":{"1":2}},"t":"Keys","id":"x"}"#, Some("\"x\"")),
        (r#"{"c":{"keys":{"1":2}},"t":"Keys","id":null}"#, None),
    ] {
        let decoded = decode::<Wide>(text, Some("id")).unwrap();
        assert_eq!(decoded.id.map(|id| serde_json::to_string(&id).unwrap()).as_deref(), id, "{text}");
    }
    for (text, code) in [
        (r#"{"c":{"keys":{"1":2}},"t":"Keys","id":true}"#, "invalid_id"),
        (r#"{"c":{"keys":{"1":2}},"t":"Keys","id":1,"id":2}"#, "invalid_id"),
        (r#"{"t":"Keys","c":{"keys":{"1":2}},"t":"Keys"}"#, "duplicate_field"),
        (r#"{"c":{"keys":{"1":2}},"t":"Keys","c":{"keys":{}}}"#, "duplicate_field"),
        (r#"{"c":{"keys":{"1":2}},"t":"Keys","other":1}"#, "unknown_field"),
        (r#"{"c":{"keys":{"x":2}},"t":"Keys"}"#, "invalid_value"),
        (r#"{"c":{"keys":{"1":2}},"t":"Keys"} x"#, "invalid_json"),
    ] {
        let malformed = decode::<Wide>(text, Some("id")).map(|decoded| decoded.message).unwrap_err();
        assert_eq!(malformed.code(), code, "{text}: {malformed}");
    }
}

/// Limits of the format, which no mutation finds.
const LIMITS: &[&str] = &[
    "1e999",
    "-1e999",
    "1e-999",
    r#""\ud800""#,
    r#""\udc00\ud800""#,
    r#""\ud800x""#,
    r#""\ud83d\ude00""#,
    "\"\u{7f}\"",
];

fn limits() -> Vec<String> {
    let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let mut limits: Vec<String> = LIMITS.iter().map(|&limit| limit.to_owned()).collect();
    limits.extend([100, 124, 125, 126, 127, 128, 10_000].map(nested));
    limits.extend([format!("{}1{}", r#"{"a":"#.repeat(10_000), "}".repeat(10_000)), "9".repeat(400)]);
    limits
}

fn cut(text: &str) -> String {
    text.lines().map(|line| line.chars().take(150).collect::<String>() + "\n").collect()
}

#[test]
fn limits_of_depth_numbers_and_surrogates_are_those_of_serde_json() {
    let mut differences = Vec::new();
    for value in limits() {
        for text in [
            format!(r#"{{"type":"fields","text":{value},"to":1}}"#),
            format!(r#"{{"text":{value},"type":"fields","to":1}}"#),
            format!(r#"{{"type":"wide","value":{value},"list":[]}}"#),
            format!(r#"{{"value":{value},"type":"wide","list":[]}}"#),
            format!(r#"{{"type":{value}}}"#),
            format!(r#"{{"type":"new","name":{value}}}"#),
            format!(r#"{{"type":"map","a":{value}}}"#),
        ] {
            differences.extend(difference::<Internal>(&text).map(|difference| cut(&difference)));
        }
    }
    none(differences);
}

/// Unknown fields are skipped, as serde does without a buffer: they may be deeper than a value may
/// be, and their numbers and strings are not parsed.
#[test]
fn limits_do_not_hold_for_unknown_fields() {
    for value in limits() {
        for text in [
            format!(r#"{{"type":"fields","text":"","to":1,"x":{value}}}"#),
            format!(r#"{{"x":{value},"type":"fields","text":"","to":1}}"#),
            format!(r#"{{"text":"","x":{value},"to":1,"type":"fields"}}"#),
        ] {
            let external = format!(r#"{{"fields":{{"text":"","x":{value}}}}}"#);
            assert!(serde_json::from_str::<External>(&external).is_ok(), "{}", cut(&text));
            assert!(decode::<Internal>(&text, None).is_ok(), "{}", cut(&text));
        }
    }
}

/// serde accepts the number of a variant for a tag that it has buffered; ours are strings only.
#[test]
fn a_number_is_refused_as_a_tag() {
    let text = r#"{"kind":"nested","type":0,"a":1}"#;
    assert!(serde_json::from_str::<Attributes>(text).is_ok());
    assert_eq!(decode::<Attributes>(text, None).unwrap_err().code(), "invalid_type");
}

/// With an agreed id, messages have the same values as without.
#[test]
fn an_id_changes_nothing_else() {
    fn check<T>(seeds: &[&str])
    where
        T: for<'de> ClientMessage<'de> + Debug + PartialEq,
    {
        let mut mangler = Mangler::new(seeds);
        let (mut differences, mut with_id) = (Vec::new(), 0);
        for _ in 0..TEXTS {
            let text = mangler.next();
            // The name of the id is none of the mangler's keys.
            let Some(body) = text.trim_start().strip_prefix('{') else { continue };
            for (id, expected) in
                [("7", true), (r#""a""#, true), ("null", true), ("[7]", false), ("true", false)]
            {
                let comma = if body.trim_start().starts_with('}') { "" } else { "," };
                let text_with_id = format!("{{\"\\u0023\":{id}{comma}{body}");
                let ours = decode::<T>(&text_with_id, Some("#"));
                let plain = serde_json::from_str::<T>(&text);
                let differs = match (&ours, &plain) {
                    (Ok(ours), Ok(plain)) => {
                        with_id += 1;
                        !expected || ours.message != *plain || ours.id.is_none() != (id == "null")
                    }
                    (Err(_), Err(_)) => false,
                    (Err(_), Ok(_)) => expected,
                    (Ok(_), Err(_)) => true,
                };
                if differs {
                    differences.push(format!("{text_with_id}\n   ours: {ours:?}\n  serde: {plain:?}"));
                }
            }
        }
        assert!(with_id > TEXTS / 20);
        none(differences);
    }

    check::<Internal>(&[
        r#"{"type":"unit"}"#,
        r#"{"type":"fields","text":"a","to":7}"#,
        r#"{"text":"a","type":"fields","to":7,"back":-1}"#,
        r#"{"type":"new","name":"n","tags":["red",{"rgb":[1,2,3]}]}"#,
        r#"{"type":"map","a":1,"b":2}"#,
    ]);
    check::<Strict>(&[
        r#"{"type":"unit"}"#,
        r#"{"type":"fields","text":"a","to":7}"#,
        r#"{"to":7,"message":"a","type":"fields"}"#,
    ]);
    check::<Flat>(&[
        r#"{"type":"both","text":"t","room":"r","urgent":true}"#,
        r#"{"c":null,"type":"rest"}"#,
        r#"{"type":"plain","a":1}"#,
    ]);
    check::<Adjacent>(&[
        r#"{"t":"unit"}"#,
        r#"{"t":"fields","c":{"text":"a","to":1}}"#,
        r#"{"c":[1,"x"],"t":"pair"}"#,
    ]);
}

//! Attributes of variants and fields.

use std::collections::BTreeMap;

use ignitia::{ClientMessage, prelude::*};
use serde::{Deserialize, Deserializer, de::Error as _};

use super::{Understood, check, understood};

#[derive(Debug, Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Lenient {
    Known {
        a: u8,
    },
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize, ClientMessage)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
enum LenientAdjacent {
    Known {
        a: u8,
    },
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize, ClientMessage)]
#[serde(rename_all = "snake_case")]
enum LenientExternal {
    Known {
        a: u8,
    },
    #[serde(other)]
    Other,
}

#[websocket("/internal", on_message)]
async fn lenient(message: Lenient) -> Understood {
    understood(&message)
}

#[websocket("/adjacent", on_message)]
async fn lenient_adjacent(message: LenientAdjacent) -> Understood {
    understood(&message)
}

#[websocket("/external", on_message)]
async fn lenient_external(message: LenientExternal) -> Understood {
    understood(&message)
}

#[tokio::test]
async fn unknown_variants_become_other() {
    let router = || Router::new().mount(lenient).mount(lenient_adjacent).mount(lenient_external);
    check(
        router(),
        "/internal",
        &[
            (r#"{"type":"known","a":1}"#, "Known { a: 1 }"),
            (r#"{"a":1,"type":"known"}"#, "Known { a: 1 }"),
            (r#"{"type":"known","a":"x"}"#, "invalid_type"),
            (r#"{"type":"new in the next version","b":[1,{}]}"#, "Other"),
            (r#"{"b":[1,{}],"type":"new"}"#, "Other"),
            (r#"{"type":"other"}"#, "Other"),
            (r#"{"b":1}"#, "missing_tag"),
            (r#"{"type":1}"#, "invalid_type"),
        ],
    )
    .await;
    check(
        router(),
        "/adjacent",
        &[
            (r#"{"type":"known","data":{"a":1}}"#, "Known { a: 1 }"),
            (r#"{"type":"new"}"#, "Other"),
            (r#"{"type":"new","data":null}"#, "Other"),
        ],
    )
    .await;
    check(router(), "/external", &[(r#"{"known":{"a":1}}"#, "Known { a: 1 }"), (r#""new""#, "Other")]).await;
}

fn seven() -> u8 {
    7
}

fn even<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    let number = u8::deserialize(deserializer)?;
    if number % 2 == 0 { Ok(number) } else { Err(D::Error::custom(format!("{number} is a secret"))) }
}

#[derive(Debug, Deserialize)]
struct Common {
    room: String,
    #[serde(default)]
    urgent: bool,
}

#[derive(Debug, Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Strict {
    Fields {
        a: u8,
        #[serde(default)]
        b: String,
        #[serde(default = "seven")]
        c: u8,
        #[serde(default, deserialize_with = "even")]
        d: u8,
        #[serde(skip)]
        e: u8,
    },
    Unit,
}

#[derive(Debug, Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Flat {
    Both {
        text: String,
        #[serde(flatten)]
        common: Common,
    },
    Rest {
        #[serde(flatten)]
        rest: BTreeMap<String, u8>,
    },
    Plain {
        a: u8,
    },
}

#[websocket("/strict", on_message)]
async fn strict(message: Strict) -> Understood {
    understood(&message)
}

#[websocket("/flat", on_message)]
async fn flat(message: Flat) -> Understood {
    understood(&message)
}

#[tokio::test]
async fn defaults_unknown_fields_and_custom_functions_hold() {
    check(
        Router::new().mount(strict),
        "/strict",
        &[
            (r#"{"type":"fields","a":1}"#, r#"Fields { a: 1, b: "", c: 7, d: 0, e: 0 }"#),
            (
                r#"{"d":4,"c":3,"b":"2","a":1,"type":"fields"}"#,
                r#"Fields { a: 1, b: "2", c: 3, d: 4, e: 0 }"#,
            ),
            (r#"{"type":"fields","a":1,"d":5}"#, "invalid"),
            (r#"{"d":5,"type":"fields","a":1}"#, "invalid"),
            (r#"{"type":"fields","a":1,"e":5}"#, "unknown_field"),
            (r#"{"x":5,"type":"fields","a":1}"#, "unknown_field"),
            (r#"{"type":"fields","a":1,"b":null}"#, "invalid_type"),
            (r#"{"type":"unit"}"#, "Unit"),
        ],
    )
    .await;
}

#[tokio::test]
async fn flattened_fields_are_decoded() {
    check(
        Router::new().mount(flat),
        "/flat",
        &[
            (
                r#"{"type":"both","text":"t","room":"r"}"#,
                r#"Both { text: "t", common: Common { room: "r", urgent: false } }"#,
            ),
            (
                r#"{"urgent":true,"room":"r","type":"both","text":"t"}"#,
                r#"Both { text: "t", common: Common { room: "r", urgent: true } }"#,
            ),
            (r#"{"type":"rest"}"#, "Rest { rest: {} }"),
            (r#"{"b":2,"type":"rest","a":1}"#, r#"Rest { rest: {"a": 1, "b": 2} }"#),
            (r#"{"type":"plain","a":1}"#, "Plain { a: 1 }"),
            (r#"{"type":"both","text":"t"}"#, "missing_field"),
            (r#"{"type":"rest","a":"x"}"#, "invalid_type"),
        ],
    )
    .await;
}

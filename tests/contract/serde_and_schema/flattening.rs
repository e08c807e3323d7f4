//! Fields of other types beside those of a message.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::in_all_representations;

#[derive(Serialize, Deserialize, JsonSchema)]
struct Common {
    room: String,
    #[serde(default)]
    urgent: bool,
    #[serde(flatten)]
    place: Place,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Place {
    x: i32,
    y: Option<i32>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind")]
enum Kind {
    Text { text: String },
    Number { number: u8 },
    Nothing,
}

#[derive(Serialize, Deserialize, JsonSchema)]
enum Named {
    Text(String),
    Number { number: u8 },
}

in_all_representations! {
    structs {
        Both { text: String, #[serde(flatten)] common: Common },
        Alone { #[serde(flatten)] common: Common },
        Two { #[serde(flatten)] common: Common, #[serde(flatten)] defaults: Defaults },
        New(Common),
    } []

    options {
        Maybe { text: String, #[serde(flatten)] place: Option<Place> },
    } [Messages::Maybe { text: "a".into(), place: None }]

    maps {
        Any { a: Option<u8>, #[serde(flatten)] rest: BTreeMap<String, serde_json::Value> },
        Numbers { #[serde(flatten)] rest: BTreeMap<String, i32> },
    } []

    enums {
        Tagged { flag: Option<bool>, #[serde(flatten)] kind: Kind },
        Named { a: u8, #[serde(flatten)] named: Named },
    } []
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct Defaults {
    colour: String,
    width: f32,
}

impl Default for Defaults {
    fn default() -> Self {
        Self { colour: "red".into(), width: 1.5 }
    }
}

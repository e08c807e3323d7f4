//! serde's attributes.

use ignitia::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{agree, agreement, in_all_representations};

#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
struct Options {
    first_option: bool,
    #[serde(rename = "2nd option", default)]
    second: u8,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct Defaults {
    text: String,
    number: u64,
    options: Options,
}

impl Default for Defaults {
    fn default() -> Self {
        Self { text: "none".into(), number: 7, options: Options::default() }
    }
}

fn three() -> u8 {
    3
}

fn is_three(number: &u8) -> bool {
    *number == 3
}

in_all_representations! {
    renamed #[serde(rename_all = "SCREAMING-KEBAB-CASE", rename_all_fields = "camelCase")] {
        OneWord { two_words: u8, #[serde(rename = "with space")] other: u8 },
        #[serde(rename = "quoted \"x\" \\ ü 🦀")]
        Quoted { options: Options },
        #[serde(rename_all = "PascalCase")]
        Inner { two_words: u8, #[serde(rename = "")] empty: u8, #[serde(rename = "constructor")] member: u8 },
        #[serde(rename = "a/b~c")]
        Pointer,
        #[serde(rename(serialize = "written", deserialize = "read"))]
        Both { #[serde(rename(serialize = "out", deserialize = "in"))] field: u8 },
    } []

    optional {
        Default { #[serde(default)] text: String, #[serde(default = "three")] number: u8 },
        Skipped { #[serde(skip)] skipped: u8, kept: u8 },
        SkippedIf {
            #[serde(skip_serializing_if = "Option::is_none")] maybe: Option<u8>,
            #[serde(default, skip_serializing_if = "Vec::is_empty")] list: Vec<u8>,
            #[serde(default = "three", skip_serializing_if = "is_three")] number: u8,
        },
        OneWay {
            #[serde(skip_serializing, default)] read: u8,
            #[serde(skip_deserializing)] written: u8,
        },
        Defaults { #[serde(default)] defaults: Defaults, required: Defaults },
        Whole(Defaults),
        #[serde(skip)]
        #[allow(dead_code, reason = "it is in no schema")]
        Never { number: u8 },
        #[serde(skip_deserializing)]
        OnlyWritten { number: u8 },
    } [Messages::OnlyWritten { number: 1 }]

    strict #[serde(deny_unknown_fields)] {
        Empty {},
        Fields { text: String, #[serde(default)] number: u8 },
        New(Options),
        Strict(Strict),
    } []
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Strict {
    text: String,
    options: Option<Options>,
}

/// Messages that older servers know by other names, and newer clients may add to.
macro_rules! with_others {
    ($($name:ident $(#[$attribute:meta])*;)*) => {$(
        #[derive(Serialize, Deserialize, JsonSchema, ClientMessage, ServerMessage)]
        $(#[$attribute])*
        enum $name {
            #[serde(alias = "speak")]
            Say { #[serde(alias = "message", alias = "txt")] text: String },
            #[serde(other)]
            Other,
        }
    )*};
}

with_others! {
    Internal #[serde(tag = "type")];
    Adjacent #[serde(tag = "type", content = "data")];
}

/// Messages for which there is an answer only.
#[derive(Serialize, Deserialize, JsonSchema, ClientMessage)]
#[serde(tag = "type")]
enum Ask {
    #[serde(skip_serializing)]
    OnlyRead {
        number: u8,
    },
    Both,
}

#[derive(Serialize, JsonSchema, ServerMessage)]
#[serde(tag = "type")]
enum Tell {
    Heard,
    #[serde(skip_deserializing)]
    OnlyWritten {
        number: u8,
    },
}

#[websocket("/", on_message)]
async fn answer(ask: Ask) -> Tell {
    match ask {
        Ask::OnlyRead { number } => Tell::OnlyWritten { number },
        Ask::Both => Tell::Heard,
    }
}

#[tokio::test]
async fn variants_of_one_direction() {
    agreement::<Tell>(Router::new().mount(answer), &[]).await;
}

agree! {
    other_and_alias_beside_the_fields: Internal, [Internal::Other];
    other_and_alias_beside_the_content: Adjacent, [Adjacent::Other];
}

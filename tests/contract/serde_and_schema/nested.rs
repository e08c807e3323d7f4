//! Enums within messages, in each representation.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::in_all_representations;

macro_rules! enums {
    ($($name:ident $(#[$attribute:meta])*;)*) => {$(
        #[derive(Serialize, Deserialize, JsonSchema)]
        $(#[$attribute])*
        enum $name {
            Unit,
            /// Documented.
            Documented,
            Fields { text: String, more: Vec<$name> },
            Map(BTreeMap<String, u8>),
        }
    )*};
}

enums! {
    Internal #[serde(tag = "kind")];
    Adjacent #[serde(tag = "kind", content = "of")];
    External;
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Untagged {
    Number(i32),
    Text(String),
    Fields { text: String, number: Option<u8> },
    Nothing,
}

#[derive(Serialize, Deserialize, JsonSchema)]
enum Words {
    Yes,
    No,
}

in_all_representations! {
    fields {
        Internal { of: Internal, list: Vec<Internal> },
        Adjacent { of: Adjacent, maybe: Option<Adjacent> },
        External { of: External, map: BTreeMap<String, External> },
        Untagged { of: Untagged, list: Vec<Untagged> },
        Words { of: Words, maybe: Option<Words> },
    } []

    payloads {
        Internal(Internal),
        Adjacent(Adjacent),
    } []
}

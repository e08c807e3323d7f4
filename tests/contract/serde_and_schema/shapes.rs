//! Shapes of variants, and the types of their fields that JSON has.

use std::collections::BTreeMap;

use ignitia::{ClientMessage, ServerMessage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{agree, in_all_representations};

#[derive(Serialize, Deserialize, JsonSchema)]
struct Body {
    name: String,
    count: Option<u8>,
}

in_all_representations! {
    shapes {
        Unit,
        /// A variant whose documentation makes schemars describe it apart.
        Documented,
        Empty {},
        Fields { text: String, number: i32 },
        New(Body),
        /// A body in a box.
        Boxed(Box<Body>),
        Map(BTreeMap<String, i64>),
    } [Messages::Map(BTreeMap::from([("__proto__".into(), i64::MIN)]))]

    numbers {
        Signed { a: i8, b: i16, c: i32, d: i64, e: isize },
        Unsigned { a: u8, b: u16, c: u32, d: u64, e: usize },
        Fractions { short: f32, long: f64 },
        NonZero { short: std::num::NonZeroU8, long: std::num::NonZeroI64 },
        Others { letter: char, flag: bool, nothing: () },
    } [
        Messages::Signed { a: -128, b: i16::MIN, c: i32::MIN, d: i64::MIN, e: isize::MIN },
        Messages::Unsigned { a: 255, b: u16::MAX, c: u32::MAX, d: u64::MAX, e: usize::MAX },
        Messages::Fractions { short: f32::MAX, long: f64::MIN_POSITIVE },
        Messages::Others { letter: '\u{10ffff}', flag: true, nothing: () },
    ]

    one_variant { Only { text: String } } []
    one_unit { Only } []
    documented_units {
        /// The first.
        A,
        /// The second.
        B,
    } []
}

/// Tuples and scalars, which have no place beside a tag.
macro_rules! with_content {
    ($($name:ident $(#[$attribute:meta])*;)*) => {$(
        #[derive(Serialize, Deserialize, JsonSchema, ClientMessage, ServerMessage)]
        $(#[$attribute])*
        enum $name {
            Number(i64),
            Text(String),
            Letter(char),
            Maybe(Option<Body>),
            List(Vec<Body>),
            Pair(u8, String),
            Tuple((u8, Body)),
            Three(Option<bool>, [u8; 2], Vec<String>),
            NoElements(),
        }
    )*};
}

with_content! {
    Adjacent #[serde(tag = "t", content = "c")];
    External;
}

agree! {
    tuples_beside_a_tag: Adjacent, [Adjacent::Maybe(None)];
    tuples_beside_an_id: Adjacent, id = "#", [];
    tuples_below_a_name: External, [External::Maybe(None)];
}

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use serde::{
    Serializer,
    ser::{
        Error as _, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
        SerializeTupleStruct, SerializeTupleVariant,
    },
};
use serde_json::{json, value::RawValue};

use super::*;

/// Checks that a value is written as `serde_json` writes it, errors included.
fn check<T: Serialize + ?Sized>(value: &T) {
    match (to_vec(value), serde_json::to_vec(value)) {
        (Ok(ours), Ok(theirs)) => {
            assert_eq!(String::from_utf8_lossy(&ours), String::from_utf8_lossy(&theirs));
            assert!(ours == theirs);
        }
        (ours, theirs) => {
            let texts = (ours.map_err(|error| error.to_string()), theirs.map_err(|error| error.to_string()));
            assert_eq!(texts.0, texts.1);
            assert!(texts.0.is_err());
        }
    }
}

/// A generator of pseudo-random numbers.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn of<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())]
    }
}

const NAMES: &[&str] = &[
    "",
    "a",
    "id",
    "len",
    "type",
    "quote\"d",
    "\\",
    "\n",
    "tab\there",
    "$serde_json::private",
    "names_of_sixteen",
    "größe",
    "a name of more than sixteen bytes",
];

const TEXTS: &[&str] =
    &["", "x", "\u{7f}", "\u{1f}", "ü", "\u{2028}", "0123456789abcdef", "\"", "C:\\dir", "日本"];

/// A value of serde's data model.
enum Shape {
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Huge(i128, u128),
    Float(f64, f32),
    Char(char),
    Text(String),
    Displayed(String),
    Bytes(Vec<u8>),
    Nothing,
    Some(Box<Shape>),
    Unit,
    UnitStruct(&'static str),
    UnitVariant(&'static str),
    NewtypeStruct(&'static str, Box<Shape>),
    NewtypeVariant(&'static str, Box<Shape>),
    Seq(Option<usize>, Vec<Shape>),
    Tuple(Vec<Shape>),
    TupleStruct(&'static str, Vec<Shape>),
    TupleVariant(&'static str, Vec<Shape>),
    Map(Option<usize>, Vec<(Shape, Shape)>),
    Struct(&'static str, Vec<(&'static str, Shape)>),
    StructVariant(&'static str, Vec<(&'static str, Shape)>),
    Failure,
}

impl Shape {
    fn text(random: &mut Random) -> String {
        (0..random.below(4)).map(|_| random.of(TEXTS)).collect()
    }

    fn random(random: &mut Random, depth: usize) -> Self {
        let name = random.of(NAMES);
        let boxed = |random: &mut Random| Box::new(Self::random(random, depth - 1));
        let many = |random: &mut Random| (0..random.below(4)).map(|_| *boxed(random)).collect::<Vec<_>>();
        let fields =
            |random: &mut Random| (0..random.below(4)).map(|_| (random.of(NAMES), *boxed(random))).collect();
        match random.below(if depth == 0 { 13 } else { 25 }) {
            0 => Self::Bool(random.below(2) == 0),
            1 => Self::Signed(random.of(&[0, -1, 7, i64::MIN, i64::MAX])),
            2 => Self::Unsigned(random.of(&[0, 9, 10, 255, u64::MAX])),
            3 => Self::Huge(random.of(&[0, i128::MIN]), random.of(&[0, u128::MAX])),
            4 => Self::Float(
                random.of(&[0.0, -0.0, 0.1, 1e300, f64::NAN, f64::INFINITY, 5e-324]),
                random.of(&[0.1, f32::NEG_INFINITY, 3.0]),
            ),
            5 => Self::Char(random.of(&['a', '"', '\u{1}', '😀'])),
            6 | 7 => Self::Text(Self::text(random)),
            8 => Self::Displayed(Self::text(random)),
            9 => Self::Bytes(Self::text(random).into()),
            10 => random.of::<fn() -> Self>(&[|| Self::Nothing, || Self::Unit])(),
            11 => Self::UnitStruct(name),
            12 => Self::UnitVariant(name),
            13 => Self::Some(boxed(random)),
            14 => Self::NewtypeStruct(name, boxed(random)),
            15 => Self::NewtypeVariant(name, boxed(random)),
            16 => {
                let values = many(random);
                Self::Seq(Some(values.len()).filter(|_| random.below(2) == 0), values)
            }
            17 => Self::Tuple(many(random)),
            18 => Self::TupleStruct(name, many(random)),
            19 => Self::TupleVariant(name, many(random)),
            20 => {
                let entries: Vec<_> =
                    (0..random.below(4)).map(|_| (*boxed(random), *boxed(random))).collect();
                Self::Map(Some(entries.len()).filter(|_| random.below(2) == 0), entries)
            }
            21 => {
                let text = |random: &mut Random| Self::Text(Self::text(random));
                Self::Map(None, (0..random.below(4)).map(|_| (text(random), *boxed(random))).collect())
            }
            22 => Self::Struct(name, fields(random)),
            23 => Self::StructVariant(name, fields(random)),
            _ if random.below(20) == 0 => Self::Failure,
            _ => Self::Struct("Struct", fields(random)),
        }
    }
}

impl Serialize for Shape {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Signed(value) => match *value {
                7 => (7_i8, 7_i16, 7_i32).serialize(serializer),
                value => serializer.serialize_i64(value),
            },
            Self::Unsigned(value) => match *value {
                9 => (9_u8, 9_u16, 9_u32, 9_usize).serialize(serializer),
                value => serializer.serialize_u64(value),
            },
            Self::Huge(signed, unsigned) => (signed, unsigned).serialize(serializer),
            Self::Float(double, single) => (double, single).serialize(serializer),
            Self::Char(value) => serializer.serialize_char(*value),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Displayed(text) => serializer.collect_str(&format_args!("{text}{text}")),
            Self::Bytes(bytes) => serializer.serialize_bytes(bytes),
            Self::Nothing => serializer.serialize_none(),
            Self::Some(value) => serializer.serialize_some(value),
            Self::Unit => serializer.serialize_unit(),
            Self::UnitStruct(name) => serializer.serialize_unit_struct(name),
            Self::UnitVariant(name) => serializer.serialize_unit_variant("Enum", 0, name),
            Self::NewtypeStruct(name, value) => serializer.serialize_newtype_struct(name, value),
            Self::NewtypeVariant(name, value) => serializer.serialize_newtype_variant("Enum", 0, name, value),
            Self::Seq(length, values) => {
                let mut seq = serializer.serialize_seq(*length)?;
                values.iter().try_for_each(|value| seq.serialize_element(value))?;
                seq.end()
            }
            Self::Tuple(values) => {
                let mut tuple = serializer.serialize_tuple(values.len())?;
                values.iter().try_for_each(|value| tuple.serialize_element(value))?;
                tuple.end()
            }
            Self::TupleStruct(name, values) => {
                let mut tuple = serializer.serialize_tuple_struct(name, values.len())?;
                values.iter().try_for_each(|value| tuple.serialize_field(value))?;
                tuple.end()
            }
            Self::TupleVariant(name, values) => {
                let mut tuple = serializer.serialize_tuple_variant("Enum", 0, name, values.len())?;
                values.iter().try_for_each(|value| tuple.serialize_field(value))?;
                tuple.end()
            }
            Self::Map(length, entries) => {
                let mut map = serializer.serialize_map(*length)?;
                for (index, (key, value)) in entries.iter().enumerate() {
                    if index % 2 == 0 {
                        map.serialize_entry(key, value)?;
                    } else {
                        map.serialize_key(key)?;
                        map.serialize_value(value)?;
                    }
                }
                map.end()
            }
            Self::Struct(name, fields) => {
                let mut object = serializer.serialize_struct(name, fields.len())?;
                fields.iter().try_for_each(|(name, value)| object.serialize_field(name, value))?;
                object.end()
            }
            Self::StructVariant(name, fields) => {
                let mut object = serializer.serialize_struct_variant("Enum", 0, name, fields.len())?;
                fields.iter().try_for_each(|(name, value)| object.serialize_field(name, value))?;
                object.end()
            }
            Self::Failure => Err(S::Error::custom("refused")),
        }
    }
}

#[test]
fn any_value_is_written_as_serde_json_writes_it() {
    let mut random = Random(11);
    for _ in 0..20_000 {
        let shape = Shape::random(&mut random, 4);
        check(&shape);
    }
}

#[test]
fn every_byte_is_escaped_wherever_it_stands_in_a_text_of_any_length() {
    for character in (0..=0x100).filter_map(char::from_u32) {
        for length in 0..20 {
            for at in 0..=length {
                let mut text = "x".repeat(length);
                text.insert(at, character);
                check(&text);
                check(&BTreeMap::from([(text, 1)]));
            }
        }
    }
}

#[test]
fn names_of_any_length_are_written_as_serde_json_writes_them() {
    const LONG: &str = "a_name_of_a_field_that_is_longer_than_nearly_all";
    for length in 0..=LONG.len() {
        let name = &LONG[..length];
        let fields = || vec![(name, Shape::Unit), (name, Shape::UnitVariant(name))];
        check(&Shape::Struct(name, fields()));
        check(&Shape::StructVariant(name, fields()));
    }
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Internal<'a> {
    Nothing,
    #[serde(rename = "re\"named\\")]
    Renamed {
        #[serde(rename = "new\nline")]
        newline: u8,
    },
    Optional {
        #[serde(skip_serializing_if = "Option::is_none")]
        left_out: Option<u8>,
        #[serde(skip)]
        _skipped: u8,
        kept: Option<u8>,
    },
    AllOptional {
        #[serde(skip_serializing_if = "Option::is_none")]
        left_out: Option<u8>,
    },
    Flat {
        #[serde(flatten)]
        inner: Inner,
        #[serde(flatten)]
        rest: BTreeMap<String, u8>,
        last: (),
    },
    Newtype(Inner),
    NewtypeMap(HashMap<u64, Inner>),
    Unit(()),
    With {
        #[serde(serialize_with = "in_hex")]
        hex: u64,
    },
    Raw {
        raw: &'a RawValue,
        boxed: Box<RawValue>,
        many: Vec<&'a RawValue>,
    },
    Values {
        value: serde_json::Value,
        number: serde_json::Number,
        text: Cow<'a, str>,
    },
    Nested {
        external: Vec<External>,
        adjacent: (Adjacent, Adjacent),
        untagged: [Untagged; 3],
    },
}

fn in_hex<S: Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{value:#x}"))
}

#[derive(Serialize, Clone)]
struct Inner {
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Box<Inner>>,
}

#[derive(Serialize)]
enum External {
    Unit,
    Newtype(Inner),
    Tuple(u8, Inner),
    Struct { a: u8, b: Option<bool> },
    Empty {},
}

#[derive(Serialize)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Unit,
    Struct { a: f32 },
}

#[derive(Serialize)]
#[serde(untagged)]
enum Untagged {
    Number(i8),
    Tuple(u8, u8),
    Struct { key: char },
}

#[test]
fn what_serde_derives_is_written_as_serde_json_writes_it() {
    let inner = Inner { name: "in \"quotes\"", next: Some(Box::new(Inner { name: "plain", next: None })) };
    let raw: &RawValue = serde_json::from_str(r#"{ "a" : [1.50, "é"] }"#).expect("JSON");
    for message in [
        Internal::Nothing,
        Internal::Renamed { newline: 1 },
        Internal::Optional { left_out: None, _skipped: 1, kept: None },
        Internal::Optional { left_out: Some(1), _skipped: 1, kept: Some(2) },
        Internal::AllOptional { left_out: None },
        Internal::Flat {
            inner: inner.clone(),
            rest: BTreeMap::from([("x".into(), 1), ("\"".into(), 2)]),
            last: (),
        },
        Internal::Newtype(inner.clone()),
        Internal::NewtypeMap(HashMap::from([(7, inner.clone())])),
        Internal::Unit(()),
        Internal::With { hex: 255 },
        Internal::Raw { raw, boxed: raw.to_owned(), many: vec![raw, raw] },
        Internal::Values {
            value: json!({"a": [null, 1.5, {"b": {}}], "c": "\u{8}"}),
            number: serde_json::from_str("1e400").unwrap_or_else(|_| 12.into()),
            text: "\u{c}".into(),
        },
        Internal::Nested {
            external: vec![
                External::Unit,
                External::Newtype(inner.clone()),
                External::Tuple(1, inner.clone()),
                External::Struct { a: 1, b: Some(true) },
                External::Empty {},
            ],
            adjacent: (Adjacent::Unit, Adjacent::Struct { a: 0.1 }),
            untagged: [Untagged::Number(-1), Untagged::Tuple(1, 2), Untagged::Struct { key: '"' }],
        },
    ] {
        check(&message);
    }
    check(raw);
}

#[test]
fn keys_of_maps_are_those_that_serde_json_takes() {
    check(&HashMap::from([(true, 1)]));
    check(&HashMap::from([('"', 1)]));
    check(&HashMap::from([(Some("some"), 1)]));
    check(&HashMap::from([(None::<u8>, 1)]));
    check(&HashMap::from([((1, 2), 1)]));
    check(&BTreeMap::from([(1_u128, 'a'), (2, 'b'), (3, 'c')]));
    check(&BTreeMap::<u8, u8>::new());
}

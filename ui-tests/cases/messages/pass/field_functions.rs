//! Functions that make or read fields: whatever fits serde's derive fits ours.

use std::{borrow::Cow, collections::HashMap, marker::PhantomData};

use ignitia::prelude::*;
use serde::{Deserialize, Deserializer, de::Error as _};

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg<'a> {
    Make {
        #[serde(default = "Vec::new")]
        list: Vec<u8>,
        #[serde(default = "HashMap::<String, u8>::new")]
        map: HashMap<String, u8>,
        #[serde(default = "text")]
        text: Box<dyn Text>,
        #[serde(borrow, default = "hello")]
        greeting: Cow<'a, str>,
        #[serde(skip)]
        nothing: PhantomData<u8>,
        #[serde(skip, default = "five")]
        five: Five,
    },
    Read {
        #[serde(deserialize_with = "any")]
        any: Vec<u8>,
        #[serde(deserialize_with = "Deserialize::deserialize")]
        by_trait: String,
        #[serde(with = "hexadecimal")]
        number: u32,
        #[serde(default, deserialize_with = "hexadecimal::deserialize")]
        other: u32,
        #[serde(borrow, deserialize_with = "lent")]
        lent: Cow<'a, str>,
    },
}

struct Five(u8);

trait Text: Send {
    fn text(&self) -> &str;
}

impl Text for String {
    fn text(&self) -> &str {
        self
    }
}

impl<'de> Deserialize<'de> for Box<dyn Text> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Box::new(String::deserialize(deserializer)?))
    }
}

fn text() -> Box<dyn Text> {
    Box::new("made".to_owned())
}

fn hello() -> Cow<'static, str> {
    "hello".into()
}

const fn five() -> Five {
    Five(5)
}

fn any<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::deserialize(deserializer)
}

fn lent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'de, str>, D::Error> {
    <&str>::deserialize(deserializer).map(Cow::Borrowed)
}

mod hexadecimal {
    use super::*;

    pub fn deserialize<'de, D>(deserializer: D) -> Result<u32, D::Error>
    where
        D: Deserializer<'de>,
    {
        let text = String::deserialize(deserializer)?;
        u32::from_str_radix(&text, 16).map_err(D::Error::custom)
    }
}

fn main() {
    for value in [
        json!({ "type": "Make" }),
        json!({ "type": "Read", "any": [1], "by_trait": "x", "number": "ff", "lent": "y" }),
    ] {
        let message = ClientMsg::deserialize(&value).expect("a message");
        match message {
            ClientMsg::Make { list, map, text, greeting, nothing: PhantomData, five: Five(5) } => {
                assert_eq!((list.len(), map.len(), text.text(), &*greeting), (0, 0, "made", "hello"));
            }
            ClientMsg::Read { any, by_trait, number: 255, other: 0, lent } => {
                assert_eq!((any, &*by_trait, &*lent), (vec![1], "x", "y"));
            }
            _ => panic!("another message"),
        }
    }
}

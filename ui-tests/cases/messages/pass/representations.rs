//! serde's representations, and what the derives know about them.

#![deny(warnings)]

use std::{borrow::Cow, collections::HashMap};

use ignitia::{bounds::Tagging, prelude::*};
use serde::{Deserialize, Serialize};

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase", deny_unknown_fields)]
enum Internal {
    Say {
        text: String,
        to_user: u64,
    },
    #[serde(rename = "go", alias = "walk", rename_all = "UPPERCASE")]
    Move {
        x: i32,
        #[serde(default, alias = "Z")]
        y: i32,
        #[serde(rename = "w")]
        width: Option<u8>,
    },
    Put(Value),
    Boxed(Box<Value>),
    Any(HashMap<String, serde_json_value::Value>),
    Leave,
    Empty {},
    #[serde(skip)]
    Hidden(NotDeserialize),
    #[serde(other)]
    Unknown,
}

/// Stands for serde_json's, which is no dependency of these cases.
mod serde_json_value {
    pub type Value = u8;
}

struct NotDeserialize;

#[derive(Deserialize, Serialize)]
struct Value {
    value: u8,
}

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Say(String),
    Pair(u8, u8),
    Fields { a: u8 },
    Leave,
}

#[derive(Deserialize, ClientMessage)]
#[serde(rename_all = "kebab-case")]
enum External {
    SayIt(String),
    Pair(u8, u8),
    Fields { a: u8 },
    Leave,
}

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", from = "Wire")]
enum Converted {
    Say,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum Wire {
    Say,
}

impl From<Wire> for Converted {
    fn from(_: Wire) -> Self {
        Self::Say
    }
}

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum Flattened {
    Say {
        text: String,
        #[serde(flatten)]
        more: Value,
    },
}

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum Borrowing<'a, 'b> {
    #[serde(rename = "say")]
    Say {
        #[serde(borrow, default)]
        text: Cow<'a, str>,
        #[serde(borrow, rename = "from")]
        who: Option<Cow<'b, str>>,
    },
    Raw {
        #[serde(borrow)]
        text: Cow<'a, str>,
    },
}

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", bound = "T: Deserialize<'de>")]
enum Generic<'a, T, const N: usize>
where
    T: Clone,
{
    Put {
        value: T,
        #[serde(borrow)]
        text: Cow<'a, str>,
        #[serde(skip)]
        _room: std::marker::PhantomData<[(); N]>,
    },
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
enum ToldInternal<'a, T: Clone> {
    Said {
        from_user: u64,
        text: Cow<'a, str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<u64>,
    },
    Put(Value),
    Got {
        value: T,
    },
    #[serde(rename(serialize = "bye"))]
    Left,
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "t", content = "c")]
enum ToldAdjacent {
    Said(String),
    Pair(u8, u8),
}

#[derive(Serialize, ServerMessage)]
enum ToldExternal {
    Said(String),
    Left,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ClientMessage, ServerMessage)]
#[serde(tag = "type")]
enum Both {
    Ping { nonce: u64 },
}

fn main() {
    assert_eq!(Internal::TAGGING, Tagging::Internal { tag: "type" });
    assert_eq!(Adjacent::TAGGING, Tagging::Adjacent { tag: "t", content: "c" });
    assert_eq!(External::TAGGING, Tagging::External);
    for field in ["text", "toUser", "X", "Y", "Z", "w"] {
        assert!(Internal::FIELDS.contains(&field), "{field} is missing in {:?}", Internal::FIELDS);
    }
    assert!(Borrowing::FIELDS.contains(&"from"));
    assert!(Generic::<u8, 1>::FIELDS.contains(&"value"));
    assert!(ToldInternal::<u8>::FIELDS.contains(&"fromUser"));
    assert_eq!(ToldAdjacent::TAGGING, Tagging::Adjacent { tag: "t", content: "c" });
    assert_eq!(ToldExternal::TAGGING, Tagging::External);
    let _ = (Flattened::FIELDS, Converted::TAGGING);
    assert_eq!(<Both as ClientMessage>::TAGGING, <Both as ServerMessage>::TAGGING);
    used();
}

/// Reads everything, so that nothing is dead.
fn used() {
    let _ = |message: Internal| match message {
        Internal::Say { text, to_user } => text.len() as u64 + to_user,
        Internal::Move { x, y, width } => (x + y) as u64 + u64::from(width.unwrap_or(0)),
        Internal::Put(value) => value.value.into(),
        Internal::Boxed(value) => value.value.into(),
        Internal::Any(values) => values.len() as u64,
        Internal::Leave | Internal::Empty {} | Internal::Unknown => 0,
        Internal::Hidden(NotDeserialize) => 1,
    };
    let _ = [Internal::Hidden(NotDeserialize)];
    let _ = |message: Adjacent| match message {
        Adjacent::Say(text) => text.len(),
        Adjacent::Pair(a, b) => usize::from(a + b),
        Adjacent::Fields { a } => a.into(),
        Adjacent::Leave => 0,
    };
    let _ = |message: External| match message {
        External::SayIt(text) => text.len(),
        External::Pair(a, b) => usize::from(a + b),
        External::Fields { a } => a.into(),
        External::Leave => 0,
    };
    let _ = |Flattened::Say { text, more }: Flattened| text.len() + usize::from(more.value);
    let _ = |message: Borrowing<'_, '_>| match message {
        Borrowing::Say { text, who } => text.len() + who.map_or(0, |who| who.len()),
        Borrowing::Raw { text } => text.len(),
    };
    let _ = |Generic::Put { value, text, _room }: Generic<'_, u8, 2>| (value, text.len(), _room);
    let _ = [
        ToldInternal::Said { from_user: 1, text: "hi".into(), at: None },
        ToldInternal::Put(Value { value: 1 }),
        ToldInternal::Got { value: 1 },
        ToldInternal::Left,
    ];
    let _ = [ToldAdjacent::Said(String::new()), ToldAdjacent::Pair(1, 2)];
    let _ = [ToldExternal::Said(String::new()), ToldExternal::Left];
    let _ = Both::Ping { nonce: 1 };
}

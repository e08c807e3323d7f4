//! Names of messages and fields.

use ignitia::{ClientMessage, prelude::*};
use serde::Deserialize;

use super::{Understood, check, understood};

#[derive(Debug, Deserialize, ClientMessage)]
#[serde(tag = "kind", rename_all = "SCREAMING-KEBAB-CASE", rename_all_fields = "camelCase")]
enum Renamed {
    SendText {
        long_name: String,
        #[serde(rename = "TO", alias = "to", alias = "recipient")]
        to: u8,
    },
    #[serde(alias = "bye", alias = "leave")]
    LeaveNow,
    #[serde(rename = "own name", rename_all = "PascalCase")]
    Own { long_name: Option<String> },
    #[serde(rename(deserialize = "in"))]
    In {
        #[serde(rename(deserialize = "x"), default)]
        y: u8,
    },
}

#[websocket("/", on_message)]
async fn renamed(message: Renamed) -> Understood {
    understood(&message)
}

#[tokio::test]
async fn renames_and_aliases_hold() {
    check(
        Router::new().mount(renamed),
        "/",
        &[
            (r#"{"kind":"SEND-TEXT","longName":"a","TO":1}"#, r#"SendText { long_name: "a", to: 1 }"#),
            (r#"{"kind":"SEND-TEXT","longName":"a","to":1}"#, r#"SendText { long_name: "a", to: 1 }"#),
            (r#"{"recipient":1,"kind":"SEND-TEXT","longName":"a"}"#, r#"SendText { long_name: "a", to: 1 }"#),
            (r#"{"kind":"SEND-TEXT","longName":"a","to":1,"TO":1}"#, "duplicate_field"),
            (r#"{"kind":"SEND-TEXT","long_name":"a","TO":1}"#, "missing_field"),
            (r#"{"kind":"LEAVE-NOW"}"#, "LeaveNow"),
            (r#"{"kind":"bye"}"#, "LeaveNow"),
            (r#"{"a":1,"kind":"leave"}"#, "LeaveNow"),
            (r#"{"kind":"LeaveNow"}"#, "unknown_tag"),
        ],
    )
    .await;
    check(
        Router::new().mount(renamed),
        "/",
        &[
            (r#"{"kind":"own name","LongName":"a"}"#, r#"Own { long_name: Some("a") }"#),
            (r#"{"kind":"own name","LongName":null}"#, "Own { long_name: None }"),
            (r#"{"kind":"own name"}"#, "Own { long_name: None }"),
            (r#"{"x":3,"kind":"in"}"#, "In { y: 3 }"),
            (r#"{"kind":"in","y":3}"#, "In { y: 0 }"),
            (r#"{"kind":"In"}"#, "unknown_tag"),
        ],
    )
    .await;
}

/// Names that are no ASCII, keywords, and empty names.
#[derive(Debug, Deserialize, ClientMessage)]
#[serde(tag = "der \"Typ\"\n", rename_all = "snake_case")]
enum Odd {
    #[serde(rename = "")]
    Empty,
    #[serde(rename = "größe \"x\"")]
    Size {
        r#type: u8,
        #[serde(rename = "")]
        nameless: u8,
    },
}

#[websocket("/odd", on_message)]
async fn odd(message: Odd) -> Understood {
    understood(&message)
}

#[tokio::test]
async fn odd_names_are_escaped() {
    check(
        Router::new().mount(odd),
        "/odd",
        &[
            (r#"{"der \"Typ\"\n":""}"#, "Empty"),
            (r#"{"der \"Typ\"\n":"größe \"x\"","type":1,"":2}"#, "Size { type: 1, nameless: 2 }"),
            (
                r#"{"":2,"type":1,"der \u0022Typ\u0022\u000a":"gr\u00f6\u00dfe \"x\""}"#,
                "Size { type: 1, nameless: 2 }",
            ),
            (r#"{"type":"x"}"#, "missing_tag"),
        ],
    )
    .await;
}

/// A tag of another name, with a field called `type`; and one with the names of Rust.
#[derive(Debug, Deserialize, ClientMessage)]
#[serde(tag = "Op")]
#[allow(non_snake_case)]
enum AsIs {
    SendText { r#type: String, TO: u8 },
}

#[websocket("/as_is", on_message)]
async fn as_is(message: AsIs) -> Understood {
    understood(&message)
}

#[tokio::test]
async fn names_without_renaming_stay_as_they_are() {
    check(
        Router::new().mount(as_is),
        "/as_is",
        &[
            (r#"{"Op":"SendText","type":"a","TO":1}"#, r#"SendText { type: "a", TO: 1 }"#),
            (r#"{"type":"SendText","Op":"SendText","TO":1}"#, r#"SendText { type: "SendText", TO: 1 }"#),
            (r#"{"op":"SendText","type":"a","TO":1}"#, "missing_tag"),
        ],
    )
    .await;
}

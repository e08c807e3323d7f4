//! Deliberate: what serde and schemars see in different ways. An entry that is no longer true is a
//! failure: schemars, or serde, has changed.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    time::Duration,
};

use ignitia::{prelude::*, testing::TestClient};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::schemas::Schemas;
use crate::support::client;

/// Declares a test for each enum: texts that the schema allows and serde does not read, texts that
/// serde reads and the schema does not allow, messages that serde writes and the schema does not
/// allow, and parts of the problems that the contract names.
macro_rules! differ {
    ($(
        $(#[$attribute:meta])*
        $name:ident: $message:ident { $($variants:tt)* }
        allowed_but_not_read [$($unread:expr),* $(,)?]
        read_but_not_allowed [$($forbidden:expr),* $(,)?]
        written_but_not_allowed [$($written:expr),* $(,)?]
        $(=> problems [$($problem:expr),* $(,)?])?
    )*) => {$(
        #[tokio::test]
        async fn $name() {
            #[derive(Serialize, Deserialize, JsonSchema, ClientMessage, ServerMessage)]
            #[allow(dead_code, reason = "some are only read")]
            $(#[$attribute])*
            enum $message { $($variants)* }

            #[websocket("/")]
            async fn read(mut ws: TypedConnection<$message, $message>) -> Result<Response> {
                if let Some(Err(malformed)) = ws.recv().await {
                    ws.send_error(&malformed).await?;
                }
                Ok(Response::ok())
            }

            let written: &[$message] = &[$($written),*];
            let router = Router::new().mount(read);
            let problems: &[&str] = &[$($($problem),*)?];
            assert_problems(&router, problems);
            differences(router, &[$($unread),*], &[$($forbidden),*], written).await;
        }
    )*};
}

#[track_caller]
fn assert_problems(router: &Router, expected: &[&str]) {
    let contract = router.contract();
    let problems = contract.problems();
    let are_these = problems.iter().zip(expected).all(|(problem, part)| problem.contains(part));
    assert!(are_these && problems.len() == expected.len(), "{problems:#?}");
}

async fn differences<T: Serialize>(router: Router, unread: &[&str], forbidden: &[&str], written: &[T]) {
    let schemas = Schemas::with_problems(&router.contract());
    let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let is_allowed = |text: &str| schemas.received.iter().any(|schema| schema.allows(&value(text)));
    let client = client(router);
    let mut wrong = Vec::new();
    for text in unread {
        if !is_allowed(text) {
            wrong.push(format!("the schema does not allow {text}"));
        }
        if refusal(&client, text).await.is_none() {
            wrong.push(format!("serde reads {text}"));
        }
    }
    for text in forbidden {
        if is_allowed(text) {
            wrong.push(format!("the schema allows {text}"));
        }
        if let Some(error) = refusal(&client, text).await {
            wrong.push(format!("serde does not read {text}: {error}"));
        }
    }
    for message in written {
        let text = serde_json::to_string(message).unwrap();
        if schemas.sent.iter().any(|schema| schema.allows(&value(&text))) {
            wrong.push(format!("the schema allows {text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns the error that answers a message, if there is one.
async fn refusal(client: &TestClient, text: &str) -> Option<String> {
    let mut socket = client.connect("/").await;
    socket.send_text(text).await;
    match socket.recv().await {
        Some(Message::Text(error)) => Some(error.to_string()),
        _ => None,
    }
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Body {
    a: u8,
    b: Option<u8>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Nothing;

#[derive(Serialize, Deserialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
enum Colour {
    Red,
    /// As grass is.
    Green,
}

/// Enum that serde reads from a buffer.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind")]
enum Buffered {
    Wide { wide: i128 },
    Keys { keys: BTreeMap<u32, u8> },
}

/// Enum with the tag of the messages themselves.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type")]
enum SameTag {
    Inner,
}

#[derive(Serialize, Deserialize, JsonSchema)]
enum Flattened {
    /// Documented.
    Documented,
    Plain,
}

fn as_text<S: Serializer>(number: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(number)
}

fn from_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}

fn maybe<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u8>, D::Error> {
    Option::deserialize(deserializer)
}

differ! {
    /// schemars writes the range of integers of 8 and 16 bits only, and in JSON Schema `1.0` is an
    /// integer.
    #[serde(tag = "type")]
    integers: Messages { Wide { i32: Option<i32>, u32: Option<u32>, i64: Option<i64>, u64: Option<u64> } }
    allowed_but_not_read [
        r#"{"type":"Wide","i32":2147483648}"#,
        r#"{"type":"Wide","u32":4294967296}"#,
        r#"{"type":"Wide","i64":9223372036854775808}"#,
        r#"{"type":"Wide","u64":18446744073709551616}"#,
        r#"{"type":"Wide","i32":1.0}"#,
        r#"{"type":"Wide","i64":1e2}"#,
    ]
    read_but_not_allowed []
    written_but_not_allowed []

    /// JSON has no such numbers: serde_json writes `null`.
    #[serde(tag = "type")]
    fractions: Messages { Some { short: f32, long: f64 } }
    allowed_but_not_read []
    read_but_not_allowed []
    written_but_not_allowed [
        Messages::Some { short: f32::INFINITY, long: 0.0 },
        Messages::Some { short: 0.0, long: f64::NAN },
    ]

    /// Formats are only named.
    #[serde(tag = "type")]
    formats: Messages { Address { ip: IpAddr } }
    allowed_but_not_read [r#"{"type":"Address","ip":"no address"}"#]
    read_but_not_allowed []
    written_but_not_allowed []

    /// Older names are for older clients: generated ones write the new name.
    #[serde(tag = "type")]
    aliases: Messages {
        #[serde(alias = "speak")]
        Say { #[serde(alias = "message")] text: String },
    }
    allowed_but_not_read []
    read_but_not_allowed [r#"{"type":"Say","message":"a"}"#, r#"{"type":"speak","text":"a"}"#]
    written_but_not_allowed []

    /// `other` takes what the contract does not know, and is nothing to send.
    #[serde(tag = "type")]
    other: Messages { Known, #[serde(other)] Other }
    allowed_but_not_read []
    read_but_not_allowed [r#"{"type":"Other"}"#, r#"{"type":"newer","than":"this"}"#]
    written_but_not_allowed []

    /// serde takes the fields of a struct in their order, too.
    #[serde(tag = "type")]
    arrays_for_structs: Messages { In { body: Body } }
    allowed_but_not_read []
    read_but_not_allowed [r#"{"type":"In","body":[1,null]}"#]
    written_but_not_allowed []

    /// serde takes `null` below the name of a variant without fields.
    #[serde(tag = "type")]
    units_as_objects: Messages { Of { colour: Colour } }
    allowed_but_not_read []
    read_but_not_allowed [r#"{"type":"Of","colour":{"Red":null}}"#]
    written_but_not_allowed []

    units_as_messages: External { Unit, Other }
    allowed_but_not_read []
    read_but_not_allowed [r#"{"Unit":null}"#]
    written_but_not_allowed []

    /// A variant without content: the schema does not forbid one.
    #[serde(tag = "type", content = "data")]
    content_of_nothing: Adjacent { Unit, Option(Option<u8>) }
    allowed_but_not_read [r#"{"type":"Unit","data":5}"#]
    read_but_not_allowed [r#"{"type":"Option"}"#]
    written_but_not_allowed []

    /// serde lets a variant without fields have others, even then.
    #[serde(tag = "type", deny_unknown_fields)]
    unknown_fields_of_units: Strict { Unit, Empty {} }
    allowed_but_not_read []
    read_but_not_allowed [r#"{"type":"Unit","other":1}"#]
    written_but_not_allowed []

    /// And what carries nothing none.
    #[serde(tag = "type")]
    unknown_fields_of_nothing: Messages { Payload(()), Struct(Nothing) }
    allowed_but_not_read [r#"{"type":"Payload","other":1}"#, r#"{"type":"Struct","other":1}"#]
    read_but_not_allowed []
    written_but_not_allowed []

    /// serde's own types deny unknown fields.
    #[serde(tag = "type")]
    unknown_fields_of_durations: Messages { After { duration: Duration } }
    allowed_but_not_read [r#"{"type":"After","duration":{"secs":1,"nanos":0,"other":1}}"#]
    read_but_not_allowed []
    written_but_not_allowed []

    /// Keys are texts to schemars, also those of an enum with documented variants. Those of
    /// integers have no range.
    #[serde(tag = "type")]
    keys: Messages {
        Colours { keys: BTreeMap<Colour, u8> },
        Flags { keys: BTreeMap<bool, u8> },
        Letters { keys: BTreeMap<char, u8> },
        Numbers { keys: BTreeMap<u8, u8> },
    }
    allowed_but_not_read [
        r#"{"type":"Colours","keys":{"Blue":1}}"#,
        r#"{"type":"Flags","keys":{"perhaps":1}}"#,
        r#"{"type":"Letters","keys":{"long":1}}"#,
        r#"{"type":"Numbers","keys":{"256":1}}"#,
    ]
    read_but_not_allowed []
    written_but_not_allowed []

    /// A `Result` is an object with one field to serde.
    #[serde(tag = "type")]
    results: Messages { Of { result: Result<u8, String> } }
    allowed_but_not_read [r#"{"type":"Of","result":{"Ok":1,"other":2}}"#]
    read_but_not_allowed []
    written_but_not_allowed []

    /// serde keeps the last of equal elements.
    #[serde(tag = "type")]
    sets: Messages { Of { set: BTreeSet<u8> } }
    allowed_but_not_read []
    read_but_not_allowed [r#"{"type":"Of","set":[1,1]}"#]
    written_but_not_allowed []

    /// serde reads what does not fit as an option that is absent.
    #[serde(tag = "type")]
    flattened_options: Messages { Of { #[serde(flatten)] body: Option<Body> } }
    allowed_but_not_read []
    read_but_not_allowed [r#"{"type":"Of","a":"text"}"#]
    written_but_not_allowed []

    /// schemars leaves a documented variant a text, within what has to be an object.
    #[serde(tag = "type")]
    flattened_units: Messages { Of { #[serde(flatten)] flattened: Flattened } }
    allowed_but_not_read []
    read_but_not_allowed [r#"{"type":"Of","Documented":null}"#]
    written_but_not_allowed [Messages::Of { flattened: Flattened::Documented }]

    /// schemars does not see what functions do, unless `#[schemars(with = "..")]` says it.
    #[serde(tag = "type")]
    functions: Messages {
        Text { #[serde(serialize_with = "as_text", deserialize_with = "from_text")] number: u64 },
        Maybe { #[serde(deserialize_with = "maybe")] maybe: Option<u8> },
    }
    allowed_but_not_read [r#"{"type":"Text","number":1}"#, r#"{"type":"Maybe"}"#]
    read_but_not_allowed [r#"{"type":"Text","number":"1"}"#]
    written_but_not_allowed [Messages::Text { number: 1 }]
    => problems ["expected a string", "missing field `maybe`"]

    /// serde keeps the fields of a tagged enum in a buffer, which knows neither 128 bits nor keys
    /// that are no texts. The enum of messages itself is decoded without.
    #[serde(tag = "type")]
    buffered_fields: Messages { Of { buffered: Buffered }, Flat { #[serde(flatten)] buffered: Buffered } }
    allowed_but_not_read [
        r#"{"type":"Of","buffered":{"kind":"Wide","wide":1}}"#,
        r#"{"type":"Of","buffered":{"kind":"Keys","keys":{"1":1}}}"#,
        r#"{"type":"Flat","kind":"Wide","wide":1}"#,
        r#"{"type":"Flat","kind":"Keys","keys":{"1":1}}"#,
    ]
    read_but_not_allowed []
    written_but_not_allowed []
    => problems ["i128 is not supported", "i128 is not supported"]

    /// serde writes the tag twice, and readers take the last.
    #[serde(tag = "type")]
    one_tag_for_two_enums: Messages { Of(SameTag) }
    allowed_but_not_read []
    read_but_not_allowed []
    written_but_not_allowed [Messages::Of(SameTag::Inner)]
}

//! Malformed input: the exact answer to the client, which never contains secrets.

use std::collections::BTreeMap;

use ignitia::{ClientMessage, ServerMessage, prelude::*, websocket::WebSocketConfig};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;

use crate::support::{ask, client, nothing_came};

/// A number beyond it is a secret of the application.
fn below_ten<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    match u8::deserialize(deserializer)? {
        number @ 0..10 => Ok(number),
        number => Err(D::Error::custom(format!("RustSecret {number}"))),
    }
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "it is decoded, and that is all")]
struct RustItem {
    price: f64,
    #[serde(default)]
    size: Option<[u8; 2]>,
    #[serde(default)]
    colour: Option<RustColour>,
    #[serde(default)]
    counts: BTreeMap<String, i8>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RustColour {
    Red,
    Green,
}

#[derive(Debug, Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
#[allow(dead_code, reason = "it is decoded, and that is all")]
enum RustInternal {
    Send {
        text: String,
        to: u64,
        #[serde(default)]
        items: Vec<RustItem>,
        #[serde(default, deserialize_with = "below_ten")]
        small: u8,
    },
    Leave,
}

#[derive(Debug, Deserialize, ClientMessage)]
#[serde(tag = "type", content = "data", rename_all = "snake_case", deny_unknown_fields)]
#[allow(dead_code, reason = "it is decoded, and that is all")]
enum RustAdjacent {
    Send { text: String, to: u64 },
    Pair(u8, bool),
    Leave,
}

#[derive(Debug, Deserialize, ClientMessage)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code, reason = "it is decoded, and that is all")]
enum RustExternal {
    Send { text: String, to: u64 },
    Pair(u8, bool),
    Leave,
}

#[derive(Debug, Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[allow(dead_code, reason = "it is decoded, and that is all")]
enum RustStrict {
    Send { text: String, to: u64 },
}

#[derive(Debug, Serialize, ServerMessage)]
#[serde(tag = "type")]
enum RustReply {
    Fine,
}

#[websocket("/internal", on_message)]
async fn internal(_message: RustInternal) -> RustReply {
    RustReply::Fine
}

#[websocket("/adjacent", on_message)]
async fn adjacent(_message: RustAdjacent) -> RustReply {
    RustReply::Fine
}

#[websocket("/external", on_message)]
async fn external(_message: RustExternal) -> RustReply {
    RustReply::Fine
}

#[websocket("/strict", on_message, on_malformed = reply)]
async fn strict(_message: RustStrict) -> RustReply {
    RustReply::Fine
}

struct RustSession;

#[websocket("/session", message = RustInternal, reply = RustReply)]
impl RustSession {
    async fn accept() -> Self {
        Self
    }

    #[on(Send { .. })]
    async fn send(&mut self) -> RustReply {
        RustReply::Fine
    }

    #[on(Leave)]
    async fn leave(&mut self) -> RustReply {
        RustReply::Fine
    }
}

fn router() -> Router {
    let config = WebSocketConfig { malformed_limit: usize::MAX, ..Default::default() };
    Router::new()
        .mount(internal)
        .mount(adjacent)
        .mount(external)
        .mount(strict)
        .mount_session::<RustSession>()
        .websocket_config(config)
}

/// Compares the answers with envelopes, without their `type`.
async fn check(paths: &[&str], cases: &[(&str, Value)]) {
    let client = client(router());
    let mut differences = Vec::new();
    for path in paths {
        let mut socket = client.connect(path).await;
        for (text, expected) in cases {
            let mut expected = expected.clone();
            expected["type"] = "$error".into();
            let answer = ask(&mut socket, *text).await;
            if answer != expected {
                differences.push(format!("{path}: {text}\n     told: {answer}\n  instead: {expected}"));
            }
        }
        nothing_came(&mut socket).await;
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

fn not_json(details: &str) -> Value {
    json!({"code": "invalid_json", "message": format!("the message is not JSON: {details}")})
}

#[tokio::test]
async fn text_that_is_no_json_is_invalid_json() {
    let empty = || json!({"code": "invalid_json", "message": "the message is empty"});
    check(
        &["/internal", "/adjacent", "/external", "/strict", "/session"],
        &[
            ("", empty()),
            (" ", empty()),
            (" \t\r\n\n", empty()),
            ("hunter2", not_json("expected value at line 1 column 1")),
            (r#"{"type":"leave""#, not_json("EOF while parsing an object at line 1 column 15")),
            (r#"{"type":"leave"}}"#, not_json("trailing characters at line 1 column 17")),
            ("{\"type\":\n\"leave\",}", not_json("key must be a string at line 2 column 9")),
            (r#"{"type":"leave"} {}"#, not_json("trailing characters at line 1 column 18")),
            ("{'type':'leave'}", not_json("key must be a string at line 1 column 2")),
            (
                "{\"type\":\"le\0ave\"}",
                not_json(
                    "control character (\\u0000-\\u001F) found while parsing a string at line 1 column 11",
                ),
            ),
            ("\0", not_json("expected value at line 1 column 1")),
            ("\u{feff}{\"type\":\"leave\"}", not_json("expected value at line 1 column 1")),
            ("\u{a0}", not_json("expected value at line 1 column 1")),
            (r#"{"type":"\x"}"#, not_json("invalid escape at line 1 column 11")),
            (r#"{"type":"\u12"}"#, not_json("invalid escape at line 1 column 15")),
            ("NaN", not_json("expected value at line 1 column 1")),
            ("01", not_json("invalid number at line 1 column 2")),
            ("[1,]", not_json("expected value at line 1 column 4")),
        ],
    )
    .await;
}

#[tokio::test]
async fn faults_of_internally_tagged_messages_have_a_code_and_a_path() {
    let kinds = json!(["send", "leave"]);
    let missing_tag =
        || json!({"code": "missing_tag", "path": "type", "message": "`type` is missing", "expected": kinds});
    let unknown_tag = || json!({"code": "unknown_tag", "path": "type", "message": "`type` names no kind of message that is known", "expected": kinds});
    let tag_is_no_string = || {
        let (message, expected) = ("the value must be a string", ["a string"]);
        json!({"code": "invalid_type", "path": "type", "message": message, "expected": expected})
    };
    let missing = |name: &str| {
        let message = format!("`{name}` is missing");
        json!({"code": "missing_field", "path": name, "message": message, "expected": [name]})
    };
    let twice =
        |name: &str| json!({"code": "duplicate_field", "path": name, "message": "the field is there twice"});
    let wrong = |code: &str, path: &str, expected: &str| {
        let start = if code == "invalid_length" { "there must be" } else { "the value must be" };
        json!({"code": code, "path": path, "message": format!("{start} {expected}"), "expected": [expected]})
    };
    check(
        &["/internal", "/session"],
        &[
            ("{}", missing_tag()),
            (r#"{"text":"hunter2"}"#, missing_tag()),
            (r#"{"Type":"leave"}"#, missing_tag()),
            (r#"{"type":"hunter2"}"#, unknown_tag()),
            (r#"{"type":""}"#, unknown_tag()),
            (r#"{"type":"Leave"}"#, unknown_tag()),
            (r#"{"text":1,"type":"hunter2"}"#, unknown_tag()),
            (r#"{"type":1}"#, tag_is_no_string()),
            (r#"{"type":null}"#, tag_is_no_string()),
            (r#"{"a":0,"type":{"type":"leave"}}"#, tag_is_no_string()),
            (r#"{"type":["leave"]}"#, tag_is_no_string()),
            (r#"{"type":"leave","type":"leave"}"#, twice("type")),
            (r#"{"type":"leave","a":1,"\u0074ype":"leave"}"#, twice("type")),
            (r#"{"a":1,"type":"leave","type":"hunter2"}"#, twice("type")),
            (r#"{"type":"send"}"#, missing("text")),
            (r#"{"type":"send","text":"x"}"#, missing("to")),
            (r#"{"text":"x","type":"send"}"#, missing("to")),
            (r#"{"type":"send","text":"x","text":"y","to":1}"#, twice("text")),
            (r#"{"text":"x","to":1,"to":1,"type":"send"}"#, twice("to")),
        ],
    )
    .await;
    check(
        &["/internal", "/session"],
        &[
            (r#"{"type":"send","text":7,"to":1}"#, wrong("invalid_type", "text", "a string")),
            (r#"{"text":null,"to":1,"type":"send"}"#, wrong("invalid_type", "text", "a string")),
            (r#"{"type":"send","text":"x","to":"hunter2"}"#, wrong("invalid_type", "to", "u64")),
            (r#"{"type":"send","text":"x","to":-1}"#, wrong("invalid_value", "to", "u64")),
            (r#"{"type":"send","text":"x","to":1.5}"#, wrong("invalid_type", "to", "u64")),
            (r#"{"type":"send","text":"x","to":18446744073709551616}"#, wrong("invalid_type", "to", "u64")),
            (r#"{"type":"send","text":"x","to":true}"#, wrong("invalid_type", "to", "u64")),
            (
                r#"{"type":"send","text":"x","to":1,"items":[{"price":1},{"price":"2"}]}"#,
                wrong("invalid_type", "items[1].price", "f64"),
            ),
            (
                r#"{"items":[{"price":1,"size":[1,2,3]}],"type":"send","text":"x","to":1}"#,
                wrong("invalid_length", "items[0].size", "an array of length 2"),
            ),
            (
                r#"{"type":"send","text":"x","to":1,"items":[{"price":1,"size":[1,256]}]}"#,
                wrong("invalid_value", "items[0].size[1]", "u8"),
            ),
            (
                r#"{"type":"send","text":"x","to":1,"items":[{"price":1,"counts":{"a b":"hunter2"}}]}"#,
                wrong("invalid_type", r#"items[0].counts["a b"]"#, "i8"),
            ),
            (
                r#"{"type":"send","text":"x","to":1,"items":{}}"#,
                wrong("invalid_type", "items", "an array"),
            ),
            (
                r#"{"type":"send","text":"x","to":1,"items":[{"price":1,"colour":"hunter2"}]}"#,
                json!({
                    "code": "invalid_value", "path": "items[0].colour", "expected": ["red", "green"],
                    "message": "the value is none that is known",
                }),
            ),
            (
                r#"{"type":"send","text":"x","to":1,"small":11}"#,
                json!({"code": "invalid", "path": "small", "message": "the value was refused"}),
            ),
            (r#""leave""#, json!({"code": "invalid_type", "message": "the value must be an object", "expected": ["an object"]})),
            ("7", json!({"code": "invalid_type", "message": "the value must be an object", "expected": ["an object"]})),
            ("null", json!({"code": "invalid_type", "message": "the value must be an object", "expected": ["an object"]})),
            ("true", json!({"code": "invalid_type", "message": "the value must be an object", "expected": ["an object"]})),
        ],
    )
    .await;
}

#[tokio::test]
async fn faults_of_adjacently_tagged_messages_have_a_code_and_a_path() {
    let kinds = json!(["send", "pair", "leave"]);
    let unknown_tag = || {
        let message = "`type` names no kind of message that is known";
        json!({"code": "unknown_tag", "path": "type", "message": message, "expected": kinds})
    };
    let missing = |path: &str, name: &str| {
        let message = format!("`{path}` is missing");
        json!({"code": "missing_field", "path": path, "message": message, "expected": [name]})
    };
    check(
        &["/adjacent"],
        &[
            (
                "{}",
                json!({"code": "missing_tag", "path": "type", "message": "`type` is missing", "expected": kinds}),
            ),
            (
                r#"{"data":{"text":"x","to":1}}"#,
                json!({"code": "missing_tag", "path": "type", "message": "`type` is missing", "expected": kinds}),
            ),
            (r#"{"type":"hunter2"}"#, unknown_tag()),
            (r#"{"data":{"text":"x","to":1},"type":"hunter2"}"#, unknown_tag()),
            (r#"{"type":"send"}"#, missing("data", "data")),
            (r#"{"type":"send","data":{"text":"x"}}"#, missing("data.to", "to")),
            (
                r#"{"type":"send","data":{"text":"x","to":"1"}}"#,
                json!({"code": "invalid_type", "path": "data.to", "message": "the value must be u64", "expected": ["u64"]}),
            ),
            (
                r#"{"type":"pair","data":[1]}"#,
                json!({
                    "code": "invalid_length", "path": "data", "expected": ["an array of length 2"],
                    "message": "there must be an array of length 2",
                }),
            ),
            (
                r#"{"type":"pair","data":[1,true,false]}"#,
                json!({
                    "code": "invalid_length", "path": "data", "expected": ["an array of length 2"],
                    "message": "there must be an array of length 2",
                }),
            ),
            (
                r#"{"type":"pair","data":[1,2]}"#,
                json!({
                    "code": "invalid_type", "path": "data[1]", "expected": ["a boolean"],
                    "message": "the value must be a boolean",
                }),
            ),
            (
                r#"{"type":"leave","hunter2":1}"#,
                json!({
                    "code": "unknown_field", "path": "hunter2", "expected": ["type", "data"],
                    "message": "there is no such field",
                }),
            ),
            (
                r#"{"type":"send","data":{"text":"x","to":1,"more":1}}"#,
                json!({
                    "code": "unknown_field", "path": "data.more", "expected": ["text", "to"],
                    "message": "there is no such field",
                }),
            ),
            (
                r#"{"type":"leave","type":"leave"}"#,
                json!({"code": "duplicate_field", "path": "type", "message": "the field is there twice"}),
            ),
            (
                r#"{"type":1}"#,
                json!({
                    "code": "invalid_type", "path": "type", "message": "the value must be a string",
                    "expected": ["a string"],
                }),
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn faults_of_externally_tagged_messages_have_a_code_and_a_path() {
    let unknown_tag = |path: Option<&str>| {
        let kinds = ["send", "pair", "leave"];
        let mut error =
            json!({"code": "unknown_tag", "message": "no such kind of message is known", "expected": kinds});
        if let Some(path) = path {
            error["path"] = path.into();
        }
        error
    };
    check(
        &["/external"],
        &[
            (r#""hunter2""#, unknown_tag(None)),
            (r#"{"hunter2":{}}"#, unknown_tag(None)),
            (
                r#"{"send":{"text":"x"}}"#,
                json!({
                    "code": "missing_field", "path": "send.to", "message": "`send.to` is missing",
                    "expected": ["to"],
                }),
            ),
            (
                r#"{"pair":[1,2]}"#,
                json!({
                    "code": "invalid_type", "path": "pair[1]", "expected": ["a boolean"],
                    "message": "the value must be a boolean",
                }),
            ),
            (
                "7",
                json!({
                    "code": "invalid_type", "expected": ["a string or an object with one field"],
                    "message": "the value must be a string or an object with one field",
                }),
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn unknown_fields_are_named_where_they_are_denied() {
    let unknown = |path: &str| {
        json!({
            "code": "unknown_field", "path": path, "message": "there is no such field",
            "expected": ["text", "to"],
        })
    };
    check(
        &["/strict"],
        &[
            (r#"{"type":"send","text":"x","to":1,"tu":2}"#, unknown("tu")),
            (r#"{"tu":2,"text":"x","to":1,"type":"send"}"#, unknown("tu")),
            (r#"{"type":"send","a \"b\"":1}"#, unknown(r#"["a \"b\""]"#)),
        ],
    )
    .await;
}

/// The answer describes the fault and does not repeat the input.
#[tokio::test]
async fn hostile_input_is_not_echoed() {
    let long = "hunter2 ".repeat(12_500);
    let number = "9".repeat(100_000);
    let deep = "[".repeat(10_000);
    let nested = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let objects = r#"{"a":"#.repeat(10_000);
    let garbage: String = (0..1 << 20).map(|i| char::from(32 + (i * 7 % 95) as u8)).collect();
    let mut texts = vec![
        long.clone(),
        format!("{long:?}"),
        number.clone(),
        deep.clone(),
        nested.clone(),
        objects,
        garbage,
        "1e999".to_owned(),
        "-1e-999999999".to_owned(),
        "\0".repeat(100_000),
        " ".repeat(1 << 20),
        "\"".repeat(100_001),
        "\\".repeat(100_000),
        format!("[{}]", "\"hunter2\",".repeat(10_000)),
    ];
    for tag in ["type", "data", "text"] {
        texts.extend([
            format!(r#"{{"{tag}":"{long}"}}"#),
            format!(r#"{{"{tag}":{number}}}"#),
            format!(r#"{{"{tag}":{nested}}}"#),
            format!(r#"{{"{tag}":{deep}"#),
            format!(r#"{{"{tag}":{{"{long}":1}}}}"#),
        ]);
    }
    for value in [
        format!("{long:?}"),
        number,
        nested,
        r#""\ud800""#.into(),
        r#""\udc00\ud800 hunter2""#.into(),
        "1e999".into(),
    ] {
        texts.extend([
            format!(r#"{{"type":{value}}}"#),
            format!(r#"{{"x":{value},"type":{value}}}"#),
            format!(r#"{{"type":"send","text":{value},"to":{value}}}"#),
            format!(r#"{{"to":{value},"text":{value},"type":"send"}}"#),
            format!(r#"{{"type":"send","data":{{"text":{value},"to":{value}}}}}"#),
            format!(r#"{{"send":{{"text":{value},"to":{value}}}}}"#),
            format!(r#"{{"type":"pair","data":[{value},{value}]}}"#),
            format!(r#"{{"type":"send","text":"","to":1,"items":[{{"price":1,"colour":{value}}}]}}"#),
            format!(
                r#"{{"type":"send","text":"","to":1,"items":[{{"price":1,"counts":{{{long:?}:{value}}}}}]}}"#
            ),
        ]);
    }
    for key in [
        format!("{long:?}"),
        format!("{:?}", "\u{1F600}".repeat(25_000)),
        format!("\"{}\"", r"\u0000".repeat(20_000)),
    ] {
        texts.extend([
            format!(r#"{{{key}:1}}"#),
            format!(r#"{{"type":"send","text":"","to":1,{key}:1,{key}:"x","items":1}}"#),
            format!(r#"{{"type":"send","text":"","to":1,"items":[{{"price":1,"counts":{{{key}:"x"}}}}]}}"#),
            format!(r#"{{"type":"leave",{key}:1,"type":"leave"}}"#),
            format!(r#"{{{key}:{{}},"type":"send"}}"#),
        ]);
    }
    let client = client(router());
    let mut errors = 0;
    for path in ["/internal", "/adjacent", "/external", "/strict", "/session"] {
        let mut socket = client.connect(path).await;
        for text in &texts {
            socket.send_text(text.clone()).await;
            let answer = socket.recv_text().await;
            let start: String = text.chars().take(100).collect();
            assert!(answer.len() < 1_000, "{path}: {start}: {} bytes: {answer}", answer.len());
            let value: Value = serde_json::from_str(&answer).unwrap();
            if value["type"] != "Fine" {
                assert_eq!(value["type"], "$error", "{path}: {start}: {answer}");
                assert!(!answer.contains("Rust"), "{path}: {start}: {answer}");
                let mut told = value.clone();
                // Keys are part of paths, cut to 128 bytes.
                if let Some(path) = told.as_object_mut().unwrap().remove("path") {
                    assert!(path.as_str().unwrap().len() <= 128, "{path}");
                }
                assert!(!told.to_string().contains("hunter2"), "{path}: {start}: {answer}");
                errors += 1;
            }
        }
        nothing_came(&mut socket).await;
    }
    assert!(errors > 300, "only {errors} of them were malformed");
}

/// Text that is longer than a message may be is no message at all.
#[tokio::test]
async fn a_message_that_is_too_long_is_closed_with_1009() {
    let mut socket = client(router()).connect("/internal").await;
    socket.send_text("x".repeat((1 << 20) + 1)).await;
    socket.expect_close(1009).await;
}

/// The grammar allows them, but they have no value: the message is refused.
#[tokio::test]
async fn half_surrogates_and_endless_numbers_are_refused() {
    let refused = |path: &str| json!({"code": "invalid", "path": path, "message": "the value was refused"});
    let mut cases = Vec::new();
    for value in [r#""\ud800""#, r#""\udc00""#, r#""\ud800\u0041""#, r#""\ud800\ud800""#] {
        cases.push((format!(r#"{{"type":"send","text":{value},"to":1}}"#), refused("text")));
        cases.push((format!(r#"{{"text":{value},"to":1,"type":"send"}}"#), refused("text")));
        cases.push((format!(r#"{{"type":{value}}}"#), refused("type")));
    }
    for (text, path) in [
        (r#"{"type":"send","text":"","to":1e999}"#, "to"),
        (r#"{"to":-1e999,"type":"send","text":""}"#, "to"),
        (r#"{"type":"send","text":"","to":1,"items":[{"price":1e999}]}"#, "items[0].price"),
    ] {
        cases.push((text.to_owned(), refused(path)));
    }
    let cases: Vec<_> = cases.iter().map(|(text, error)| (text.as_str(), error.clone())).collect();
    check(&["/internal", "/session"], &cases).await;
}

/// The path may be missing if the content comes before its tag, but is never wrong.
#[tokio::test]
async fn paths_do_not_depend_on_the_place_of_the_tag() {
    let mut socket = client(router()).connect("/adjacent").await;
    let mut wrong = Vec::new();
    for (text, code, path) in [
        (r#"{"data":{"text":"x"},"type":"send"}"#, "missing_field", "data.to"),
        (r#"{"data":{"text":"x","to":"1"},"type":"send"}"#, "invalid_type", "data.to"),
        (r#"{"data":{"text":"x","to":1,"more":1},"type":"send"}"#, "unknown_field", "data.more"),
        (r#"{"data":{"text":"x","to":1,"to":1},"type":"send"}"#, "duplicate_field", "data.to"),
        (r#"{"data":[1,2],"type":"pair"}"#, "invalid_type", "data[1]"),
        (r#"{"data":[1],"type":"pair"}"#, "invalid_length", "data"),
    ] {
        let answer = ask(&mut socket, text).await;
        assert_eq!(answer["code"], code, "{text}: {answer}");
        if answer["path"].as_str().is_some_and(|found| found != path) {
            wrong.push(format!("{text}: {answer}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

//! Faults of the input itself, in any representation.

use ignitia::prelude::*;
use serde_json::Value;

use super::{check, not_json, router};
use crate::support::{ask, client, nothing_came};

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

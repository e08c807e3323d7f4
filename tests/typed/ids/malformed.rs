//! Malformed ids, and ids of malformed messages.

use super::{PATHS, invalid_id, router};
use crate::support::{ask, client, nothing_came};

#[tokio::test]
async fn malformed_ids_are_refused() {
    let long = format!("{:?}", "x".repeat(129));
    let long_in_bytes = format!("{:?}", "ü".repeat(65));
    let huge = format!("{:?}", "hunter2".repeat(15_000));
    let escaped = format!("\"{}\"", r"\u0061".repeat(129));
    let (digits, negative, exponent) =
        ("1".repeat(129), format!("-{}", "1".repeat(128)), format!("1e{}", "0".repeat(127)));
    let (many, nested) = ("7".repeat(400_000), format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)));
    let client = client(router());
    for path in PATHS {
        for id in [
            "true",
            "{}",
            r#"{"id":1}"#,
            "[]",
            "[1]",
            r#""\ud83d""#,
            r#""\ude00\ud83d""#,
            &long,
            &long_in_bytes,
            &huge,
            &escaped,
            &digits,
            &negative,
            &exponent,
            &many,
            &nested,
        ] {
            let mut socket = client.connect(path).await;
            for text in [
                format!(r#"{{"id":{id},"type":"fine"}}"#),
                format!(r#"{{"type":"fine","id":{id}}}"#),
                format!(r#"{{"type":"text","text":"","id":{id}}}"#),
                format!(r#"{{"text":"","id":{id},"type":"text"}}"#),
            ] {
                assert_eq!(ask(&mut socket, text.clone()).await, invalid_id(), "{path}: {text:.100}");
            }
            nothing_came(&mut socket).await;
        }
    }
}

/// It would be unknown which of them is meant.
#[tokio::test]
async fn two_ids_are_refused() {
    let client = client(router());
    for path in PATHS {
        let mut socket = client.connect(path).await;
        for text in [
            r#"{"id":1,"id":1,"type":"fine"}"#,
            r#"{"id":1,"type":"fine","id":2}"#,
            r#"{"type":"fine","id":1,"\u0069d":1}"#,
            r#"{"x":0,"id":1,"type":"fine","id":2}"#,
        ] {
            let answer = ask(&mut socket, text).await;
            assert_eq!(
                (&answer["type"], &answer["path"]),
                (&"$error".into(), &"id".into()),
                "{text}: {answer}"
            );
            let code = answer["code"].as_str().unwrap();
            assert!(["invalid_id", "duplicate_field"].contains(&code), "{path}: {text}: {answer}");
            assert_eq!(answer.get("id"), None, "{path}: {text}");
        }
    }
}

#[tokio::test]
async fn malformed_messages_are_answered_under_their_id() {
    let client = client(router());
    for path in PATHS {
        for (text, code) in [
            (r#"{"id":"a"}"#, "missing_tag"),
            (r#"{"id":"a","type":"?"}"#, "unknown_tag"),
            (r#"{"type":"?","id":"a"}"#, "unknown_tag"),
            (r#"{"type":7,"id":"a"}"#, "invalid_type"),
            (r#"{"type":"text","id":"a"}"#, "missing_field"),
            (r#"{"text":1,"type":"text","id":"a"}"#, "invalid_type"),
            (r#"{"type":"text","text":1,"id":"a"}"#, "invalid_type"),
            (r#"{"type":"text","text":"","text":"","\u0069d":"\u0061"}"#, "duplicate_field"),
            (r#"{"type":"many","count":-1,"id":"a"}"#, "invalid_value"),
            (r#"{"type":"fine","type":"fine","id":"a"}"#, "duplicate_field"),
        ] {
            let mut socket = client.connect(path).await;
            let answer = ask(&mut socket, text).await;
            assert_eq!(
                (&answer["code"], &answer["id"]),
                (&code.into(), &"a".into()),
                "{path}: {text}: {answer}"
            );
        }
        // Text that is no JSON has no id.
        let mut socket = client.connect(path).await;
        assert_eq!(ask(&mut socket, r#"{"id":"a","type":"fine""#).await.get("id"), None);
        let deep = format!(r#"{{"id":"a","type":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
        let answer = ask(&mut socket, deep).await;
        assert_eq!(answer["type"], "$error", "{answer}");
    }
}

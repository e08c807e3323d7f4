//! Ids of replies.

use ignitia::prelude::*;
use serde_json::Value;

use super::{PATHS, adjacent, router};
use crate::support::{ask, client, nothing_came};

#[tokio::test]
async fn ids_may_be_strings_and_numbers() {
    let longest = format!("{:?}", "x".repeat(128));
    let longest_in_bytes = format!("{:?}", "ü".repeat(64));
    let ids = [
        "0",
        "7",
        "-7",
        "18446744073709551615",
        "-9223372036854775808",
        "1.5",
        "-0.25",
        r#""""#,
        r#""a""#,
        r#""a\"b\\c\n\u0000ü""#,
        r#""\ud83d\ude00""#,
        &longest,
        &longest_in_bytes,
    ];
    let client = client(router());
    for path in PATHS {
        let mut socket = client.connect(path).await;
        for id in ids {
            let value: Value = serde_json::from_str(id).unwrap();
            for text in [
                format!(r#"{{"id":{id},"type":"text","text":"hi"}}"#),
                format!(r#"{{"type":"text","id":{id},"text":"hi"}}"#),
                format!(r#"{{"type":"text","text":"hi","id":{id}}}"#),
                format!(r#"{{"text":"hi","type":"text","id":{id}}}"#),
                format!(r#"{{"text":"hi","id":{id},"type":"text"}}"#),
                format!(r#"{{"id":{id},"text":"hi","type":"text"}}"#),
                format!(r#"{{ "\u0069d" : {id} , "text" : "hi", "x": {{"id": 1}}, "typ\u0065" : "text" }}"#),
            ] {
                let expected = json!({"type": "text", "text": "hi", "id": value});
                assert_eq!(ask(&mut socket, text.clone()).await, expected, "{path}: {text}");
            }
            for text in [
                format!(r#"{{"type":"fine","id":{id}}}"#),
                format!(r#"{{"id":{id},"type":"fine"}}"#),
                format!(r#"{{"x":1,"id":{id},"type":"fine"}}"#),
            ] {
                let expected = json!({"type": "fine", "id": value});
                assert_eq!(ask(&mut socket, text.clone()).await, expected, "{path}: {text}");
            }
        }
    }
}

/// The client looks for the exact text, in replies, in errors of the handler and in ours.
#[tokio::test]
async fn ids_come_back_as_they_were_written() {
    let most_digits = "9".repeat(128);
    let exact = format!("0.{}", "3".repeat(126));
    let escaped = format!(r#""{}""#, r"\u0061".repeat(128));
    let client = client(router());
    for path in PATHS {
        let mut socket = client.connect(path).await;
        for id in [
            "9007199254740993",
            "18446744073709551615",
            "18446744073709551616",
            "18446744073709551617",
            "-9223372036854775808",
            "-9223372036854775809",
            "340282366920938463463374607431768211457",
            "31.245270191439438",
            "0.9741907119501769",
            "1.50",
            "1.0",
            "1e2",
            "1E+02",
            "1e-7",
            "1e400",
            "-1e999",
            "0",
            "-0",
            "-0.0",
            &most_digits,
            &exact,
            r#""00000000-0000-4000""#,
            r#""1""#,
            r#""\u0061\/\ud83d\ude00""#,
            r#""ü😀""#,
            &escaped,
        ] {
            for text in [
                format!(r#"{{"type":"fine","id":{id}}}"#),
                format!(r#"{{"id":{id},"type":"fine"}}"#),
                format!(r#"{{"x":[1],"id": {id} ,"type":"fine"}}"#),
            ] {
                socket.send_text(text.clone()).await;
                assert_eq!(socket.recv_text().await, format!(r#"{{"id":{id},"type":"fine"}}"#), "{text}");
            }
            for text in [
                format!(r#"{{"type":"fail","id":{id}}}"#),
                format!(r#"{{"id":{id} , "type":"fail"}}"#),
                format!("{{\"y\":1,\"type\":\"fail\",\"id\":\n{id}\t}}"),
            ] {
                socket.send_text(text.clone()).await;
                let failure =
                    format!(r#"{{"type":"$error","id":{id},"code":"failure","message":"it failed"}}"#);
                assert_eq!(socket.recv_text().await, failure, "{text}");
            }
        }
        // Each has a connection of its own: one alone could not have so many.
        for id in ["18446744073709551617", "1.50", &most_digits, &escaped] {
            let mut socket = client.connect(path).await;
            for text in [
                format!(r#"{{"type":"text","id":{id}}}"#),
                format!(r#"{{"id":{id},"type":"text"}}"#),
                format!(r#"{{"x":1,"id":{id},"type":"text"}}"#),
            ] {
                socket.send_text(text.clone()).await;
                let answer = socket.recv_text().await;
                let begin = format!(r#"{{"type":"$error","id":{id},"code":"missing_field","path":"text","#);
                assert!(answer.starts_with(&begin), "{text}: {answer}");
            }
        }
    }
}

#[tokio::test]
async fn adjacently_tagged_ids_come_back_as_they_were_written() {
    let mut socket = client(Router::new().mount(adjacent)).connect("/adjacent").await;
    for id in ["18446744073709551617", "1.50", "-0", r#""\u0061""#] {
        for text in
            [format!(r#"{{"t":"Unit","request id":{id}}}"#), format!(r#"{{"request id":{id},"t":"Unit"}}"#)]
        {
            socket.send_text(text).await;
            assert_eq!(socket.recv_text().await, format!(r#"{{"request id":{id},"t":"Unit"}}"#));
        }
        socket.send_text(format!(r#"{{"c":5,"request id":{id},"t":"Pair"}}"#)).await;
        let answer = socket.recv_text().await;
        assert!(answer.starts_with(&format!(r#"{{"type":"$error","request id":{id},"#)), "{answer}");
        let again = format!(r#"{{"type":"Unit","request id":{id}}}"#);
        socket.send_text(again).await;
        let answer = socket.recv_text().await;
        assert!(answer.starts_with(&format!(r#"{{"type":"$error","request id":{id},"#)), "{answer}");
    }
}

#[tokio::test]
async fn null_counts_as_no_id() {
    let client = client(router());
    for path in PATHS {
        let mut socket = client.connect(path).await;
        for text in
            [r#"{"type":"fine"}"#, r#"{"type":"fine","id":null}"#, r#"{"id":null,"x":1,"type":"fine"}"#]
        {
            assert_eq!(ask(&mut socket, text).await, json!({"type": "fine"}), "{path}: {text}");
        }
        for text in [r#"{"type":"fail"}"#, r#"{"type":"fail","id":null}"#] {
            let expected = json!({"type": "$error", "code": "failure", "message": "it failed"});
            assert_eq!(ask(&mut socket, text).await, expected, "{path}: {text}");
        }
    }
}

#[tokio::test]
async fn errors_and_lists_carry_the_id() {
    let client = client(router());
    for path in PATHS {
        let mut socket = client.connect(path).await;
        let failure = json!({"type": "$error", "id": 7, "code": "failure", "message": "it failed"});
        assert_eq!(ask(&mut socket, r#"{"type":"fail","id":7}"#).await, failure);
        socket.send_text(r#"{"id":"list","type":"many","count":3}"#).await;
        for number in 0..3 {
            let expected = json!({"type": "number", "id": "list", "number": number});
            assert_eq!(socket.recv_json::<Value>().await, expected);
        }
        socket.send_text(r#"{"id":"list","type":"many","count":0}"#).await;
        socket.send_text(r#"{"id":"none","type":"nothing"}"#).await;
        nothing_came(&mut socket).await;
        let answer = ask(&mut socket, r#"{"type":"fail_and_close","id":8}"#).await;
        assert_eq!(answer, json!({"type": "$error", "id": 8, "code": "failure", "message": "it failed"}));
        assert_eq!(socket.expect_close(4000).await.reason, "that was all");
    }
}

/// The id belongs to the message, not to the connection.
#[tokio::test]
async fn an_id_is_not_kept_for_the_next_message() {
    let client = client(router());
    for path in PATHS {
        let mut socket = client.connect(path).await;
        assert_eq!(ask(&mut socket, r#"{"type":"fine","id":1}"#).await, json!({"type": "fine", "id": 1}));
        assert_eq!(ask(&mut socket, r#"{"type":"fine"}"#).await, json!({"type": "fine"}));
        let answer = ask(&mut socket, r#"{"type":"?"}"#).await;
        assert_eq!(answer.get("id"), None);
    }
}

//! Correlation ids: `id = ".."`.

use ignitia::{ClientMessage, ServerMessage, prelude::*};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::support::{ask, client, nothing_came};

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum In {
    Fine,
    Text { text: String },
    Many { count: u32 },
    Fail,
    Nothing,
    FailAndClose,
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Out {
    Fine,
    Text { text: String },
    Number { number: u32 },
}

#[derive(Debug)]
struct Failure {
    closes: bool,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("failure")
    }
}

impl MessageError for Failure {
    fn code(&self) -> &'static str {
        "failure"
    }

    fn public_message(&self) -> std::borrow::Cow<'_, str> {
        "it failed".into()
    }

    fn close(&self) -> Option<CloseFrame> {
        self.closes.then(|| CloseFrame { code: 4000, reason: "that was all".into() })
    }
}

#[websocket("/function", on_message, id = "id")]
async fn function(message: In) -> Result<Vec<Out>, Failure> {
    match message {
        In::Fine => Ok(vec![Out::Fine]),
        In::Text { text } => Ok(vec![Out::Text { text }]),
        In::Many { count } => Ok((0..count).map(|number| Out::Number { number }).collect()),
        In::Fail => Err(Failure { closes: false }),
        In::Nothing => Ok(Vec::new()),
        In::FailAndClose => Err(Failure { closes: true }),
    }
}

struct Session;

#[websocket("/session", message = In, reply = Out, id = "id")]
impl Session {
    async fn accept() -> Self {
        Self
    }

    #[on(Fine)]
    async fn fine(&mut self) -> Option<Out> {
        Some(Out::Fine)
    }

    #[on(Text { text })]
    async fn text(&mut self, text: String) -> Result<Out, Failure> {
        Ok(Out::Text { text })
    }

    #[on(Many { count })]
    async fn many(&mut self, count: u32) -> Vec<Out> {
        (0..count).map(|number| Out::Number { number }).collect()
    }

    #[on(Fail)]
    async fn fail(&mut self) -> Result<(), Failure> {
        Err(Failure { closes: false })
    }

    #[on(Nothing)]
    async fn nothing(&mut self) {}

    #[on(FailAndClose)]
    async fn fail_and_close(&mut self) -> Result<Out, Failure> {
        Err(Failure { closes: true })
    }
}

const PATHS: [&str; 2] = ["/function", "/session"];

fn router() -> Router {
    Router::new().mount(function).mount_session::<Session>()
}

const INVALID: &str = "a number or a string, of at most 128 bytes";

fn invalid_id() -> Value {
    json!({
        "type": "$error", "code": "invalid_id", "path": "id", "message": "the id cannot be used",
        "expected": [INVALID],
    })
}

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

#[derive(Serialize, Deserialize, ClientMessage, ServerMessage)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Unit,
    Fields { id: u8 },
    Number(u8),
    Pair(u8, u8),
}

/// The fields are in the content: an id cannot be mistaken for one.
#[websocket("/adjacent", on_message, id = "request id")]
async fn adjacent(message: Adjacent) -> Adjacent {
    message
}

#[tokio::test]
async fn adjacently_tagged_messages_carry_the_id_beside_their_tag() {
    let mut socket = client(Router::new().mount(adjacent)).connect("/adjacent").await;
    for text in [
        r#"{"t":"Unit","request id":1}"#,
        r#"{"request id":1,"t":"Fields","c":{"id":3}}"#,
        r#"{"c":{"id":3},"request id":1,"t":"Fields"}"#,
        r#"{"c":5,"t":"Number","request id":1}"#,
        r#"{"t":"Pair","request id":1,"c":[1,2]}"#,
        r#"{"request id":"a","t":"Pair","c":[1,2]}"#,
        r#"{"t":"Unit"}"#,
    ] {
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(ask(&mut socket, text).await, value, "{text}");
    }
    let answer = ask(&mut socket, r#"{"c":5,"t":"?","request id":1}"#).await;
    assert_eq!(
        answer,
        json!({
            "type": "$error", "request id": 1, "code": "unknown_tag", "path": "t",
            "message": "`t` names no kind of message that is known", "expected": ["Unit", "Fields", "Number", "Pair"],
        })
    );
    let answer = ask(&mut socket, r#"{"t":"Unit","request id":[]}"#).await;
    assert_eq!((&answer["code"], answer.get("request id")), (&"invalid_id".into(), None), "{answer}");
}

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", deny_unknown_fields)]
enum Strict {
    Fields { a: u8 },
}

/// An agreed id does not count as an unknown field.
#[websocket("/strict", on_message, id = "id")]
async fn strict(message: Strict) -> Out {
    let Strict::Fields { a } = message;
    Out::Number { number: a.into() }
}

#[tokio::test]
async fn an_id_does_not_count_as_an_unknown_field() {
    let mut socket = client(Router::new().mount(strict)).connect("/strict").await;
    for text in [
        r#"{"type":"Fields","a":1,"id":2}"#,
        r#"{"id":2,"type":"Fields","a":1}"#,
        r#"{"a":1,"id":2,"type":"Fields"}"#,
    ] {
        assert_eq!(ask(&mut socket, text).await, json!({"type": "number", "number": 1, "id": 2}), "{text}");
    }
    let answer = ask(&mut socket, r#"{"type":"Fields","a":1,"Id":2}"#).await;
    assert_eq!(answer["code"], "unknown_field");
}

/// Without the option the name has no meaning.
#[derive(Serialize, Deserialize, ClientMessage, ServerMessage)]
#[serde(tag = "type")]
enum Own {
    Named { id: String },
    Unit,
}

#[websocket("/own", on_message)]
async fn own(message: Own) -> Own {
    message
}

#[tokio::test]
async fn without_the_option_an_id_is_a_field_like_others() {
    let mut socket = client(Router::new().mount(own)).connect("/own").await;
    let answer = ask(&mut socket, r#"{"type":"Named","id":"x"}"#).await;
    assert_eq!(answer, json!({"type": "Named", "id": "x"}));
    assert_eq!(ask(&mut socket, r#"{"type":"Unit","id":"x"}"#).await, json!({"type": "Unit"}));
    let answer = ask(&mut socket, r#"{"type":"?","id":"x"}"#).await;
    assert_eq!(answer.get("id"), None);
}
